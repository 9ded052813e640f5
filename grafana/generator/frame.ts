import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { TARGET, TARGETS } from "./promql.ts";
import { DATASOURCE } from "./query.ts";
import { variables } from "./variables.ts";

/** Panels under one heading, laid out from left to right as they fit. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

/** What makes one dashboard differ from the others. */
export interface Plan {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Queries and panels are about one target, not about all that are chosen. */
  readonly oneTarget: boolean;
  readonly rows: readonly Row[];
}

/** The tag by which the dashboards link to one another. */
const TAG = "ecmp-exporter";

/** Builds a dashboard: what they have in common, and the rows of the plan. */
export function dashboard(plan: Plan): Dashboard {
  const builder = new DashboardBuilder(plan.title)
    .id(null)
    .uid(plan.uid)
    .description(plan.description)
    .tags([TAG])
    .readonly()
    .timezone("browser")
    .time({ from: "now-1h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("ECMP")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .icon("external link")
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true)
        .targetBlank(false),
    )
    .annotation(pathChanges(plan.oneTarget))
    .annotation(alerts());
  for (const variable of variables(plan.oneTarget)) builder.withVariable(variable);
  for (const { title, panels } of plan.rows) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panel);
  }
  return numbered(builder.build());
}

/** Ids in the order of the panels, from 1: a panel keeps its address for as long as nothing is put before it. */
function numbered(built: Dashboard): Dashboard {
  const panels = (built.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 }));
  return { ...built, panels };
}

function pathChanges(oneTarget: boolean): AnnotationQueryBuilder {
  const changes = `ecmp_path_changes_total{${oneTarget ? TARGET : TARGETS}}`;
  return annotation("Path changes", "blue")
    .expr(`sum by (instance, target) (increase(${changes}[2m])) > 0`)
    .titleFormat("Paths changed")
    .textFormat("Flows of {{target}} at {{instance}} take another path than before.")
    .tagKeys("target,instance");
}

/** Alerts of the rules that come with the exporter. Those that are about an exporter have no target. */
function alerts(): AnnotationQueryBuilder {
  return annotation("Alerts", "red")
    .expr('ALERTS{alertname=~"Ecmp.+",alertstate="firing",target=~"|$target"}')
    .titleFormat("{{alertname}}")
    .textFormat("{{severity}}: {{target}} {{path}} {{hop_from}} {{hop_to}} {{instance}}")
    .tagKeys("alertname,severity");
}

function annotation(name: string, color: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource({ ...DATASOURCE })
    .enable(true)
    .hide(false)
    .iconColor(color)
    .step("60s")
    .useValueForTime(false);
}
