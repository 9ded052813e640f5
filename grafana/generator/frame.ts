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
import { DATASOURCE, series } from "./query.ts";
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
    .annotation(events(plan.oneTarget))
    .annotation(alerts());
  for (const variable of variables(plan.oneTarget)) builder.withVariable(variable);
  for (const { title, panels } of plan.rows) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panel);
  }
  return finished(builder.build());
}

/**
 * Gives panels ids in their order, from 1, and takes away what the builders put in by themselves: settings of other types
 * of variable, and a placement that hides links and annotations in a menu.
 */
function finished(built: Dashboard): Dashboard {
  const { panels = [], templating, annotations, links = [] } = built;
  const variablesOf = templating.list ?? [];
  return {
    ...built,
    panels: panels.map((panel, index) => ({ ...panel, id: index + 1 })),
    templating: {
      list: variablesOf.map(({ auto: _, auto_min: __, auto_count: ___, ...variable }) => variable),
    },
    annotations: { list: (annotations.list ?? []).map(({ placement: _, ...shown }) => shown) },
    links: links.map(({ placement: _, ...shown }) => shown),
  };
}

/** What changed about a target, as `/api/v1/events` tells it in full: a dip has a cause. */
function events(oneTarget: boolean): AnnotationQueryBuilder {
  const changes = `ecmp_target_events_total{${oneTarget ? TARGET : TARGETS}}`;
  return annotation(
    "Events",
    "blue",
    `sum by (instance, target, event) (increase(${changes}[2m])) > 0`,
  )
    .titleFormat("{{event}}")
    .textFormat(
      '{{event}} of {{target}} at {{instance}}: <a href="http://{{instance}}/#/target/{{target}}">what changed</a>',
    )
    .tagKeys("event,target,instance");
}

/** Alerts of the rules that come with the exporter. Those that are about an exporter have no target. */
function alerts(): AnnotationQueryBuilder {
  return annotation(
    "Alerts",
    "red",
    'ALERTS{alertname=~"Ecmp.+",alertstate="firing",target=~"|$target"}',
  )
    .titleFormat("{{alertname}}")
    .textFormat("{{severity}}: {{target}} {{path}} {{name}} {{instance}}")
    .tagKeys("alertname,severity");
}

/** The query is told in both ways that Grafana has had for it: as a target, and beside it. */
function annotation(name: string, color: string, expression: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource({ ...DATASOURCE })
    .enable(true)
    .hide(false)
    .iconColor(color)
    .target(series(expression, "", "Anno").interval("60s"))
    .expr(expression)
    .step("60s")
    .useValueForTime(false);
}
