import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { steps, successSteps, VERDICT_WORDS, verdictCode, zeroSteps } from "./colours.ts";
import { dashboard } from "./frame.ts";
import { UIDS } from "./links.ts";
import { lines, stat, timeline } from "./panels.ts";
import { FLOWS, PATHS, successBy, TARGET } from "./promql.ts";
import { series } from "./query.ts";
import { flows } from "./target-flows.ts";
import { lastHops, network, paths, suspects } from "./target-paths.ts";
import { pingVersusTcp } from "./target-ping.ts";
import { roundTrips } from "./target-time.ts";

const SMALL = { width: 4, height: 4 } as const;

/** One target: which of its flows fail, on which path, behind which hop. */
export function target(): Dashboard {
  return dashboard({
    uid: UIDS.target,
    title: "ECMP / Target",
    description:
      "One target: its flows, the paths they take, the hops that answer last, and the links that are suspected.",
    oneTarget: true,
    rows: [
      { title: "Now", panels: numbers() },
      { title: "Flows", panels: [buckets(), flows()] },
      { title: "Paths", panels: [network(), suspects(), pathSuccess(), paths(), ...lastHops()] },
      { title: "Time and failures", panels: roundTrips() },
      { title: "Ping versus TCP", panels: pingVersusTcp() },
    ],
  });
}

function numbers() {
  return [
    stat({
      ...SMALL,
      title: "Verdict",
      description:
        "What the exporter concludes; with several exporters, the worst of their conclusions.",
      unit: "none",
    })
      .mappings(VERDICT_WORDS)
      .withTarget(series(verdictCode("target", TARGET), "verdict")),
    stat({
      ...SMALL,
      title: "Success",
      description: "Share of valid probes that were answered.",
      unit: "percentunit",
    })
      .decimals(2)
      .thresholds(successSteps())
      .withTarget(series(successBy("", FLOWS, TARGET), "success")),
    stat({
      ...SMALL,
      title: "Worst path",
      description: "Success on the path that has the least. The name is the path's id.",
      unit: "percentunit",
    })
      .decimals(2)
      .thresholds(successSteps())
      .withTarget(series(`min(${successBy("path", PATHS, TARGET)})`, "worst path")),
    stat({
      ...SMALL,
      title: "Failing flows",
      description: "Flows whose latest probe was not answered.",
      unit: "none",
    })
      .thresholds(zeroSteps("orange"))
      .withTarget(series(`sum(ecmp_target_flows_failing{${TARGET}})`, "flows")),
    stat({
      ...SMALL,
      title: "Paths in use",
      description:
        "Distinct paths that flows take, or took in the last minutes; with several exporters, of the one that sees most.",
      unit: "none",
    })
      .thresholds(steps("text"))
      .withTarget(series(`max(ecmp_target_paths{${TARGET}})`, "paths")),
    stat({
      ...SMALL,
      title: "Coverage",
      description:
        "Chance that no path is left unseen, if routers spread flows evenly; with several exporters, the least.",
      unit: "percentunit",
    })
      .decimals(1)
      .thresholds(steps("orange", [0.95, "green"]))
      .withTarget(series(`min(ecmp_target_path_coverage_ratio{${TARGET}})`, "coverage")),
  ];
}

/**
 * Rows sort by text, so bucket numbers get leading zeros; a configuration may have 1024 of them. Success is cut to
 * twentieths, or no two spans would ever be equal and become one.
 */
function buckets() {
  const success = `floor(20 * (${successBy("instance, flow_bucket", FLOWS, TARGET)})) / 20`;
  const padded = ["000$1", "00$1", "0$1", "$1"].reduce(
    (inner, replacement, index) =>
      `label_replace(${inner}, "bucket", "${replacement}", "flow_bucket", "(.{${index + 1}})")`,
    success,
  );
  return timeline({
    title: "Success by flow bucket",
    description:
      "One row a bucket, that is one flow (one source port) at a time. Red: the flow is dead. Rows that are red while others are green are the sign of one broken path. Where a bucket turns green at a rotation of ports, its next flow took another path.",
    unit: "percentunit",
    width: 24,
    height: 18,
  })
    .perPage(64)
    .thresholds(steps("red", [0.05, "orange"], [0.95, "yellow"], [1, "green"]))
    .min(0)
    .max(1)
    .withTarget(series(`max by (bucket, instance) (${padded})`, "{{bucket}} {{instance}}"));
}

function pathSuccess() {
  return lines({
    title: "Success by path",
    description:
      "Share of answered probes by the path their flow was last seen to take while it worked. Unknown: no trace tells the path.",
    unit: "percentunit",
    width: 12,
    height: 9,
  })
    .min(0)
    .max(1)
    .withTarget(series(successBy("path", PATHS, TARGET), "{{path}}"));
}
