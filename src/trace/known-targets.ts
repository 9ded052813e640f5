import type { ProbedTarget } from "../probe/probed-flow.ts";
import { HopPacer } from "./hop-pacer.ts";
import type { Spot } from "./paced-probe.ts";

/** What is known of a target for planning its sweeps. */
export interface TargetKnowledge {
  /** Highest TTL at which the destination was seen to answer first. */
  distance: number | undefined;
  /** Lowest TTL at which the destination answered anybody. */
  answersAt: number;
  /** When a healthy flow was swept beside failing ones last. */
  controlAt: number;
}

/** What is known of each target. */
export class KnownTargets {
  readonly #targets: WeakMap<ProbedTarget, TargetKnowledge> = new WeakMap();

  /** Of this one; nothing at first. */
  of(target: ProbedTarget): TargetKnowledge {
    let known = this.#targets.get(target);
    if (known === undefined) {
      known = { distance: undefined, answersAt: Infinity, controlAt: Number.NEGATIVE_INFINITY };
      this.#targets.set(target, known);
    }
    return known;
  }

  /**
   * What a packet to a target asks. Where the target itself may answer, it is no other target's place.
   * @param before the hop before; null where it is not known
   * @param expected the hop that the flow was seen to meet there
   */
  spot(
    target: ProbedTarget,
    ttl: number,
    before: string | null,
    expected: string | null = null,
  ): Spot {
    const mayAnswer = ttl >= this.of(target).answersAt;
    return HopPacer.spot(ttl, before, expected, mayAnswer ? target.target.address.text : null);
  }
}
