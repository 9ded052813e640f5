import { Kept } from "../probe/kept.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import { CirclingHops } from "./loops.ts";
import { type Spot, spotOf } from "./paced-probe.ts";
import { isHeard } from "./sweep-rooms.ts";
import type { Trace } from "./trace.ts";

/** What is known of a target for planning its sweeps. */
export interface TargetKnowledge {
  /** Highest TTL at which the destination was seen to answer first. */
  distance: number | undefined;
  /** Lowest TTL at which the destination answered anybody. */
  answersAt: number;
  /** When a sweep of a failing flow ended last. */
  sweptAt: number;
  /** Hops that its flows met in loops. */
  readonly circling: CirclingHops;
  /** The version of these by which its sweeps were looked at last. */
  circlingSeen: number;
}

/** What is known of each target. */
export class KnownTargets {
  readonly #targets: Kept<TargetKnowledge> = new Kept();

  /** Of this one; nothing at first. */
  of(target: ProbedTarget): TargetKnowledge {
    let known = this.#targets.of(target);
    if (known === undefined) {
      const sweptAt = Number.NEGATIVE_INFINITY;
      const circling = new CirclingHops();
      const circlingSeen = circling.version;
      known = { distance: undefined, answersAt: Infinity, sweptAt, circling, circlingSeen };
      this.#targets.set(target, known);
    }
    return known;
  }

  /** The destination answered a packet with this TTL. */
  answeredAt(target: ProbedTarget, ttl: number): void {
    const known = this.of(target);
    known.answersAt = Math.min(known.answersAt, ttl);
  }

  /** Whether a failing flow of the target was swept lately. */
  isHeard(target: ProbedTarget, now: number): boolean {
    return isHeard(this.of(target).sweptAt, now);
  }

  /** A probe of the flow was lost: it may say that packets run in circles. */
  failed({ target, lastFailure }: ProbedFlow, now: number): void {
    if (lastFailure?.reason === "ttl_exceeded") this.of(target).circling.told(now);
  }

  /** Looks again at what sweeps of the target's flows found before, where more is known of its loops by now. */
  reconsider(target: ProbedTarget, traces: Iterable<Trace>, now: number): void {
    const known = this.of(target);
    if (known.circlingSeen === known.circling.version) return;
    known.circlingSeen = known.circling.version;
    for (const trace of traces) {
      if (trace.flow.target === target) trace.reconsider(known.circling, now);
    }
  }

  /**
   * What a packet of a sweep asks. Where the target itself may answer, it is no other target's place.
   * @param before the hop before; null where it is not known
   * @param expected the hop that the flow was seen to meet there
   */
  spot(
    { flow: { target }, spots }: Trace,
    ttl: number,
    before: string | null,
    expected: string | null = null,
  ): Spot {
    const destination = ttl >= this.of(target).answersAt ? target.target.address.text : null;
    const last = spots[ttl];
    if (last?.before === before && last.expected === expected && last.destination === destination)
      return last;
    const spot = spotOf(ttl, before, expected, destination);
    spots[ttl] = spot;
    return spot;
  }
}
