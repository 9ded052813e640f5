import type { ProbedTarget } from "../probe/probed-flow.ts";
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
}

/** What is known of each target. */
export class KnownTargets {
  readonly #targets: WeakMap<ProbedTarget, TargetKnowledge> = new WeakMap();

  /** Of this one; nothing at first. */
  of(target: ProbedTarget): TargetKnowledge {
    let known = this.#targets.get(target);
    if (known === undefined) {
      const sweptAt = Number.NEGATIVE_INFINITY;
      known = { distance: undefined, answersAt: Infinity, sweptAt, circling: new CirclingHops() };
      this.#targets.set(target, known);
    }
    return known;
  }

  /** Whether a failing flow of the target was swept lately. */
  isHeard(target: ProbedTarget, now: number): boolean {
    return isHeard(this.of(target).sweptAt, now);
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
