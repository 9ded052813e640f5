import type { ProbedTarget } from "../probe/probed-flow.ts";
import type { Trace } from "./trace.ts";

/** Sweeps of failing flows and controls under way at once, over all targets and for one of them: the budget then serves each within seconds. */
const MOST = 96;
const MOST_A_TARGET = 32;
/** More of them, each the only one of its target. */
const MORE_ALONE = 96;
/** A target of which a failing flow was swept within this time has been heard. */
const HEARD_FOR_MS = 60_000;

/** Whether a failing flow of a target was swept lately. */
export function isHeard(sweptAt: number, now: number): boolean {
  return now - sweptAt < HEARD_FOR_MS;
}

/**
 * The sweeps of failing flows and controls that are under way in a turn, and whether one more may begin. Those of flows that work again take
 * no room: after a loss that all flows of several targets met there are hundreds, and what they find is of the past.
 */
export class SweepRooms {
  readonly #active: Trace[] = [];
  readonly #ofWorking: Trace[] = [];
  readonly #ofTarget: Map<ProbedTarget, number> = new Map();

  /** A sweep is under way. */
  add(trace: Trace): void {
    const { target, state } = trace.flow;
    if (trace.purpose === "failure" && state === "up") {
      this.#ofWorking.push(trace);
      return;
    }
    this.#active.push(trace);
    this.#ofTarget.set(target, (this.#ofTarget.get(target) ?? 0) + 1);
  }

  /**
   * Those that may ask, in the order of what an answer tells: flows without a last hop, those swept again, and those that work again.
   * @param may whether one may ask now
   */
  ranked(may: (trace: Trace) => boolean): Record<"first" | "again" | "ofWorking", Trace[]> {
    const active = this.#active.filter(may);
    return {
      first: active.filter(({ result }) => result === undefined),
      again: active.filter(({ result }) => result !== undefined),
      ofWorking: this.#ofWorking.filter(may),
    };
  }

  /**
   * Whether a sweep of this target may begin. The failing flows of one target fill the room before those of others have failed:
   * there is more for targets that none is under way of and that have not been heard.
   */
  has(target: ProbedTarget, heard: boolean): boolean {
    const own = this.#ofTarget.get(target) ?? 0;
    if (own === 0 && !heard) return this.#active.length < MOST + MORE_ALONE;
    return this.#active.length < MOST && own < MOST_A_TARGET;
  }
}

/**
 * The order in which sweeps ask, where all of them ask the same hop and it gives one answer a second: targets that have not been
 * heard come first, and of each target one flow before the second of any. So each target has a last hop before long.
 */
export function inTargetOrder(
  traces: readonly Trace[],
  heard: (target: ProbedTarget) => boolean,
): Trace[] {
  const seen = new Map<ProbedTarget, number>();
  const ranked = traces.map((trace) => {
    const { target } = trace.flow;
    const nth = seen.get(target) ?? 0;
    seen.set(target, nth + 1);
    return { trace, later: heard(target) ? 1 : 0, nth };
  });
  ranked.sort((a, b) => a.later - b.later || a.nth - b.nth);
  return ranked.map(({ trace }) => trace);
}
