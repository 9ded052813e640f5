import {
  DataqueryBuilder,
  PromQueryFormat,
  QueryEditorMode,
} from "@grafana/grafana-foundation-sdk/prometheus";

import { variable } from "./links.ts";

/** The data source that the dashboard's first variable chooses. */
export const DATASOURCE = { type: "prometheus", uid: variable("datasource") } as const;

/** Series over time. `legend` is made of `{{label}}`s and text. */
export function series(expression: string, legend: string, refId = "A"): DataqueryBuilder {
  return query(expression, refId).format(PromQueryFormat.TimeSeries).range().legendFormat(legend);
}

/** The values of now as rows, labels as columns. The values' column is `Value`, with several queries `Value #refId`. */
export function rows(expression: string, refId = "A"): DataqueryBuilder {
  return query(expression, refId).format(PromQueryFormat.Table).instant();
}

/** Histogram buckets over time, with the exemplars that lie in them. */
export function buckets(expression: string): DataqueryBuilder {
  return query(expression, "A")
    .format(PromQueryFormat.Heatmap)
    .range()
    .legendFormat("{{le}}")
    .exemplar(true);
}

function query(expression: string, refId: string): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(refId)
    .datasource(DATASOURCE)
    .editorMode(QueryEditorMode.Code)
    .expr(expression);
}
