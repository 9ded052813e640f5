import { beforeAll, describe, expect, it } from "vitest";
import { committedDashboards, type Dashboard, type Panel, type Query } from "./committed.ts";
import { Grafana } from "./grafana-data.ts";
import { lint, selectorsOf } from "./linter.ts";

describe("the linter's rules", () => {
  let units: ReadonlySet<string>;
  beforeAll(() => {
    units = Grafana.load().units();
  });

  it.each(committedDashboards())("hold for %s", (_, dashboard) => {
    expect(lint(dashboard, units)).toEqual([]);
  });

  /** A copy of a dashboard whose first panel with a query is changed. */
  const broken = (change: (panel: Panel, query: Query) => Partial<Panel>): Dashboard => {
    const [[, dashboard] = []] = committedDashboards();
    if (dashboard === undefined) throw new Error("no dashboard");
    let done = false;
    const panels = dashboard.panels.map((panel) => {
      const [query] = panel.targets ?? [];
      if (done || query === undefined) return panel;
      done = true;
      return { ...panel, ...change(panel, query) };
    });
    return { ...dashboard, panels };
  };
  const asking = (expr: string) => broken((_, query) => ({ targets: [{ ...query, expr }] }));
  const scoped = 'job=~"$job",instance=~"$instance"';

  it.each<[rule: string, dashboard: () => Dashboard]>([
    ["panel-title-description", () => broken(() => ({ description: "" }))],
    [
      "panel-units",
      () => broken(() => ({ fieldConfig: { defaults: { unit: "furlong" }, overrides: [] } })),
    ],
    ["panel-no-targets", () => broken(() => ({ targets: [] }))],
    ["panel-datasource", () => broken(() => ({ datasource: { type: "prometheus", uid: "mine" } }))],
    ["target-job", () => asking('up{instance=~"$instance"}')],
    ["target-instance", () => asking('sum(up{job=~"$job"})')],
    ["target-rate-interval", () => asking(`rate(ecmp_probes_total{${scoped}}[5m])`)],
    ["target-counter-agg", () => asking(`sum by (target) (ecmp_probes_total{${scoped}})`)],
    ["uneditable-dashboard", () => ({ ...asking(`up{${scoped}}`), editable: true })],
    ["template-datasource", () => without("datasource")],
    ["template-job", () => without("job")],
    ["template-instance", () => without("instance")],
    ["template-on-time-change-reload", () => refreshed(1)],
  ])("find what is wrong by %s, and nothing else", (rule, dashboard) => {
    const found = lint(dashboard(), units).map((fault) => fault.split(/[: ]/)[0]);
    expect([...new Set(found)]).toEqual([rule]);
  });

  const without = (name: string): Dashboard => {
    const dashboard = asking(`up{${scoped}}`);
    const list = dashboard.templating.list.filter((variable) => variable.name !== name);
    return { ...dashboard, templating: { list } };
  };
  const refreshed = (refresh: number): Dashboard => {
    const dashboard = asking(`up{${scoped}}`);
    const list = dashboard.templating.list.map((variable) =>
      variable.type === "query" ? { ...variable, refresh } : variable,
    );
    return { ...dashboard, templating: { list } };
  };

  it("see every selector of an expression, and what is around it", () => {
    const expression =
      '1 - sum by (a, b) (rate(x_total{job=~"$job",c="{,}"}[$__rate_interval])) / on (a) group_left (n) (label_replace(y, "a", "$1", "b", "(.{2})") > 0) or vector(0)';
    expect(selectorsOf(expression)).toEqual([
      {
        metric: "x_total",
        matchers: ['job=~"$job"', 'c="{,}"'],
        range: "$__rate_interval",
        call: "rate",
      },
      { metric: "y", matchers: [], range: undefined, call: "label_replace" },
    ]);
  });
});
