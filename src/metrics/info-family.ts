import { type Family, renderLabels } from "./family.ts";
import type { MetricSpec } from "./metric-spec.ts";
import type { SeriesBudget } from "./series-budget.ts";

/**
 * A family that is 1 for each set of labels there is at this moment, within the limit on series.
 * @param rows the sets of labels, each in the order in which they are shown
 */
export function infoFamily(
  { name, type, help }: MetricSpec,
  rows: () => Iterable<Readonly<Record<string, string>>>,
  budget: SeriesBudget,
): Family {
  const shown = new Set<string>();
  const folded = new Set<string>();
  return {
    name,
    type,
    help,
    collect: (emit) => {
      const present = new Set<string>();
      for (const labels of rows()) present.add(renderLabels(labels));
      for (const labels of folded) if (!present.has(labels)) folded.delete(labels);
      for (const labels of shown) {
        if (present.has(labels)) continue;
        shown.delete(labels);
        budget.release(1);
      }
      for (const labels of present) {
        if (!shown.has(labels) && !budget.reserve(1)) {
          if (!folded.has(labels)) budget.fold();
          folded.add(labels);
          continue;
        }
        shown.add(labels);
        emit(labels, 1);
      }
    },
  };
}
