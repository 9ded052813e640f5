// From what Prometheus answers to the frames that Grafana's data source makes of it.
import type { Query } from "./committed.ts";
import type { Field, Frame, Grafana } from "./grafana-data.ts";
import type { Series } from "./prometheus-server.ts";

/** The answer to one query of a panel. */
export interface Answer {
  readonly query: Query;
  readonly series: readonly Series[];
}

/** All frames of a panel: one of rows for each query in table format, else one for each series. */
export function framesOf(grafana: Grafana, answers: readonly Answer[]): Frame[] {
  const tables = answers.filter(
    ({ query, series }) => query.format === "table" && series.length > 0,
  );
  const others = answers.filter(({ query }) => query.format !== "table");
  return [
    ...others.flatMap(({ query, series }) =>
      series.map((one) =>
        grafana.frame(query.refId, [times([one]), values([one], "Value", one.metric)]),
      ),
    ),
    ...tables.map(({ query, series }) => {
      // Only a panel with several tables tells their values apart.
      const name = tables.length > 1 ? `Value #${query.refId}` : "Value";
      return grafana.frame(query.refId, [times(series), ...labels(series), values(series, name)]);
    }),
  ];
}

function times(series: readonly Series[]): Field {
  const all = series.flatMap((one) => one.values.map(([seconds]) => seconds * 1000));
  return { name: "Time", type: "time", config: {}, values: all };
}

function values(series: readonly Series[], name: string, of?: Series["metric"]): Field {
  const all = series.flatMap((one) => one.values.map(([, value]) => Number(value)));
  return {
    name,
    type: "number",
    config: {},
    values: all,
    ...(of === undefined ? {} : { labels: of }),
  };
}

/** A column for every label that any series has; empty text where one has it not. */
function labels(series: readonly Series[]): Field[] {
  const names = new Set(series.flatMap(({ metric }) => Object.keys(metric).sort()));
  return [...names].map((name) => ({
    name,
    type: "string",
    config: {},
    values: series.flatMap(({ metric, values: each }) => each.map(() => metric[name] ?? "")),
  }));
}
