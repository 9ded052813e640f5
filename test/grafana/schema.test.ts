// Grafana's own types, from its npm package, as the judge: the committed JSON is written into a program as literals, which
// the compiler holds against the types. Literals may have no property that a type does not know.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../lab/services.ts";
import { committedDashboards, type Dashboard, type Panel, shownPanels } from "./committed.ts";

/** Where the package keeps the options of a type of panel. */
const PANEL_TYPES: Readonly<Record<string, string>> = {
  stat: "stat/panelcfg/x/StatPanelCfg_types.gen",
  table: "table/panelcfg/x/TablePanelCfg_types.gen",
  timeseries: "timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen",
  "state-timeline": "statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen",
  heatmap: "heatmap/panelcfg/x/HeatmapPanelCfg_types.gen",
  nodeGraph: "nodegraph/panelcfg/x/NodeGraphPanelCfg_types.gen",
};
/** Whose custom field settings have a type; those of the others have none, or are those of all tables. */
const WITH_FIELD_CONFIG = ["timeseries", "state-timeline", "heatmap", "table"];

/** JSON knows no enumerations: their members become the texts and numbers that they are. */
const PRELUDE = `
import type { Dashboard } from "@grafana/schema";
type Plain<T> = T extends string ? \`\${T}\` : T extends number ? number
  : T extends readonly (infer Item)[] ? Plain<Item>[] : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;
`;

function program(dashboard: Dashboard): string {
  const imports = Object.values(PANEL_TYPES).map(
    (path, index) =>
      `import type * as type${index} from "@grafana/schema/dist/esm/raw/composable/${path}.js";`,
  );
  return [
    ...imports,
    PRELUDE,
    `export const dashboard: Plain<Dashboard> = ${JSON.stringify(ofAnyDatasource(dashboard), undefined, 2)};`,
    ...shownPanels(dashboard).flatMap(ofPanel),
  ].join("\n");
}

/** Annotations have settings that only the data source of Prometheus knows, and the types of dashboards do not. */
const PROMETHEUS_ANNOTATION = [
  "target",
  "expr",
  "step",
  "titleFormat",
  "textFormat",
  "tagKeys",
  "useValueForTime",
];

function ofAnyDatasource(dashboard: Dashboard): unknown {
  const list = dashboard.annotations.list.map((annotation) =>
    Object.fromEntries(
      Object.entries(annotation).filter(([name]) => !PROMETHEUS_ANNOTATION.includes(name)),
    ),
  );
  return { ...dashboard, annotations: { list } };
}

function ofPanel({ id, type, options, fieldConfig }: Panel): string[] {
  const at = Object.keys(PANEL_TYPES).indexOf(type);
  const name = `type${at}`;
  // Every option that the type demands has a value of its own once the panel is loaded.
  const settings = `export const options${id}: Partial<Plain<${name}.Options>> = ${JSON.stringify(options)};`;
  const custom = fieldConfig?.defaults.custom;
  if (custom === undefined || !WITH_FIELD_CONFIG.includes(type)) return [settings];
  return [
    settings,
    `export const custom${id}: Partial<Plain<${name}.FieldConfig>> = ${JSON.stringify(custom)};`,
  ];
}

describe("Grafana's types", () => {
  const root = packageRoot();
  let folder: string;
  beforeAll(() => {
    // Below the packages, so that the compiler finds them.
    folder = mkdtempSync(join(root, "node_modules/.dashboards-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const compile = (dashboard: Dashboard): string => {
    const file = join(folder, `${dashboard.uid}.ts`);
    writeFileSync(file, program(dashboard));
    const flags = "--noEmit --strict --skipLibCheck --ignoreConfig --module esnext";
    const argv = [...flags.split(" "), "--moduleResolution", "bundler", "--types", "", file];
    const compiler = join(root, "node_modules/.bin/tsc");
    return spawnSync(compiler, argv, { cwd: root, encoding: "utf8" }).stdout;
  };

  it.each(committedDashboards())("find nothing wrong with %s", (_, dashboard) => {
    for (const { type } of shownPanels(dashboard)) expect(PANEL_TYPES).toHaveProperty(type);
    expect(compile(dashboard)).toBe("");
  });

  it("would find a property that Grafana does not know, and a value that it does not take", () => {
    const [[, dashboard] = []] = committedDashboards();
    if (dashboard === undefined) throw new Error("no dashboard");
    const panels = dashboard.panels.map((panel) =>
      panel.type === "stat"
        ? { ...panel, transparant: true, options: { ...panel.options, graphMode: "curve" } }
        : panel,
    );
    const said = compile({ ...dashboard, uid: "wrong", panels });
    expect(said).toContain("transparant");
    expect(said).toContain("curve");
  });
});
