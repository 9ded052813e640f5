// What a reader must know before trusting what is shown. Plain data in, sentences out.
import { count } from "./text.js";

/** Fewer flows than this meet one broken path of sixteen less often than nine times in ten. */
const FEW_FLOWS = 36;

/** What concerns the exporter as a whole; `exporter` as `/api/v1/status` says it. */
export function exporterNotices(exporter) {
  const notices = [];
  if (exporter.raw_sockets === false) {
    notices.push(
      "The exporter runs without raw sockets: TCP is probed by connections, UDP and ICMP are not probed, and failing flows are not traced. Grant CAP_NET_RAW to have all of it.",
    );
  }
  const budget = exporter.probes_over_budget_recently ?? 0;
  if (budget > 0) {
    notices.push(
      `The exporter is overloaded. Probes of the last five minutes that did not fit the packet budget and were left out: ${budget}. Raise limits.packets_per_second, lengthen the interval or probe fewer flows.`,
    );
  }
  const stalls = exporter.probes_stalled_recently ?? 0;
  if (stalls > 0) {
    notices.push(
      `This host is overloaded. Probes of the last five minutes that the exporter left out, since it was not run in time: ${stalls}.`,
    );
  }
  const drops = exporter.receive_drops_recently ?? 0;
  if (drops > 0) {
    notices.push(
      `The kernel dropped packets before the exporter could read them, ${drops} in the last five minutes; probes that this may have spoiled are not counted.`,
    );
  }
  const reduced = exporter.targets_reduced ?? 0;
  if (reduced > 0) {
    notices.push(
      `The limit of series is reached. Targets that show fewer series in the metrics than configured, the largest first: ${reduced}. Raise limits.series, or set series to failing or paths; this page still shows every flow.`,
    );
  }
  const folded = exporter.series_folded ?? 0;
  if (folded > 0) {
    notices.push(
      `The limit of series is reached. Label sets that are counted as "other" in the metrics: ${folded}. Raise limits.series or probe fewer flows; this page still shows every flow.`,
    );
  }
  if (exporter.reload_successful === false) {
    notices.push(
      "The last reload of the configuration failed: the previous one stays in force. The log says why.",
    );
  }
  return notices;
}

/** What concerns one target, beside its reason. */
export function targetNotices(target) {
  const notices = [];
  if (target.method === "connect") {
    notices.push(
      "This target is probed by connections of this host; its failing flows may not be traced.",
    );
  }
  const { warning, per_packet_ttls: perPacket } = target.coverage;
  if (warning) notices.push(`Too few flows: ${warning}.`);
  else if (
    target.flows.length > 0 &&
    target.flows.length < FEW_FLOWS &&
    target.coverage.paths > 1
  ) {
    notices.push(
      `Only ${count(target.flows.length, "flow")} at a time: a broken path may be met only after a rotation. 64 meet one of 16 paths with 98 %.`,
    );
  }
  if (perPacket.length > 0) {
    notices.push(
      `Packets of one flow take turns over several routers at TTL ${perPacket.join(", ")}: hops there belong to no path and are shown as silent.`,
    );
  }
  if (target.nat) {
    notices.push(
      "A NAT on the way changes the flows: behind it other ports and addresses are hashed than those shown here.",
    );
  }
  return notices;
}
