import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { byThresholds } from "./colours.ts";
import { DATASOURCE } from "./query.ts";

/** What every panel must have. */
export interface About {
  readonly title: string;
  /** What it shows and how to read it. */
  readonly description: string;
  /** Grafana's id of the unit of its values, `percentunit` for ratios. */
  readonly unit: string;
  /** Columns of the 24 that the grid has. */
  readonly width: number;
  /** Rows of the grid, about 38 pixels each. */
  readonly height: number;
}

/** What all builders of panels can do; the shortest interval is that of the scrapes unless told. */
interface Settable<Self> extends Builder<Panel> {
  title(text: string): Self;
  description(text: string): Self;
  unit(unit: string): Self;
  span(width: number): Self;
  height(height: number): Self;
  datasource(datasource: { readonly type?: string; readonly uid?: string }): Self;
}

/** Puts on a panel what every panel must have. */
export function described<Self extends Settable<Self>>(panel: Self, about: About): Self {
  return panel
    .title(about.title)
    .description(about.description)
    .unit(about.unit)
    .span(about.width)
    .height(about.height)
    .datasource({ ...DATASOURCE });
}

/** One number, or one a series, coloured by thresholds. */
export function stat(about: About): StatBuilder {
  return described(new StatBuilder(), about)
    .colorScheme(byThresholds())
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .textMode(BigValueTextMode.Auto)
    .reduceOptions(lastValue());
}

/** Lines over time. */
export function lines(about: About): TimeSeriesBuilder {
  return described(new TimeSeriesBuilder(), about)
    .lineWidth(1)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Never)
    .legend(legend())
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
}

/** Areas over time, one on the other. */
export function stack(about: About): TimeSeriesBuilder {
  return lines(about)
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(60)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
}

/** A row of coloured spans a series; what stays equal is one span. */
export function timeline(about: About): StateTimelineBuilder {
  return described(new StateTimelineBuilder(), about)
    .colorScheme(byThresholds())
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.9)
    .fillOpacity(75)
    .lineWidth(0)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single).sort(SortOrder.None));
}

/**
 * Rows of now. Its shortest interval makes the rates of its queries those of the last five minutes, whatever the
 * dashboard's time range.
 */
export function table(about: About): TableBuilder {
  return described(new TableBuilder(), about).interval(NOW).filterable(true);
}

/** The shortest interval of panels that show the state at the end of the time range. */
export const NOW = "5m";

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).fields("").values(false);
}

function legend(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Right)
    .calcs(["lastNotNull"]);
}
