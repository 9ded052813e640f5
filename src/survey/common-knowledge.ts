import type { ProbedTarget } from "../probe/probed-flow.ts";
import { CommonHops } from "./common-hops.ts";
import { SteadyPlaces } from "./steady-places.ts";

/** What the rounds of all targets have in common whose flows routers tell apart by the same fields. */
export interface Common {
  readonly hops: CommonHops;
  readonly steady: SteadyPlaces;
  /** Targets whose round began since all of it was last asked anew. */
  readonly begun: Set<ProbedTarget>;
}

/**
 * What the rounds of targets have in common. Routers mostly hash ICMP by addresses alone, so that all flows of such a target take one path: a
 * dozen of them that agree are one that does, and say nothing of flows with ports. So the two are kept apart.
 */
export class CommonKnowledge {
  readonly #icmp: Common = nothing();
  readonly #ports: Common = nothing();

  /** What a target's rounds share. */
  of({ target }: ProbedTarget): Common {
    return target.protocol === "icmp" ? this.#icmp : this.#ports;
  }

  /** A round of a target begins: when it is the second of one target, all that it shares is asked anew. */
  begin(target: ProbedTarget): void {
    const { hops, steady, begun } = this.of(target);
    if (begun.has(target)) {
      begun.clear();
      hops.age();
      steady.age();
    }
    begun.add(target);
  }

  /** The target is no longer probed. */
  forget(target: ProbedTarget): void {
    const { hops, begun } = this.of(target);
    begun.delete(target);
    hops.changed();
  }

  /** Grows whenever something else may be said of any flow. */
  get changes(): number {
    return this.#ports.hops.latestRevision + this.#icmp.hops.latestRevision;
  }

  /** Whether flows that came by the same hop met different ones at a TTL. */
  branchesAt(ttl: number): boolean {
    return this.#ports.hops.branching.has(ttl) || this.#icmp.hops.branching.has(ttl);
  }
}

function nothing(): Common {
  return { hops: new CommonHops(), steady: new SteadyPlaces(), begun: new Set() };
}
