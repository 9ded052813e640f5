import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { SteadyPlaces } from "./steady-places.ts";

/** Flows that are swept twice in a round. */
const SWEPT_TWICE = 8;
/**
 * Flows that must have met two routers at a TTL: a single one may have had its path changed in between. Two next
 * hops that take turns packet by packet are recognised with a chance of 0.96 in a round.
 */
const LEAST_AGREEING = 2;

/**
 * Recognises balancing by packet: a few flows are swept twice, and where the same flow met different routers at one
 * TTL no path through it is any flow's. Where enough flows of other targets met the same twice, nobody is asked twice.
 */
export class PerPacketBalancing {
  readonly #first: Map<ProbedFlow, readonly (string | null)[]> = new Map();
  /** By TTL: flows that met two routers there. */
  readonly #differing: Map<number, number> = new Map();
  readonly #steady: SteadyPlaces;
  readonly #isCommon: (place: string) => boolean;
  #compared = 0;
  #spared = 0;

  /**
   * @param steady what flows of all targets met twice
   * @param isCommon whether all flows meet the same in a place, a TTL behind a hop: nothing is balanced there
   */
  constructor(steady: SteadyPlaces, isCommon: (place: string) => boolean = () => false) {
    this.#steady = steady;
    this.#isCommon = isCommon;
  }

  /**
   * A flow was swept to its destination.
   * @param hops by TTL from 1
   * @returns whether it is to be swept once more
   */
  saw(flow: ProbedFlow, hops: readonly (string | null)[]): boolean {
    const before = this.#first.get(flow);
    if (before === undefined) {
      if (this.#first.size + this.#spared >= SWEPT_TWICE) return false;
      if (this.#steady.areSteady(hops, this.#isCommon)) {
        this.#spared += 1;
        return false;
      }
      this.#first.set(flow, hops);
      this.#steady.willMeetAgain(hops);
      return true;
    }
    this.#compared += 1;
    for (const index of this.#steady.metAgain(before, hops)) {
      this.#differing.set(index + 1, (this.#differing.get(index + 1) ?? 0) + 1);
    }
    return false;
  }

  /**
   * The TTLs that are balanced by packet. What flows have shown, also those of other targets, is told at once; that there is nothing
   * else, only when every one of those flows has been swept twice.
   * @param before the TTLs that were held to be balanced so
   */
  perPacketTtls(before: ReadonlySet<number>): ReadonlySet<number> {
    const agreeing = [...this.#differing].filter(([, flows]) => flows >= LEAST_AGREEING);
    const isOver = this.#compared + this.#spared > 0 && this.#compared >= this.#first.size;
    const shared = [...this.#first.values()].flatMap((hops) => this.#steady.balanced(hops));
    return new Set([...(isOver ? [] : before), ...agreeing.map(([ttl]) => ttl), ...shared]);
  }
}
