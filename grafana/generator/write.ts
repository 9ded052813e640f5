// Writes the dashboards to grafana/dashboards, below the directory that it is run from.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboardFiles } from "./dashboards.ts";

for (const [file, text] of dashboardFiles()) {
  writeFileSync(join("grafana/dashboards", file), text);
}
