import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../lab/services.ts";

/** A query of a panel. */
export interface Query {
  readonly refId: string;
  readonly expr: string;
  readonly format: "time_series" | "table" | "heatmap";
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly exemplar?: boolean;
  readonly legendFormat?: string;
  readonly datasource?: DatasourceRef;
}

/** Names a data source, mostly by a variable. */
export interface DatasourceRef {
  readonly type?: string;
  readonly uid?: string;
}

/** A step of what Grafana does with frames before a panel sees them. */
export interface Transformation {
  readonly id: string;
  readonly filter?: { readonly id: string; readonly options?: unknown };
  readonly options: Readonly<Record<string, unknown>>;
}

interface Property {
  readonly id: string;
  readonly value?: unknown;
}

/** A panel, or a row, whose type is `row`. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: DatasourceRef;
  readonly interval?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly Query[];
  readonly transformations?: readonly Transformation[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly mappings?: readonly unknown[];
      readonly custom?: Readonly<Record<string, unknown>>;
    };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options?: unknown };
      readonly properties: readonly Property[];
    }[];
  };
}

/** A variable of a dashboard. */
export interface Variable {
  readonly type: string;
  readonly name: string;
  readonly label?: string;
  readonly query: string | { readonly query: string; readonly refId: string };
  readonly datasource?: DatasourceRef;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly refresh?: number;
}

/** A dashboard as Grafana reads it. */
export interface Dashboard {
  readonly id: null;
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly editable: boolean;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: {
    readonly list: readonly {
      readonly name: string;
      readonly expr: string;
      readonly datasource: DatasourceRef;
    }[];
  };
  readonly links: readonly Readonly<Record<string, unknown>>[];
}

/** Where the committed dashboards are. */
export function dashboardsDirectory(): string {
  return join(packageRoot(), "grafana/dashboards");
}

/** Every committed dashboard, by its file. */
export function committedDashboards(): [file: string, dashboard: Dashboard][] {
  return readdirSync(dashboardsDirectory())
    .sort()
    .map((file) => [
      file,
      JSON.parse(readFileSync(join(dashboardsDirectory(), file), "utf8")) as Dashboard,
    ]);
}

/** The panels of a dashboard that show something: all but its rows. */
export function shownPanels(dashboard: Dashboard): Panel[] {
  return dashboard.panels.filter(({ type }) => type !== "row");
}

/** Replaces `$name`, `${name}` and `${name:format}`. @throws Error on a variable without a value */
export function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:(\w+)|\{(\w+)(?::\w+)?\})/g,
    (whole, bare?: string, braced?: string) => {
      const name = bare ?? braced ?? "";
      // The group of a regular expression, as label_replace has it.
      if (/^\d+$/.test(name)) return whole;
      const value = values[name];
      if (value === undefined) throw new Error(`no value for the variable ${name} in ${text}`);
      return value;
    },
  );
}
