import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { CommonHops } from "./common-hops.ts";

/**
 * Where this many flows met the same hop, and none another, nobody else is asked: of two next hops that share the flows
 * evenly one would have been missed with a chance of 2^-23, one that gets a tenth of them with 0.08.
 */
const ENOUGH = 24;
/** The same where the flows of other targets met that hop in that place, and none another. */
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
 */
export class SharedHopInference {
  readonly #samples: Map<string, Sample> = new Map();
  /** By TTL or place: flows that met silence, be it believed or not. */
  readonly #silent: Map<string, Set<ProbedFlow>> = new Map();
  /** The TTLs that each flow was asked itself. */
  readonly #asked: Map<ProbedFlow, Set<number>> = new Map();
  readonly #common: CommonHops;

  /** @param common what the flows of all targets met */
  constructor(common: CommonHops) {
    this.#common = common;
  }

  /**
   * The hop that all flows meet at a TTL, or at least all that come by the same hop before it (null: silence); undefined
   * where they differ or too few were asked.
   * @param before the hop before, `source` before the first; null where it is not known
   */
  shared(ttl: number, before: string | null): string | null | undefined {
    const everywhere = this.#agreed(String(ttl), ttl, before);
    if (everywhere !== undefined || before === null) return everywhere;
    return this.#agreed(placeOf(ttl, before), ttl, before);
  }

  /** Whether a flow is to wait for what others are asked on behalf of all. */
  waits(flow: ProbedFlow, ttl: number, before: string | null): boolean {
    if (this.#isFilled(String(ttl), flow, ttl, before)) return true;
    const differ = (this.#samples.get(String(ttl))?.met.size ?? 0) > 1;
    return before !== null && differ && this.#isFilled(placeOf(ttl, before), flow, ttl, before);
  }

  /** A flow is asked at a TTL. */
  asked(flow: ProbedFlow, ttl: number, before: string | null): void {
    const asked = this.#asked.get(flow);
    if (asked === undefined) this.#asked.set(flow, new Set([ttl]));
    else asked.add(ttl);
    for (const sample of this.#at(ttl, before)) sample.asking.add(flow);
  }

  /** A flow that was asked met a hop, null where nobody answered; of one that was not asked nothing is learnt. */
  met(flow: ProbedFlow, ttl: number, before: string | null, hop: string | null): void {
    if (this.#asked.get(flow)?.has(ttl) !== true) return;
    const samples = this.#at(ttl, before);
    const again = samples.every(({ met }) => met.get(hop)?.has(flow) === true);
    if (!again && before !== null) this.#common.add(placeOf(ttl, before), hop);
    for (const { asking, met } of samples) {
      asking.delete(flow);
      const flows = met.get(hop);
      if (flows === undefined) met.set(hop, new Set([flow]));
      else flows.add(flow);
    }
  }

  /** A flow's sweep is over: whatever it was asked and did not meet is left to others. */
  ended(flow: ProbedFlow): void {
    this.#asked.delete(flow);
    for (const { asking } of this.#samples.values()) asking.delete(flow);
  }

  /**
   * A flow met silence at a TTL.
   * @returns whether to doubt it: flows that came another way met a hop there, which may be the same router with its
   *   rate limit used up, and too few others met silence behind the same hop
   */
  doubts(flow: ProbedFlow, ttl: number, before: string | null): boolean {
    const key = before === null ? String(ttl) : placeOf(ttl, before);
    const silent = this.#silent.get(key) ?? new Set();
    this.#silent.set(key, silent.add(flow));
    const answered = [...(this.#samples.get(String(ttl))?.met.keys() ?? [])].some(
      (hop) => hop !== null,
    );
    return answered && silent.size < SILENT_TOGETHER;
  }

  /** The one hop that enough flows met, and none another; undefined where there is none. */
  #agreed(key: string, ttl: number, before: string | null): string | null | undefined {
    const sample = this.#samples.get(key);
    if (sample?.met.size !== 1) return undefined;
    const [[hop, flows] = [null, new Set()]] = sample.met;
    return flows.size >= this.#enough(ttl, before, hop) ? hop : undefined;
  }

  /** Whether enough others are asked what this flow would be, and agree so far. */
  #isFilled(key: string, flow: ProbedFlow, ttl: number, before: string | null): boolean {
    const sample = this.#samples.get(key);
    if (sample === undefined || sample.met.size > 1 || sample.asking.has(flow)) return false;
    const [[hop, flows] = [undefined, new Set()]] = sample.met;
    return sample.asking.size + flows.size >= this.#enough(ttl, before, hop);
  }

  #enough(ttl: number, before: string | null, hop: string | null | undefined): number {
    const common = before !== null && this.#common.agreeOn(placeOf(ttl, before), hop);
    return common ? ENOUGH_TOGETHER : ENOUGH;
  }

  #at(ttl: number, before: string | null): Sample[] {
    const keys = before === null ? [String(ttl)] : [String(ttl), placeOf(ttl, before)];
    return keys.map((key) => {
      const sample = this.#samples.get(key) ?? { asking: new Set(), met: new Map() };
      this.#samples.set(key, sample);
      return sample;
    });
  }
}

function placeOf(ttl: number, before: string): string {
  return `${ttl} behind ${before}`;
}
