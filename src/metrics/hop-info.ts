import type { Family } from "./family.ts";
import { infoFamily } from "./info-family.ts";
import { METRICS } from "./metric-table.ts";
import type { SeriesBudget } from "./series-budget.ts";

/**
 * The family of hops and the interfaces that packets come to them by, within the limit on series.
 * @param named every hop that names its one such interface, with that name, at this moment
 */
export function hopInterfaceFamily(
  named: () => Iterable<readonly [hop: string, name: string]>,
  budget: SeriesBudget,
): Family {
  const rows = function* (): Generator<Record<string, string>> {
    for (const [hop, name] of named()) yield { hop, interface: name };
  };
  return infoFamily(METRICS.hopInterfaceInfo, rows, budget);
}

/**
 * The family of hops and their names, within the limit on series.
 * @param named every hop that has a name, with it, at this moment
 */
export function hopInfoFamily(
  named: () => Iterable<readonly [address: string, name: string]>,
  budget: SeriesBudget,
): Family {
  const rows = function* (): Generator<Record<string, string>> {
    for (const [hop, name] of named()) yield { hop, name };
  };
  return infoFamily(METRICS.hopInfo, rows, budget);
}
