// The rules of Grafana's dashboard-linter, which is a program in another language, over dashboards as they are committed.
import type { Dashboard, Panel, Query } from "./committed.ts";

/** A series selector in an expression, with what stands around it. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly string[];
  /** The range in brackets; undefined for an instant vector. */
  readonly range: string | undefined;
  /** The function or aggregation whose bracket opens right before it. */
  readonly call: string | undefined;
}

/** Where Prometheus's data is chosen. */
const DATASOURCES = ["$datasource", `$\{datasource}`];
/** Words that stand where a metric could. */
const NOT_METRICS =
  /^(?:by|on|without|ignoring|and|or|unless|bool|offset|group_left|group_right|topk|bottomk|sum|min|max|avg|count|rate|increase|time|vector|floor|histogram_quantile|label_replace|label_join)$/;

/** Every selector of an expression. Metrics without braces are selectors without matchers. */
export function selectorsOf(expression: string): Selector[] {
  // Texts may hold brackets and commas of their own, so they are put aside.
  const texts: string[] = [];
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, (text) => `"${texts.push(text) - 1}"`)
    .replace(/\b(?:by|on|without|ignoring|group_left|group_right) \([^)]*\)/g, "");
  const pattern =
    /\b(?:(\w+) ?\()?\b([a-zA-Z_:][\w:]*)(?![\w:]| ?\()(?:\{([^}]*)\})?(?:\[([^\]]*)\])?/g;
  return [...bare.matchAll(pattern)].flatMap(([, call, metric = "", matchers, range]) => {
    if (matchers === undefined && (NOT_METRICS.test(metric) || metric.startsWith("__"))) return [];
    const given = (matchers ?? "").split(",").filter((one) => one !== "");
    const whole = given.map((one) =>
      one.replace(/"(\d+)"/, (_, at: string) => texts[Number(at)] ?? ""),
    );
    return [{ metric, matchers: whole, range, call }];
  });
}

/** What the linter would say about a dashboard; nothing where all is well. */
export function lint(dashboard: Dashboard, units: ReadonlySet<string>): string[] {
  const panels = dashboard.panels.filter(({ type }) => type !== "row");
  return [
    ...variableFaults(dashboard),
    ...(dashboard.editable ? ["uneditable-dashboard: it can be edited"] : []),
    ...panels.flatMap((panel) =>
      [...panelFaults(panel, units), ...(panel.targets ?? []).flatMap(queryFaults)].map(
        (fault) => `${fault} (${panel.title})`,
      ),
    ),
  ];
}

function variableFaults({ templating: { list } }: Dashboard): string[] {
  const faults: string[] = [];
  const source = list.find(({ type }) => type === "datasource");
  if (
    source?.name !== "datasource" ||
    source.label !== "Data source" ||
    source.query !== "prometheus"
  ) {
    faults.push("template-datasource: no variable datasource, labelled Data source, of prometheus");
  }
  for (const name of ["job", "instance"]) {
    const variable = list.find((one) => one.name === name);
    const label = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const right =
      variable?.type === "query" &&
      variable.label === label &&
      variable.multi === true &&
      variable.allValue === ".+";
    if (!right)
      faults.push(`template-${name}: no query variable ${label} of several values, all of them .+`);
  }
  for (const { name, type, query, refresh, datasource } of list.filter(
    (one) => one.type === "query",
  )) {
    const text = typeof query === "string" ? query : query.query;
    if (!/^label_values\(.+, \w+\)$/.test(text)) faults.push(`template-label-promql: ${name}`);
    if (refresh !== 2) faults.push(`template-on-time-change-reload: ${name}`);
    if (!DATASOURCES.includes(datasource?.uid ?? "")) faults.push(`template-${type}: ${name}`);
  }
  return faults;
}

function panelFaults(panel: Panel, units: ReadonlySet<string>): string[] {
  const { title, description = "", datasource, fieldConfig, targets = [] } = panel;
  const unit = fieldConfig?.defaults.unit ?? "";
  const overrides = (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties.flatMap(({ id, value }) => (id === "unit" ? [String(value)] : [])),
  );
  const sources = [datasource, ...targets.map((query) => query.datasource)];
  return [
    ...(sources.every((one) => DATASOURCES.includes(one?.uid ?? "")) ? [] : ["panel-datasource"]),
    ...(title !== "" && description !== "" ? [] : ["panel-title-description"]),
    ...[unit, ...overrides].filter((one) => !units.has(one)).map((one) => `panel-units: "${one}"`),
    ...(targets.length > 0 ? [] : ["panel-no-targets"]),
  ];
}

function queryFaults({ expr }: Query): string[] {
  return selectorsOf(expr).flatMap(({ metric, matchers, range, call }) => [
    ...["job", "instance"]
      .filter((name) => !matchers.includes(`${name}=~"$${name}"`))
      .map((name) => `target-${name}: ${metric}`),
    ...(/^i?rate$/.test(call ?? "") && range !== "$__rate_interval"
      ? [`target-rate-interval: ${metric}[${range}]`]
      : []),
    ...(metric.endsWith("_total") &&
    !(range !== undefined && /^(?:i?rate|increase)$/.test(call ?? ""))
      ? [`target-counter-agg: ${metric}`]
      : []),
  ]);
}
