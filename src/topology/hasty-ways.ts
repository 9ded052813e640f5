import type { ProbedTarget } from "../probe/probed-flow.ts";
import type { Topology } from "./topology.ts";

/**
 * Forgets ways that surveys found while the network changed: they lead over hops that failing flows met in a loop, and
 * were found when the flow may have failed already, which its next probe showed. Half of such a way is of before.
 * @param circling hops that stand in a loop, behind where it begins
 */
export function unlearnHastyWays(
  { target, flows }: ProbedTarget,
  topology: Topology,
  circling: readonly string[],
): void {
  if (circling.length === 0) return;
  for (const flow of flows) {
    if (flow?.failingSince === undefined) continue;
    const way = topology.of(flow);
    const workedUntil = flow.failingSince - target.timeoutMs - target.intervalMs;
    if (way === undefined || way.at < workedUntil) continue;
    if (circling.some((hop) => way.hops.includes(hop))) topology.unlearn(flow);
  }
}
