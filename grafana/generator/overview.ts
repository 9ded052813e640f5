import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import type { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import {
  lossSteps,
  steps,
  successSteps,
  VERDICT_WORDS,
  verdictCode,
  zeroSteps,
} from "./colours.ts";
import { merged, withColumns } from "./columns.ts";
import { dashboard } from "./frame.ts";
import { TO_TARGET, toApi, UIDS } from "./links.ts";
import { lines, stat, table, timeline } from "./panels.ts";
import { FLOWS, KEY, PATHS, SCOPE, successBy, TARGETS } from "./promql.ts";
import { rows, series } from "./query.ts";

const SMALL = { width: 4, height: 4, unit: "short" } as const;
const HALF = { width: 12, height: 9 } as const;
const NAME = "{{target}} {{protocol}} {{instance}}";

/** Every target of every exporter at a glance: what is wrong, and where to look next. */
export function overview(): Dashboard {
  return dashboard({
    uid: UIDS.overview,
    title: "ECMP / Overview",
    description: "Every probed target: verdict, success, paths, coverage and the worst path.",
    oneTarget: false,
    rows: [
      { title: "Now", panels: [...numbers(), targets()] },
      { title: "Over time", panels: overTime() },
      { title: "Accused", panels: [suspects(), alerts()] },
    ],
  });
}

function numbers() {
  const verdicts = (matcher: string) => `sum(ecmp_target_verdict{${TARGETS},${matcher}})`;
  return [
    stat({
      ...SMALL,
      title: "Targets",
      description: "Targets that are configured, on all exporters together.",
    })
      .thresholds(steps("text"))
      .withTarget(series(`count(ecmp_target_info{${TARGETS}})`, "targets")),
    stat({
      ...SMALL,
      title: "Healthy",
      description: "Targets whose verdict is healthy: every flow is answered.",
    })
      .thresholds(steps("red", [1, "green"]))
      .withTarget(series(verdicts('verdict="healthy"'), "healthy")),
    stat({
      ...SMALL,
      title: "Faulty",
      description:
        "Targets with a verdict that accuses: path fault, path loss, target down or source fault.",
    })
      .thresholds(zeroSteps())
      .withTarget(series(verdicts('verdict!~"healthy|indeterminate"'), "faulty")),
    stat({
      ...SMALL,
      title: "Failing flows",
      description: "Flows whose latest probe was not answered, over all targets.",
    })
      .thresholds(zeroSteps("orange"))
      .withTarget(series(`sum(ecmp_target_flows_failing{${TARGETS}})`, "flows")),
    stat({
      ...SMALL,
      title: "Suspected places",
      description:
        "Different places that are suspected of losing packets. One that is suspected for several targets counts once.",
    })
      .thresholds(zeroSteps())
      .withTarget(
        series(
          `count(count by (name) (ecmp_suspect_link_loss_ratio{${TARGETS}})) or vector(0)`,
          "suspects",
        ),
      ),
    stat({
      ...SMALL,
      title: "Exporters up",
      description: "Exporters that answered the latest scrape.",
    })
      .thresholds(steps("red", [1, "green"]))
      .withTarget(series(`sum(up{${SCOPE}})`, "exporters")),
  ];
}

function targets(): TableBuilder {
  const perPath = successBy(`${KEY}, path`, PATHS, TARGETS);
  const panel = table({
    title: "All targets",
    description:
      "One row a target: verdict, share of probes answered in the last five minutes, failing flows of all flows, paths its flows take, chance that no path is unseen, and the path with the least success. Click a target for its own dashboard, the exporter for what its API says.",
    unit: "short",
    width: 24,
    height: 10,
  })
    .withTarget(rows(`max by (${KEY}, address, port) (ecmp_target_info{${TARGETS}})`, "info"))
    .withTarget(rows(verdictCode(KEY, TARGETS), "verdict"))
    .withTarget(rows(successBy(KEY, FLOWS, TARGETS), "success"))
    .withTarget(rows(`max by (${KEY}) (ecmp_target_flows_failing{${TARGETS}})`, "failing"))
    .withTarget(rows(`count by (${KEY}) (ecmp_flow_source_port{${TARGETS}})`, "flows"))
    .withTarget(rows(`max by (${KEY}) (ecmp_target_paths{${TARGETS}})`, "paths"))
    .withTarget(rows(`max by (${KEY}) (ecmp_target_path_coverage_ratio{${TARGETS}})`, "coverage"))
    .withTarget(rows(`bottomk by (${KEY}) (1, ${perPath})`, "worst"));
  return withColumns(
    merged(panel),
    [
      { from: "target", title: "Target", link: TO_TARGET },
      { from: "protocol", title: "Protocol", width: 90 },
      { from: "address", title: "Address" },
      { from: "port", title: "Port", width: 80 },
      { from: "Value #verdict", title: "Verdict", mappings: VERDICT_WORDS, width: 130 },
      {
        from: "Value #success",
        title: "Success",
        unit: "percentunit",
        decimals: 2,
        thresholds: successSteps(),
      },
      {
        from: "Value #failing",
        title: "Failing",
        unit: "none",
        thresholds: zeroSteps("orange"),
        width: 80,
      },
      { from: "Value #flows", title: "Flows", unit: "none", width: 80 },
      { from: "Value #paths", title: "Paths", unit: "none", width: 80 },
      {
        from: "Value #coverage",
        title: "Coverage",
        unit: "percentunit",
        decimals: 1,
        thresholds: steps("orange", [0.95, "green"]),
      },
      { from: "path", title: "Worst path" },
      {
        from: "Value #worst",
        title: "Worst path's success",
        unit: "percentunit",
        decimals: 2,
        thresholds: successSteps(),
      },
      { from: "instance", title: "Exporter", link: toApi("__data.fields.Target") },
      { from: "job", title: "Job" },
    ],
    ["Value #info"],
  );
}

function overTime() {
  return [
    timeline({
      title: "Verdicts",
      description:
        "What each exporter concluded about each target. It never guesses: indeterminate means that the evidence does not tell.",
      unit: "none",
      width: 24,
      height: 8,
    })
      .mappings(VERDICT_WORDS)
      .withTarget(series(verdictCode(KEY, TARGETS), NAME)),
    lines({
      ...HALF,
      title: "Success",
      description:
        "Share of valid probes that were answered. A target on eight paths of which one is dead loses an eighth.",
      unit: "percentunit",
    })
      .max(1)
      .withTarget(series(successBy(KEY, FLOWS, TARGETS), NAME)),
    lines({
      ...HALF,
      title: "Success on the worst path",
      description:
        "The same for the one path of each target that has the least: at 0 every flow on it fails, whatever the average says.",
      unit: "percentunit",
    })
      .min(0)
      .max(1)
      .withTarget(series(`min by (${KEY}) (${successBy(`${KEY}, path`, PATHS, TARGETS)})`, NAME)),
    lines({
      ...HALF,
      title: "Round-trip time, 95th percentile",
      description: "Of answered probes, within the bounds of the histogram's buckets.",
      unit: "s",
    }).withTarget(
      series(
        `histogram_quantile(0.95, sum by (${KEY}, le) (rate(ecmp_probe_rtt_seconds_bucket{${TARGETS}}[$__rate_interval])))`,
        NAME,
      ),
    ),
    lines({
      ...HALF,
      title: "Path coverage",
      description:
        "Chance that no path to the target is left unseen, if routers spread flows evenly. Low values ask for more flow_buckets.",
      unit: "percentunit",
    })
      .min(0)
      .max(1)
      .withTarget(series(`max by (${KEY}) (ecmp_target_path_coverage_ratio{${TARGETS}})`, NAME)),
  ];
}

function suspects(): TableBuilder {
  const labels = `${KEY}, place, name, hop_from, hop_to, segment`;
  const panel = table({
    title: "Suspects",
    description:
      "Places that are suspected of losing packets, with the share that they lose. Empty while nothing is suspected. A router drops whatever crosses it, to any hop. From source is the exporter itself; to unknown is where the next hop is silent.",
    unit: "short",
    width: 14,
    height: 8,
  }).withTarget(rows(`max by (${labels}) (ecmp_suspect_link_loss_ratio{${TARGETS}})`));
  return withColumns(panel, [
    { from: "name", title: "Name" },
    { from: "place", title: "Place", width: 90 },
    { from: "hop_from", title: "From" },
    { from: "hop_to", title: "To" },
    {
      from: "Value",
      title: "Loss",
      unit: "percentunit",
      decimals: 1,
      thresholds: lossSteps(),
      width: 90,
    },
    { from: "segment", title: "Segment" },
    { from: "target", title: "Target", link: TO_TARGET },
    { from: "protocol", title: "Protocol", width: 90 },
    { from: "instance", title: "Exporter", link: toApi("__data.fields.Target") },
    { from: "job", title: "Job" },
  ]);
}

function alerts(): TableBuilder {
  const panel = table({
    title: "Alerts",
    description:
      "Pending and firing alerts of the rules that come with the exporter. Empty while there are none, and where the rules are not loaded.",
    unit: "short",
    width: 10,
    height: 8,
  }).withTarget(
    rows(
      `max by (alertname, alertstate, severity, target, instance) (ALERTS{alertname=~"Ecmp.+",${SCOPE},target=~"|$target"})`,
    ),
  );
  return withColumns(
    panel,
    [
      { from: "alertname", title: "Alert" },
      { from: "alertstate", title: "State", width: 80 },
      { from: "severity", title: "Severity", width: 90 },
      { from: "target", title: "Target" },
      { from: "instance", title: "Exporter" },
    ],
    ["Value"],
  );
}
