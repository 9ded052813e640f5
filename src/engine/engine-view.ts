import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { TraceResult } from "../trace/trace.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";

/** What the engine knows at this moment, to be read and not changed: by metrics at scrape time, by API and page. */
export interface EngineView {
  /** The last hop of a flow now: the destination while it is up, `unknown` while a failure is not traced yet. */
  lastHopOf(flow: ProbedFlow): string;
  /** What the sweeps of a failing flow have found so far. */
  traceOf(flow: ProbedFlow): TraceResult | undefined;
  /** Tells observers of the target's answers that they have not been told of yet: whoever reads what they count asks for it first. */
  tellAnswers(target: ProbedTarget): void;
  /** What is known of a target's paths, its evidence and its verdict. */
  pathsOf(target: ProbedTarget): TargetPaths;
}
