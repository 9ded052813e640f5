import type { HopPacer } from "./hop-pacer.ts";
import type { KnownTargets } from "./known-targets.ts";
import { type LookedAt, RefusedLook, type RefusedSpot } from "./refused-look.ts";
import type { SurveySharing } from "./survey-sharing.ts";
import type { Sweep } from "./sweep.ts";
import type { Trace } from "./trace.ts";

/** A survey that has waited for others for so long asks for itself. */
const LONGEST_WAIT_MS = 300_000;

/**
 * Says which TTLs a survey need not ask, or not yet, because other flows tell who is there, and which surveys need not be looked
 * at, because nothing has changed since all that they would ask was refused.
 */
export class SparedAsks {
  readonly #surveys: SurveySharing;
  readonly #knowledge: KnownTargets;
  readonly #hops: Pick<HopPacer, "spare">;

  /** @param hops says whether a spot may be asked */
  constructor(surveys: SurveySharing, knowledge: KnownTargets, hops: Pick<HopPacer, "spare">) {
    this.#surveys = surveys;
    this.#knowledge = knowledge;
    this.#hops = hops;
  }

  /** Whether a look at the survey would find that it may ask nothing now. */
  isRefused(trace: Trace, now: number): boolean {
    const { refused, sweep } = trace;
    if (refused === undefined || sweep === undefined) return false;
    const mayAsk = ({ spot, again }: RefusedSpot): boolean => this.#hops.spare(spot, now, again);
    return refused.stands(this.#lookedAt(trace, sweep), now, mayAsk);
  }

  /** A survey was looked at, and all that it would ask was refused. */
  refused(trace: Trace, sweep: Sweep, spots: readonly RefusedSpot[], now: number): void {
    trace.refused = new RefusedLook(spots, this.#lookedAt(trace, sweep), now);
  }

  /** Whether it does better to wait: others are asked on its behalf, the hop before will tell what is there, or the one behind does. */
  waits({ flow, startedAt }: Trace, sweep: Sweep, ttl: number, now: number): boolean {
    if (now - startedAt > LONGEST_WAIT_MS) return false;
    const before = sweep.before(ttl);
    if (this.#surveys.waits(flow, ttl, before)) return true;
    if (sweep.isAwaited(ttl + 1) && this.#surveys.tells(flow, ttl + 1)) return true;
    if (before !== null || !sweep.isOpen(ttl - 1) || !this.#surveys.branchesAt(ttl - 1))
      return false;
    return sweep.isAwaited(ttl - 1) || !this.#surveys.tells(flow, ttl);
  }

  /** What all flows share need not be asked of each, nor what the hop behind has told. */
  give({ flow }: Trace, sweep: Sweep): void {
    for (const ttl of sweep.wanted()) {
      const before = sweep.before(ttl);
      const shared = this.#surveys.shared(flow, ttl, before);
      const after = sweep.hopAt(ttl + 1);
      const told = after === null ? undefined : this.#surveys.before(flow, ttl + 1, after);
      const hop = shared === undefined ? told : shared;
      if (hop === undefined) continue;
      if (hop === flow.target.target.address.text) sweep.reached(ttl);
      else sweep.give(ttl, hop);
    }
  }

  #lookedAt({ flow: { target } }: Trace, sweep: Sweep): LookedAt {
    return {
      sweep: sweep.revision,
      sharing: this.#surveys.revision(target),
      answersAt: this.#knowledge.of(target).answersAt,
    };
  }
}
