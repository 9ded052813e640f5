import { HopPacer } from "./hop-pacer.ts";
import type { SurveySharing } from "./survey-sharing.ts";
import type { Sweep } from "./sweep.ts";
import type { Trace } from "./trace.ts";

/** Says which TTLs of a sweep need not be asked, or not yet, because other flows or what is known of this one tell who is there. */
export class SparedAsks {
  readonly #surveys: SurveySharing;
  readonly #hops: HopPacer;

  constructor(surveys: SurveySharing, hops: HopPacer) {
    this.#surveys = surveys;
    this.#hops = hops;
  }

  /** Whether a survey does better to wait: others are asked on its behalf, or the hop before will tell what is there. */
  isEarly({ flow }: Trace, sweep: Sweep, ttl: number, before: string | null): boolean {
    if (this.#surveys.waits(flow, ttl, before)) return true;
    return (
      before === null && sweep.isOpen(ttl - 1) && this.#surveys.branchesAt(flow.target, ttl - 1)
    );
  }

  /**
   * Whether a failing flow need not ask a hop that it is known to meet: it got an answer from further on, or may get one.
   * So the answers of the hops that all flows share are left to those that get no other.
   */
  isTold({ flow }: Trace, sweep: Sweep, ttl: number, own: string | null | undefined): boolean {
    const hop = own ?? this.#surveys.shared(flow.target, ttl, sweep.before(ttl));
    if (typeof hop !== "string" || hop === flow.target.target.address.text) return false;
    if (!sweep.isPassed(ttl)) return sweep.mayPass(ttl);
    sweep.give(ttl, hop);
    return true;
  }

  /** What all flows share need not be asked of each. */
  giveShared({ flow }: Trace, sweep: Sweep, now: number): void {
    for (const ttl of sweep.wanted()) {
      const before = sweep.before(ttl);
      const hop = this.#surveys.shared(flow.target, ttl, before);
      if (hop === undefined) continue;
      // What only others have shown is seen for oneself where nobody has to do without an answer for it.
      const spot = HopPacer.spot(ttl, before);
      if (before !== null && !this.#surveys.isSeen(flow, ttl) && this.#hops.spare(spot, now))
        continue;
      if (hop === flow.target.target.address.text) sweep.reached(ttl);
      else sweep.give(ttl, hop);
    }
  }
}
