import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { CommonHops } from "./common-hops.ts";

/**
 * Where this many flows met the same hop, and none another, nobody else is asked: of two next hops that share the flows
 * evenly one would have been missed with a chance of 2^-23, one that gets a tenth of them with 0.08.
 */
const ENOUGH = 24;
/** The same where the flows of all targets met that in that place, and none met anything else. */
const ENOUGH_TOGETHER = 4;

/** Flows whose silence at one place is believed where others are answered; each was asked several times. */
const SILENT_TOGETHER = 3;

/** The flows that are asked in one place for all, and what they met there. */
interface Sample {
  /** Asked, and not known to have met anybody yet. */
  readonly asking: Set<ProbedFlow>;
  /** By hop, null for silence. */
  readonly met: Map<string | null, Set<ProbedFlow>>;
}

/**
 * Merges the sweeps of a target's flows, so that what they share is asked of some only: first of all flows at a TTL,
 * then, where those differ, of the flows that came by the same hop before it. As long as those that were asked agree,
 * the others wait; they are the first that were asked, not the first that were answered, since ways with silent hops
 * take longer.
 *
 *     TTL 1  r1                asked of 24
 *     TTL 2  a1   a2   a3      asked of all
 *     TTL 3  b1   b2   b2      asked of 24 behind each
 *
 * Where the flows of all targets agree on a hop in a place, a single flow that was asked at the TTL, behind whichever hop,
 * and met what all meet there too, is enough to see that its target is no exception.
 */
export class SharedHopInference {
  readonly #samples: Map<string, Sample> = new Map();
  /** By TTL: the places behind a hop in which a flow met something. */
  readonly #places: Map<number, Set<string>> = new Map();
  /** By TTL or place: flows that met silence, be it believed or not. */
  readonly #silent: Map<string, Set<ProbedFlow>> = new Map();
  /** The TTLs that each flow was asked itself. */
  readonly #asked: Map<ProbedFlow, Set<number>> = new Map();
  readonly #common: CommonHops;
  #revision: number;

  /** @param common what the flows of all targets met */
  constructor(common: CommonHops) {
    this.#common = common;
    this.#revision = common.nextRevision();
  }

