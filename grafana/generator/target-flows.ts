import type { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { successSteps, upWords } from "./colours.ts";
import { merged, numbered, withColumns } from "./columns.ts";
import { toApi } from "./links.ts";
import { table } from "./panels.ts";
import { FLOWS, successBy, TARGET, withHopName } from "./promql.ts";
import { rows } from "./query.ts";

const FLOW = "job, instance, flow_bucket";

/** Each bucket's flow of now: what to type to send a packet the same way. */
export function flows(): TableBuilder {
  const now = (name: string) => `max by (${FLOW}) (${name}{${TARGET}})`;
  const panel = table({
    title: "Flows",
    description:
      "Every bucket's current flow: its source port (for ICMP the echo identifier), the hop that answered last (the destination while it works) and its path, in capital hexadecimal digits without leading zeros. Click a bucket for what the exporter's API says, with commands that reproduce the fault by hand.",
    unit: "none",
    width: 24,
    height: 12,
  })
    .withTarget(
      rows(withHopName(`max by (${FLOW}, last_hop) (ecmp_flow_up{${TARGET}})`, "last_hop"), "up"),
    )
    .withTarget(rows(now("ecmp_flow_source_port"), "port"))
    .withTarget(rows(now("ecmp_flow_path_id"), "path"))
    .withTarget(rows(successBy(FLOW, FLOWS, TARGET), "success"));
  withColumns(numbered(merged(panel), "flow_bucket"), [
    { from: "flow_bucket", title: "Bucket", width: 90, link: toApi("target") },
    { from: "Value #port", title: "Source port", unit: "none", width: 110 },
    { from: "Value #up", title: "State", mappings: upWords("up", "failing"), width: 90 },
    { from: "Value #success", title: "Success", unit: "percentunit", thresholds: successSteps() },
    { from: "last_hop", title: "Last hop" },
    { from: "name", title: "Name" },
    { from: "Value #path", title: "Path", unit: "hex" },
    { from: "instance", title: "Exporter" },
    { from: "job", title: "Job" },
  ]);
  return panel.withTransformation({
    id: "sortBy",
    options: { fields: {}, sort: [{ field: "State", desc: false }] },
  });
}
