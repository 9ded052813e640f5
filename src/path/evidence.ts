import type { ProbedFlow } from "../probe/probed-flow.ts";
import { type FlowCounts, FlowWindow, WINDOW_MS } from "./flow-window.ts";

/** Chance that a fault that is still there passes for healed. */
const HEALED_CHANCE = 0.01;

/** What the flows of one target did in the last five minutes, flows that a rotation has retired included. */
export class Evidence {
  readonly #flows: Map<ProbedFlow, FlowWindow> = new Map();

  /** A valid probe ended. */
  add(flow: ProbedFlow, failed: boolean, now: number): void {
    let window = this.#flows.get(flow);
    if (window === undefined) {
      window = new FlowWindow(now);
      this.#flows.set(flow, window);
    }
    window.add(failed, now);
  }

  /** Every flow with probes in the window and its counts; those of before are forgotten. */
  counts(now: number): Map<ProbedFlow, FlowCounts> {
    const counts = new Map<ProbedFlow, FlowCounts>();
    for (const [flow, window] of this.#flows) {
      if (now - window.lastAt > WINDOW_MS) {
        this.#flows.delete(flow);
        continue;
      }
      const own = window.counts(now);
      if (own.probes > 0) counts.set(flow, own);
    }
    return counts;
  }

  /**
   * Forgets the failures of flows that a fault with this loss would no longer explain: so many probes in a row were
   * answered that the fault, were it still there, would have hit one with near certainty.
   * @param lossRatio of the fault, 0 to 1
   * @returns whether the failures were forgotten
   */
  healed(flows: readonly ProbedFlow[], lossRatio: number): boolean {
    let answered = 0;
    for (const flow of flows) answered += this.#flows.get(flow)?.answeredSince ?? 0;
    if ((1 - Math.min(lossRatio, 0.99)) ** answered > HEALED_CHANCE) return false;
    for (const flow of flows) this.#flows.get(flow)?.clear();
    return true;
  }
}
