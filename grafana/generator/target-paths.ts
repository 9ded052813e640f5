import type { PanelBuilder as NodeGraphBuilder } from "@grafana/grafana-foundation-sdk/nodegraph";
import type { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { lossSteps, successSteps } from "./colours.ts";
import { merged, withColumns } from "./columns.ts";
import { toApi } from "./links.ts";
import { lines, stack, table } from "./panels.ts";
import { PATHS, rateBy, successBy, TARGET, withHopName } from "./promql.ts";
import { rows, series } from "./query.ts";
import { topology } from "./topology.ts";

/** The fan of paths, from the exporters to the target. */
export function network(): NodeGraphBuilder {
  return topology(
    {
      title: "Topology",
      description:
        "Hops and links that the flows of the target cross, with the share of their probes that failed and how many cross them. A failing flow counts on all of its links, so orange is a path with a fault somewhere; red links are suspected. Links next to a hop that never answers are not drawn.",
      width: 14,
      height: 14,
    },
    TARGET,
  );
}

/** The links that the verdict accuses. */
export function suspects(): TableBuilder {
  const labels = "job, instance, place, name, hop_from, hop_to, segment";
  const loss = `max by (${labels}) (ecmp_suspect_link_loss_ratio{${TARGET}})`;
  const panel = table({
    title: "Suspects",
    description:
      "Places that are suspected of losing packets. A router drops whatever crosses it, to any hop. Segment forward: between these hops on the way there. return_or_endpoint: on the way back, at the host, or in a load balancer behind the last hop. Empty while nothing is suspected.",
    unit: "short",
    width: 10,
    height: 14,
  }).withTarget(rows(loss));
  return withColumns(panel, [
    { from: "name", title: "Name" },
    { from: "place", title: "Place" },
    { from: "hop_from", title: "From" },
    { from: "hop_to", title: "To" },
    { from: "Value", title: "Loss", unit: "percentunit", decimals: 1, thresholds: lossSteps() },
    { from: "segment", title: "Segment" },
    { from: "instance", title: "Exporter", link: toApi("target") },
    { from: "job", title: "Job" },
  ]);
}

/** Every path with its hops. */
export function paths(): TableBuilder {
  const panel = table({
    title: "Paths",
    description:
      "Every known path: its hops in order, * for one that never answers, probes a second on it and the share that was answered. A path without traffic has neither.",
    unit: "none",
    width: 12,
    height: 9,
  })
    .withTarget(rows(`max by (path, hops) (ecmp_path_info{${TARGET}})`, "info"))
    .withTarget(rows(successBy("path", PATHS, TARGET), "success"))
    .withTarget(rows(rateBy("path", PATHS.probes, TARGET), "rate"));
  return withColumns(
    merged(panel),
    [
      { from: "path", title: "Path", width: 100 },
      {
        from: "Value #success",
        title: "Success",
        unit: "percentunit",
        decimals: 2,
        thresholds: successSteps(),
        width: 90,
      },
      { from: "Value #rate", title: "Probes", unit: "reqps", decimals: 1, width: 90 },
      { from: "hops", title: "Hops" },
    ],
    ["Value #info"],
  );
}

/** Who answered last, by flows and by failed probes, and when flows changed their paths. */
export function lastHops() {
  const byHop = `count by (last_hop) (ecmp_flow_up{${TARGET}})`;
  const failed = rateBy("last_hop", "ecmp_last_hop_failures_total", TARGET);
  return [
    stack({
      title: "Flows by last responding hop",
      description:
        "How many flows got how far: those that are answered count for the destination, the others for the last hop that answered a trace of the same flow. A second colour is the router behind which packets die.",
      unit: "none",
      width: 12,
      height: 8,
    }).withTarget(series(withHopName(byHop, "last_hop"), "{{last_hop}} {{name}}")),
    stack({
      title: "Failed probes by last responding hop",
      description:
        "Failed probes a second by the last hop that answered their flow. The first failure behind a hop makes the series and cannot be seen in a rate: for single failures look at the reasons.",
      unit: "reqps",
      width: 6,
      height: 8,
    }).withTarget(series(withHopName(failed, "last_hop"), "{{last_hop}} {{name}}")),
    lines({
      title: "Path changes",
      description:
        "Flows a second that take another path than before, with the same 5-tuple: the network was rerouted.",
      unit: "ops",
      width: 6,
      height: 8,
    }).withTarget(series(rateBy("instance", "ecmp_path_changes_total", TARGET), "{{instance}}")),
  ];
}
