import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { PathAttribution } from "../topology/path-attribution.ts";
import type { LastHops } from "../trace/last-hops.ts";

/**
 * No trace will tell where the flow's failures so far went: their last hop is unknown, and their path what is known by now. Of a flow
 * that works again a survey still tells the path.
 * @param hasRaw whether there are surveys
 */
export function giveUp(
  flow: ProbedFlow,
  hasRaw: boolean,
  lastHops: Pick<LastHops, "untraceable">,
  attribution: Pick<PathAttribution, "untraced">,
): void {
  lastHops.untraceable(flow);
  if (flow.state === "failing" || !hasRaw) attribution.untraced(flow);
}
