import { type Family, renderLabels } from "./family.ts";
import { METRICS } from "./metric-table.ts";
import type { SeriesBudget } from "./series-budget.ts";

/**
 * The family of hops and their names, within the limit on series.
 * @param named every hop that has a name, with it, at this moment
 */
export function hopInfoFamily(
  named: () => Iterable<readonly [address: string, name: string]>,
  budget: SeriesBudget,
): Family {
  const { name, type, help } = METRICS.hopInfo;
  const shown = new Set<string>();
  const folded = new Set<string>();
  return {
    name,
    type,
    help,
    collect: (emit) => {
      const hops = new Map(named());
      for (const hop of folded) if (!hops.has(hop)) folded.delete(hop);
      for (const hop of shown) {
        if (hops.has(hop)) continue;
        shown.delete(hop);
        budget.release(1);
      }
      for (const [hop, hopName] of hops) {
        if (!shown.has(hop) && !budget.reserve(1)) {
          if (!folded.has(hop)) budget.fold();
          folded.add(hop);
          continue;
        }
        shown.add(hop);
        emit(renderLabels({ hop, name: hopName }), 1);
      }
    },
  };
}
