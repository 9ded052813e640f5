import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { Trace } from "./trace.ts";

/** So many flows that worked before must end at a hop: a single sweep may have ended early for want of answers. */
const ENOUGH = 2;

/** Flows that began to fail together and whose sweeps ended at one hop. */
interface Wave {
  began: number;
  sweeps: number;
}

/**
 * Has flows swept once more that have failed for longer than others, and that got past the hop where these end now: something else has broken on their
 * way since, so that what their sweeps found there is of before.
 */
export class LaterFaults {
  readonly #waves: WeakMap<ProbedTarget, Map<string, Wave>> = new WeakMap();

  /**
   * A sweep of a flow that fails ended. One that never worked on a way that is known, as after a rotation, does not tell when its fault began.
   * @param traces of all flows that fail
   */
  ended(trace: Trace, traces: ReadonlyMap<ProbedFlow, Trace>, now: number): void {
    const { flow, result, startedAt } = trace;
    if (result === undefined || result.reached || result.lastHopTtl === null) return;
    if (!trace.isOfKnownWay) return;
    const { lastHop } = result;
    const { target } = flow;
    if (!this.#isEnough(target, lastHop, startedAt)) return;
    for (const other of traces.values()) {
      const { flow: of, result: found } = other;
      if (of.target !== target || other.purpose !== "failure" || found === undefined) continue;
      const isPast = found.lastHop !== lastHop && found.seen.includes(lastHop);
      const isEarlier = startedAt - other.startedAt > target.roundMs && found.wholeAt < startedAt;
      if (isPast && isEarlier) other.sweepWhole(now);
    }
  }

  /** Whether so many sweeps of flows that began to fail together have ended at the hop by now, told once. */
  #isEnough(target: ProbedTarget, hop: string, startedAt: number): boolean {
    const waves = this.#waves.get(target) ?? new Map<string, Wave>();
    this.#waves.set(target, waves);
    const wave = waves.get(hop);
    if (wave === undefined || startedAt - wave.began > target.roundMs) {
      waves.set(hop, { began: startedAt, sweeps: 1 });
      return false;
    }
    wave.sweeps += 1;
    return wave.sweeps === ENOUGH;
  }
}
