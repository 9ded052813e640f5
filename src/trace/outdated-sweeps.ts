import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import { LaterFaults } from "./later-faults.ts";
import type { Trace } from "./trace.ts";

/** A flow that failed for less may have lost a packet or two. */
const LONG_MS = 8000;
/** Flows that recover so soon after each other do so together. */
const TOGETHER_MS = 12_000;
/** So many show that what was broken works again. One in so many more looks at the others once again. */
const ENOUGH = 2;
const EACH_TIME = 8;
/** Flows that still fail are swept anew after this time: most of them are found to work by then. */
const AGAIN_MS = 8000;

/**
 * Forgets what sweeps of flows that fail still have found, once others of their target have come back together: the fault that these
 * crossed is over, so that another holds the rest, and where their packets ended before says nothing of it. Has flows swept anew where another
 * fault has begun on their way.
 */
export class OutdatedSweeps {
  readonly #laterFaults: LaterFaults = new LaterFaults();
  readonly #targets: WeakMap<ProbedTarget, { recovered: number; at: number }> = new WeakMap();

  /** A sweep of a flow that fails ended. @param traces of all flows that fail, of which those that are outdated become due */
  ended(trace: Trace, traces: ReadonlyMap<ProbedFlow, Trace>, now: number): void {
    this.#laterFaults.ended(trace, traces, now);
  }

  /**
   * A flow that was to be swept works again, whether that has been done or not.
   * @param traces of all flows that fail, in which those that are outdated are replaced
   */
  recovered(
    { flow: { target }, startedAt }: Trace,
    traces: Map<ProbedFlow, Trace>,
    now: number,
  ): void {
    if (now - startedAt < LONG_MS) return;
    const last = this.#targets.get(target);
    const before = last !== undefined && now - last.at <= TOGETHER_MS ? last.recovered : 0;
    const recovered = before + 1;
    this.#targets.set(target, { recovered, at: now });
    if (recovered !== ENOUGH && recovered % EACH_TIME !== 0) return;
    for (const [flow, trace] of traces) {
      const { purpose, result } = trace;
      if (flow.target === target && purpose === "failure" && result !== undefined)
        traces.set(flow, trace.anew(now, now + AGAIN_MS));
    }
  }
}
