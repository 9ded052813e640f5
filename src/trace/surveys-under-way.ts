import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { Trace } from "./trace.ts";

/** The surveys under way, in the order they began. */
export class SurveysUnderWay extends Map<ProbedFlow, Trace> {
  /** Grows with each that begins or ends. */
  changes = 0;

  override set(flow: ProbedFlow, trace: Trace): this {
    this.changes += 1;
    return super.set(flow, trace);
  }

  override delete(flow: ProbedFlow): boolean {
    if (!super.delete(flow)) return false;
    this.changes += 1;
    return true;
  }
}
