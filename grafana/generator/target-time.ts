import { TooltipDisplayMode } from "@grafana/grafana-foundation-sdk/common";
import {
  FilterValueRangeBuilder,
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapColorScale,
  HeatmapTooltipBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { described, lines, stack } from "./panels.ts";
import { rateBy, sumBy, TARGET } from "./promql.ts";
import { buckets, series } from "./query.ts";

const THIRD = { width: 8, height: 8, unit: "reqps" } as const;

/** How long answers take, and why there are none. */
export function roundTrips() {
  return [
    described(new HeatmapBuilder(), {
      title: "Round-trip time",
      description:
        "Answered probes a second by how long they took. Points are single probes that carry their source port and flow bucket. Lost probes are not in it: see the flow buckets for those.",
      unit: "s",
      width: 16,
      height: 9,
    })
      .calculate(false)
      .cellGap(1)
      .filterValues(new FilterValueRangeBuilder().le(1e-9))
      .yAxis(new YAxisConfigBuilder().unit("s"))
      .color(
        new HeatmapColorOptionsBuilder()
          .mode(HeatmapColorMode.Scheme)
          .scheme("Spectral")
          .scale(HeatmapColorScale.Exponential)
          .exponent(0.5)
          .fill("dark-orange")
          .steps(64)
          .reverse(true),
      )
      .exemplarsColor("rgba(255,0,255,0.7)")
      .tooltip(
        new HeatmapTooltipBuilder()
          .mode(TooltipDisplayMode.Single)
          .yHistogram(false)
          .showColorScale(true),
      )
      .withTarget(
        buckets(sumBy("le", `rate(ecmp_probe_rtt_seconds_bucket{${TARGET}}[$__rate_interval])`)),
      ),
    lines({
      title: "Round-trip time, percentiles",
      description: "Of answered probes, within the bounds of the histogram's buckets.",
      unit: "s",
      width: 8,
      height: 9,
    })
      .withTarget(series(quantile(0.5), "50 %", "A"))
      .withTarget(series(quantile(0.95), "95 %", "B"))
      .withTarget(series(quantile(0.99), "99 %", "C")),
    stack({
      ...THIRD,
      title: "Failures by reason",
      description:
        "Failed probes a second by what was seen: timeout, refused (the path works, the service does not), unreachable, prohibited or ttl_exceeded (a loop).",
    }).withTarget(
      series(rateBy("reason", "ecmp_probe_failure_reasons_total", TARGET), "{{reason}}"),
    ),
    stack({
      ...THIRD,
      title: "Invalid probes by reason",
      description:
        "Probes that the exporter discarded because of a local problem and that count nowhere else. More than a few mean that this host, not the network, is to be looked at.",
    }).withTarget(series(rateBy("reason", "ecmp_probes_invalid_total", TARGET), "{{reason}}")),
    lines({
      ...THIRD,
      title: "Late replies",
      description:
        "Replies a second that came after their probe had timed out; the probe stays failed. Many ask for a longer timeout.",
    }).withTarget(series(rateBy("instance", "ecmp_late_replies_total", TARGET), "{{instance}}")),
  ];
}

function quantile(share: number): string {
  return `histogram_quantile(${share}, sum by (le) (rate(ecmp_probe_rtt_seconds_bucket{${TARGET}}[$__rate_interval])))`;
}
