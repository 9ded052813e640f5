import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { VERDICT_LOOKS } from "../../grafana/generator/colours.ts";
import { dashboardFiles } from "../../grafana/generator/dashboards.ts";
import { VERDICTS } from "../../src/localize/verdict.ts";
import { packageRoot } from "../lab/services.ts";
import { ALL_METRICS } from "../support/all-metrics.ts";
import { committedDashboards, dashboardsDirectory, filledIn, shownPanels } from "./committed.ts";
import { selectorsOf } from "./linter.ts";

const DASHBOARDS = committedDashboards();
const VARIABLES = ["datasource", "job", "instance", "protocol", "target"];
/** What is queried and is not in the table of metrics: Prometheus's own, the process's, and names of hops. */
const OTHERS = /^(?:up|ALERTS|scrape_duration_seconds|process_\w+|nodejs_\w+|ecmp_hop_info)$/;
/** What a counter or histogram adds to its name. */
const HISTOGRAM = /_(?:bucket|sum|count)$/;

describe("the committed dashboards", () => {
  it("are exactly what the generator gives", () => {
    const committed = readdirSync(dashboardsDirectory()).map((file): [string, string] => [
      file,
      readFileSync(join(dashboardsDirectory(), file), "utf8"),
    ]);
    expect(new Map(committed)).toEqual(dashboardFiles());
  });

  it("have addresses and titles of their own, which Grafana takes", () => {
    const uids = DASHBOARDS.map(([, { uid }]) => uid);
    expect(new Set(uids).size).toBe(4);
    for (const uid of uids) expect(uid).toMatch(/^[a-z][a-z0-9-]{7,39}$/);
    expect(new Set(DASHBOARDS.map(([, { title }]) => title)).size).toBe(4);
    for (const [, { id }] of DASHBOARDS) expect(id).toBeNull();
  });

  it.each(DASHBOARDS)(
    "%s: every panel has an id, a title, a description and a unit",
    (_, dashboard) => {
      const ids = dashboard.panels.map(({ id }) => id);
      expect(ids).toEqual(ids.map((__, index) => index + 1));
      const panels = shownPanels(dashboard);
      expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
      for (const { title, description = "", fieldConfig } of panels) {
        expect(description, title).toMatch(/^[A-Z].{20,}\.$/s);
        expect(fieldConfig?.defaults.unit ?? "", title).not.toBe("");
      }
    },
  );

  it.each(DASHBOARDS)(
    "%s: the panels lie in the grid, side by side and not on each other",
    (_, dashboard) => {
      const taken = new Map<string, string>();
      for (const { title, gridPos } of dashboard.panels) {
        const { x, y, w, h } = gridPos;
        expect([w > 0, h > 0, x >= 0, x + w <= 24], title).toEqual([true, true, true, true]);
        for (let row = y; row < y + h; row += 1) {
          for (let column = x; column < x + w; column += 1) {
            const cell = `${row} ${column}`;
            expect(taken.get(cell), `${title} on ${taken.get(cell)}`).toBeUndefined();
            taken.set(cell, title);
          }
        }
      }
      // No row of the grid is half empty: panels side by side are equally high and fill it.
      const rows = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
      expect(taken.size).toBe(rows * 24);
    },
  );

  it.each(DASHBOARDS)(
    "%s: queries name only metrics that there are, and labels that they have",
    (_, dashboard) => {
      const specs = new Map(Object.values(ALL_METRICS).map((spec) => [spec.name as string, spec]));
      const queries = [
        ...shownPanels(dashboard).flatMap(({ targets = [] }) => targets),
        ...dashboard.annotations.list,
      ];
      for (const { expr } of queries) {
        for (const { metric, matchers } of selectorsOf(expr)) {
          const spec = specs.get(metric) ?? specs.get(metric.replace(HISTOGRAM, ""));
          if (spec === undefined) {
            expect(metric).toMatch(OTHERS);
            continue;
          }
          const labels: readonly string[] = ["job", "instance", ...spec.labels];
          const used = matchers.map((matcher) => /^\w+/.exec(matcher)?.[0] ?? "");
          expect(labels, `${metric} in ${expr}`).toEqual(expect.arrayContaining(used));
        }
      }
    },
  );

  it.each(DASHBOARDS)(
    "%s: every query has a letter or name of its own in its panel",
    (_, dashboard) => {
      for (const { title, targets = [] } of shownPanels(dashboard)) {
        expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
        for (const { instant = false, range = false, format } of targets) {
          expect([instant, range, format], title).toEqual(
            format === "table" ? [true, false, format] : [false, true, format],
          );
        }
      }
    },
  );

  it.each(DASHBOARDS)(
    "%s: has the five variables, the links, and both annotations",
    (_, dashboard) => {
      expect(dashboard.templating.list.map(({ name }) => name)).toEqual(VARIABLES);
      expect(dashboard.annotations.list.map(({ name }) => name)).toEqual(["Events", "Alerts"]);
      const [link] = dashboard.links;
      expect(link).toMatchObject({ type: "dashboards", includeVars: true, keepTime: true });
      expect(link?.["tags"]).toEqual(dashboard.tags);
    },
  );

  it.each(DASHBOARDS)(
    "%s: links lead to dashboards that there are, with variables that they have",
    (_, dashboard) => {
      const urls = JSON.stringify(dashboard).match(/"url":"\/d\/[^"]+"/g) ?? [];
      for (const url of urls) {
        const [, uid = "", query = ""] = /\/d\/([^?]+)\?([^"]+)/.exec(url) ?? [];
        const to = DASHBOARDS.find(([, other]) => other.uid === uid)?.[1];
        const given = [...query.matchAll(/var-(\w+)=/g)].map(([, name]) => name);
        expect(to?.templating.list.map(({ name }) => name).sort()).toEqual(given.sort());
      }
    },
  );

  it("link from a target of the overview to its own dashboard, and from its flows to the API", () => {
    const text = (file: string) => JSON.stringify(DASHBOARDS.find(([name]) => name === file)?.[1]);
    expect(text("overview.json")).toContain("/d/ecmp-target?");
    for (const file of ["overview.json", "target.json"]) {
      expect(text(file)).toContain(`http://$\{__data.fields.Exporter}/api/v1/targets/$\{`);
    }
  });

  it("have a colour and words for every verdict, and codes that differ", () => {
    expect(Object.keys(VERDICT_LOOKS).sort()).toEqual([...VERDICTS].sort());
    const codes = Object.values(VERDICT_LOOKS).map(({ code }) => code);
    expect(codes.sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("use only variables that there are", () => {
    const values = Object.fromEntries([...VARIABLES, "__rate_interval"].map((name) => [name, "x"]));
    for (const [, dashboard] of DASHBOARDS) {
      for (const { targets = [] } of shownPanels(dashboard)) {
        for (const { expr } of targets) expect(filledIn(expr, values)).not.toContain("$__");
      }
    }
  });
});

describe("the provisioning", () => {
  const read = (path: string): unknown =>
    parse(readFileSync(join(packageRoot(), "grafana/provisioning", path), "utf8"));

  it("has a Prometheus to choose, with the scrape interval, and an Alertmanager", () => {
    const { apiVersion, datasources } = read("datasources/ecmp-exporter.yml") as {
      apiVersion: number;
      datasources: {
        type: string;
        uid: string;
        isDefault?: boolean;
        jsonData: Record<string, unknown>;
      }[];
    };
    expect(apiVersion).toBe(1);
    expect(datasources.map(({ type }) => type)).toEqual(["prometheus", "alertmanager"]);
    expect(datasources.filter(({ isDefault }) => isDefault)).toHaveLength(1);
    expect(datasources[0]?.jsonData["timeInterval"]).toMatch(/^\d+s$/);
    expect(datasources[1]?.jsonData["implementation"]).toBe("prometheus");
  });

  it("loads the dashboards from a folder, and does not let them be edited", () => {
    const { apiVersion, providers } = read("dashboards/ecmp-exporter.yml") as {
      apiVersion: number;
      providers: Record<string, unknown>[];
    };
    expect(apiVersion).toBe(1);
    expect(providers).toHaveLength(1);
    expect(providers[0]).toMatchObject({ type: "file", allowUiUpdates: false, orgId: 1 });
    expect(providers[0]?.["options"]).toHaveProperty("path");
  });
});
