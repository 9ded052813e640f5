import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { Trace } from "./trace.ts";

/** So many flows that worked before must end at a hop: a single sweep may have ended early for want of answers. */
const ENOUGH = 2;
/** Hops that are remembered of a target. */
const MOST_HOPS = 256;

/** Flows that began to fail together and whose sweeps ended at one hop, and when the first did of which that is known. */
interface Wave {
  readonly began: number;
  readonly flows: Set<ProbedFlow>;
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
    const { flow, result } = trace;
    if (result === undefined || result.reached || result.lastHopTtl === null) return;
    if (!trace.isOfKnownWay) return;
    const { lastHop } = result;
    const { target } = flow;
    const began = this.#beganNow(trace, lastHop);
    if (began === undefined) return;
    for (const other of traces.values()) {
      const { flow: of, result: found } = other;
      if (of.target !== target || other.purpose !== "failure" || found === undefined) continue;
      const isPast = found.lastHop !== lastHop && found.seen.includes(lastHop);
      const isEarlier = began - other.startedAt > target.roundMs && found.wholeAt < began;
      if (isPast && isEarlier) other.sweepWhole(now);
    }
  }

  /** When flows began to fail of which enough have ended at the hop by now, told once; undefined for any but the last of these. */
  #beganNow({ flow, startedAt }: Trace, hop: string): number | undefined {
    const { target } = flow;
    const waves = this.#waves.get(target) ?? new Map<string, Wave>();
    this.#waves.set(target, waves);
    const known = waves.get(hop);
    // A sweep of a flow that has failed for long is no sign of a fault that has just begun.
    if (known !== undefined && known.began - startedAt > target.roundMs) return undefined;
    if (known === undefined || startedAt - known.began > target.roundMs) {
      this.#makeRoom(waves);
      waves.set(hop, { began: startedAt, flows: new Set([flow]) });
      return undefined;
    }
    if (known.flows.size >= ENOUGH || known.flows.has(flow)) return undefined;
    known.flows.add(flow);
    return known.flows.size === ENOUGH ? known.began : undefined;
  }

  /** The hop at which flows ended first makes room. */
  #makeRoom(waves: Map<string, Wave>): void {
    const [first] = waves.keys();
    if (waves.size >= MOST_HOPS && first !== undefined) waves.delete(first);
  }
}
