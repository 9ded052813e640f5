import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { exporter } from "./exporter.ts";
import { fleet } from "./fleet.ts";
import { overview } from "./overview.ts";
import { target } from "./target.ts";

/** Every dashboard's file in `grafana/dashboards` and its text. */
export function dashboardFiles(): Map<string, string> {
  const built: Readonly<Record<string, Dashboard>> = {
    "overview.json": overview(),
    "target.json": target(),
    "fleet.json": fleet(),
    "exporter.json": exporter(),
  };
  return new Map(
    Object.entries(built).map(([file, dashboard]) => [
      file,
      `${JSON.stringify(dashboard, undefined, 2)}\n`,
    ]),
  );
}