  /** A number that was never told before whenever something else may be said of the flows. */
  get revision(): number {
    return Math.max(this.#revision, this.#common.revision);
  }

  /** Something else may be said of the flows from now on. */
  changed(): void {
    this.#revision = this.#common.nextRevision();
  }

  /**
   * The hop that all flows meet at a TTL, or at least all that come by the same hop before it (null: silence); undefined
   * where they differ or too few were asked.
   * @param before the hop before, `source` before the first; null where it is not known
   */
  shared(ttl: number, before: string | null): string | null | undefined {
    const everywhere = this.#agreed(String(ttl), ttl, before);
    if (everywhere !== undefined || before === null) return everywhere;
    const here = this.#agreed(this.#common.names.of(ttl, before), ttl, before);
    return here === undefined ? this.#everybodys(ttl, before) : here;
  }

  /** Whether a flow is to wait for what others are asked on behalf of all. */
  waits(flow: ProbedFlow, ttl: number, before: string | null): boolean {
    if (this.#isFilled(String(ttl), flow, ttl, before)) return true;
    if (before === null) return false;
    const place = this.#common.names.of(ttl, before);
    const all = this.#samples.get(String(ttl));
    if ((all?.met.size ?? 0) > 1 && this.#isFilled(place, flow, ttl, before)) return true;
    // One of the target's own is asked, others are asked for all in this place.
    if (all === undefined || all.asking.has(flow) || this.#common.isAsked(place, flow))
      return false;
    return (
      all.asking.size + all.met.size > 0 && this.#isOrdinary(ttl) && this.#common.isFilled(place)
    );
  }

  /** Whether what a flow meets at a TTL tells the hop before it: flows of all targets have shown that, and this one's met what they do. */
  tells(ttl: number): boolean {
    const isSeen = (this.#places.get(ttl)?.size ?? 0) > 0;
    return isSeen && this.#common.telling.tells(ttl) && this.#isOrdinary(ttl);
  }

  /** The hop before one that a flow met at a TTL; undefined where that does not tell. */
  before(ttl: number, hop: string): string | undefined {
    return this.tells(ttl) ? this.#common.telling.before(ttl, hop) : undefined;
  }

  /** How many hops the flows met at TTLs at which those of all targets branch. */
  get branches(): number {
    let hops = 0;
    for (const ttl of this.#common.branching) hops += this.#samples.get(String(ttl))?.met.size ?? 0;
    return hops;
  }

  /** A flow is asked at a TTL. */
  asked(flow: ProbedFlow, ttl: number, before: string | null): void {
    const asked = this.#asked.get(flow);
    if (asked === undefined) this.#asked.set(flow, new Set([ttl]));
    else asked.add(ttl);
    for (const sample of this.#at(ttl, before)) sample.asking.add(flow);
    this.changed();
    if (before !== null) this.#common.asked(this.#common.names.of(ttl, before), flow);
  }

  /** A flow that was asked met a hop, null where nobody answered; of one that was not asked nothing is learnt. */
  met(flow: ProbedFlow, ttl: number, before: string | null, hop: string | null): void {
    if (this.#asked.get(flow)?.has(ttl) !== true) return;
    this.changed();
    for (const { asking, met } of this.#at(ttl, before)) {
      asking.delete(flow);
      const flows = met.get(hop);
      if (flows === undefined) met.set(hop, new Set([flow]));
      else flows.add(flow);
    }
    if (before === null) return;
    const place = this.#common.names.of(ttl, before);
    this.#places.set(ttl, (this.#places.get(ttl) ?? new Set()).add(place));
    this.#common.telling.met(ttl, before, place);
    this.#common.met(ttl, place, flow, hop);
  }

  /**
   * A flow's sweep is over: whatever it was asked and did not meet is left to others.
   * @param doubted the TTLs, with the hop before, at which it will be asked once more
   */
  ended(flow: ProbedFlow, doubted: readonly (readonly [ttl: number, before: string])[] = []): void {
    this.changed();
    this.#asked.delete(flow);
    for (const { asking } of this.#samples.values()) asking.delete(flow);
    this.#common.leftBut(
      flow,
      doubted.map(([ttl, before]) => this.#common.names.of(ttl, before)),
    );
  }

  /**
   * A flow met silence at a TTL.
   * @returns whether to doubt it: flows that came another way met a hop there, which may be the same router with its
   *   rate limit used up, and too few others met silence behind the same hop
   */
  doubts(flow: ProbedFlow, ttl: number, before: string | null): boolean {
    const key = before === null ? String(ttl) : this.#common.names.of(ttl, before);
    const silent = this.#silent.get(key) ?? new Set();
    this.#silent.set(key, silent.add(flow));
    const own = [...(this.#samples.get(String(ttl))?.met.keys() ?? [])].some((hop) => hop !== null);
    const answered = own || (before !== null && this.#common.only(key) !== undefined);
    return answered && silent.size < SILENT_TOGETHER;
  }

  /** The one hop that enough flows met, and none another; undefined where there is none. */
  #agreed(key: string, ttl: number, before: string | null): string | null | undefined {
    const sample = this.#samples.get(key);
    if (sample?.met.size !== 1) return undefined;
    const [[hop, flows] = [null, new Set()]] = sample.met;
    return flows.size >= this.#enough(ttl, before, hop) ? hop : undefined;
  }

  /** What all targets meet in a place, where this one was seen to meet at the TTL what they do. */
  #everybodys(ttl: number, before: string): string | undefined {
    const hop = this.#common.agreed(this.#common.names.of(ttl, before));
    const isSeen = (this.#places.get(ttl)?.size ?? 0) > 0;
    return typeof hop === "string" && isSeen && this.#isOrdinary(ttl) ? hop : undefined;
  }

  /** Whether the flows met at a TTL, behind whichever hop, what those of all targets meet there. */
  #isOrdinary(ttl: number): boolean {
    for (const place of this.#places.get(ttl) ?? []) {
      if (this.#common.only(place) === undefined) return false;
    }
    return true;
  }

  /** Whether enough others are asked what this flow would be, and agree so far. */
  #isFilled(key: string, flow: ProbedFlow, ttl: number, before: string | null): boolean {
    const sample = this.#samples.get(key);
    if (sample === undefined || sample.met.size > 1 || sample.asking.has(flow)) return false;
    const [[hop, flows] = [undefined, new Set()]] = sample.met;
    return sample.asking.size + flows.size >= this.#enough(ttl, before, hop);
  }

  #enough(ttl: number, before: string | null, hop: string | null | undefined): number {
    const agreed =
      before === null ? undefined : this.#common.agreed(this.#common.names.of(ttl, before));
    const same = agreed !== undefined && (hop === undefined || hop === agreed);
    return same ? ENOUGH_TOGETHER : ENOUGH;
  }

  #at(ttl: number, before: string | null): Sample[] {
    const keys =
      before === null ? [String(ttl)] : [String(ttl), this.#common.names.of(ttl, before)];
    return keys.map((key) => {
      const sample = this.#samples.get(key) ?? { asking: new Set(), met: new Map() };
      this.#samples.set(key, sample);
      return sample;
    });
  }
}
