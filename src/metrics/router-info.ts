import type { KnownRouter } from "../topology/router-identity.ts";
import type { Topology } from "../topology/topology.ts";
import type { Family } from "./family.ts";
import { infoFamily } from "./info-family.ts";
import { METRICS } from "./metric-table.ts";
import type { SeriesBudget } from "./series-budget.ts";

/**
 * The family of hops whose router is known, within the limit on series.
 * @param topologies of every target that is probed
 * @param routerOf the router of an address, undefined where it is not known
 */
export function routerInfoFamily(
  topologies: () => Iterable<Topology>,
  routerOf: (address: string) => KnownRouter | undefined,
  budget: SeriesBudget,
): Family {
  const rows = function* (): Generator<Record<string, string>> {
    const hops = new Set<string>();
    for (const topology of topologies())
      for (const link of topology.links()) for (const hop of link) hops.add(hop);
    for (const hop of hops) {
      const known = routerOf(hop);
      if (known !== undefined) yield { hop, router: known.router, source: known.source };
    }
  };
  return infoFamily(METRICS.routerInfo, rows, budget);
}
