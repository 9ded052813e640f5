import type { FamilyType } from "./family.ts";

/** What is fixed about a metric of ours: everything but its samples. */
export interface MetricSpec {
  /** Full name as in the text format. */
  readonly name: string;
  readonly type: FamilyType;
  /** Meaning and unit, one sentence or two. */
  readonly help: string;
  /** Own labels in their order; the user's labels of a target follow them. */
  readonly labels: readonly string[];
}

/** Every metric of ours: name, type, help, labels. The key is what the code calls it. */
export const METRICS = {
  probes: {
    name: "ecmp_probes_total",
    type: "counter",
    help: "Finished valid probes, answered or failed. Failures divided by this is the loss ratio.",
    labels: ["target", "protocol", "flow_bucket"],
  },
  probeFailures: {
    name: "ecmp_probe_failures_total",
    type: "counter",
    help: "Valid probes that failed, for any reason. Starts at 0: use this one in alerts.",
    labels: ["target", "protocol", "flow_bucket"],
  },
  probeFailureReasons: {
    name: "ecmp_probe_failure_reasons_total",
    type: "counter",
    help: "Valid probes that failed, by reason: timeout, refused, unreachable, prohibited, ttl_exceeded or unfinished (the server keeps repeating its SYN-ACK).",
    labels: ["target", "protocol", "reason"],
  },
  lastHopProbes: {
    name: "ecmp_last_hop_probes_total",
    type: "counter",
    help: "Finished valid probes by the last hop that responded to their flow; for answered probes the destination.",
    labels: ["target", "protocol", "flow_bucket", "last_hop"],
  },
  lastHopFailures: {
    name: "ecmp_last_hop_failures_total",
    type: "counter",
    help: "Failed probes by the last hop that responded to a trace of the same flow right after the failure; none, unknown or other if there is no address.",
    labels: ["target", "protocol", "flow_bucket", "last_hop"],
  },
  probesInvalid: {
    name: "ecmp_probes_invalid_total",
    type: "counter",
    help: "Probes discarded because of a local problem; not in any other counter.",
    labels: ["target", "protocol", "reason"],
  },
  lateReplies: {
    name: "ecmp_late_replies_total",
    type: "counter",
    help: "Replies that arrived after their probe had timed out; the probe still counts as failed.",
    labels: ["target", "protocol"],
  },
  oneWayLosses: {
    name: "ecmp_one_way_losses_total",
    type: "counter",
    help: "Lost probes for which a STAMP reflector's counters show the direction of the loss: forward (to the reflector) or return (back).",
    labels: ["target", "protocol", "direction"],
  },
  probeRtt: {
    name: "ecmp_probe_rtt_seconds",
    type: "histogram",
    help: "Round-trip time of answered probes in seconds, from kernel timestamps where available.",
    labels: ["target", "protocol"],
  },
  flowUp: {
    name: "ecmp_flow_up",
    type: "gauge",
    help: "1 if the latest probe of the bucket's current flow was answered, 0 if it failed. One series per bucket.",
    labels: ["target", "protocol", "flow_bucket", "last_hop"],
  },
  flowSourcePort: {
    name: "ecmp_flow_source_port",
    type: "gauge",
    help: "Source port of the bucket's current flow (ICMP: echo identifier), as the value.",
    labels: ["target", "protocol", "flow_bucket"],
  },
  targetInfo: {
    name: "ecmp_target_info",
    type: "gauge",
    help: "1 for every target, with the address it resolved to and its port.",
    labels: ["target", "protocol", "address", "port"],
  },
  targetFlowsFailing: {
    name: "ecmp_target_flows_failing",
    type: "gauge",
    help: "Current flows of the target that are failing.",
    labels: ["target", "protocol"],
  },
  targetNat: {
    name: "ecmp_target_nat_detected",
    type: "gauge",
    help: "1 if a router received the target's packets with other addresses or ports than they were sent with, 0 otherwise.",
    labels: ["target", "protocol"],
  },
  pathProbes: {
    name: "ecmp_path_probes_total",
    type: "counter",
    help: "Finished valid probes by the path on which their flow was last seen; unknown if that is not known.",
    labels: ["target", "protocol", "path"],
  },
  pathFailures: {
    name: "ecmp_path_probe_failures_total",
    type: "counter",
    help: "Failed probes by the path on which their flow was last seen while it worked, else by the only known path that begins like its trace; unknown otherwise.",
    labels: ["target", "protocol", "path"],
  },
  linkProbes: {
    name: "ecmp_link_probes_total",
    type: "counter",
    help: "Finished valid probes by the links of their path; the first link begins at source.",
    labels: ["target", "protocol", "hop_from", "hop_to"],
  },
  linkFailures: {
    name: "ecmp_link_probe_failures_total",
    type: "counter",
    help: "Failed probes by the links of their path. A failing flow counts on every link that it crosses, not only on the broken one.",
    labels: ["target", "protocol", "hop_from", "hop_to"],
  },
  flowPathId: {
    name: "ecmp_flow_path_id",
    type: "gauge",
    help: "Path of the bucket's current flow as a number: the hexadecimal path id read as an integer.",
    labels: ["target", "protocol", "flow_bucket"],
  },
  targetPaths: {
    name: "ecmp_target_paths",
    type: "gauge",
    help: "Distinct paths that the target's current flows take.",
    labels: ["target", "protocol"],
  },
  targetPathCoverage: {
    name: "ecmp_target_path_coverage_ratio",
    type: "gauge",
    help: "Probability that every path to the target has been seen, 0 to 1, if routers spread flows evenly.",
    labels: ["target", "protocol"],
  },
  targetVerdict: {
    name: "ecmp_target_verdict",
    type: "gauge",
    help: "1 for the current verdict of the target, 0 for the others.",
    labels: ["target", "protocol", "verdict"],
  },
  suspectLink: {
    name: "ecmp_suspect_link_loss_ratio",
    type: "gauge",
    help: "Estimated share of packets that a suspected link or router loses, 0 to 1. Exists only while it is suspected.",
    labels: ["target", "protocol", "hop_from", "hop_to", "segment", "place", "name"],
  },
  pathInfo: {
    name: "ecmp_path_info",
    type: "gauge",
    help: "1 for every known path of the target, with its hops in order; * is a hop that never answers.",
    labels: ["target", "protocol", "path", "hops"],
  },
  pathChanges: {
    name: "ecmp_path_changes_total",
    type: "counter",
    help: "Path changes: flows seen on another path than before, with the same 5-tuple.",
    labels: ["target", "protocol"],
  },
  targetEvents: {
    name: "ecmp_target_events_total",
    type: "counter",
    help: "Changes of a target: another verdict, paths that changed together, a new suspect, a fault that healed; /api/v1/events tells them.",
    labels: ["target", "protocol", "event"],
  },
  hopInfo: {
    name: "ecmp_hop_info",
    type: "gauge",
    help: "1 for every hop that has a name in reverse DNS, if hops.resolve is true.",
    labels: ["hop", "name"],
  },
  hopInterfaceInfo: {
    name: "ecmp_hop_interface_info",
    type: "gauge",
    help: "1 for every hop that names the interface by which packets come to it (RFC 5837), with that name.",
    labels: ["hop", "interface"],
  },
  routerInfo: {
    name: "ecmp_router_info",
    type: "gauge",
    help: "1 for every hop whose router is known, and from where: inventory, name, interface (what routers say of themselves) or subnet.",
    labels: ["hop", "router", "source"],
  },
  tracePackets: {
    name: "ecmp_trace_packets_total",
    type: "counter",
    help: "TTL-limited packets sent to trace flows, by purpose: failure, survey or control.",
    labels: ["target", "protocol", "purpose"],
  },
  traces: {
    name: "ecmp_traces_total",
    type: "counter",
    help: "Finished traces of a flow, by purpose: failure, survey or control.",
    labels: ["target", "protocol", "purpose"],
  },
  buildInfo: {
    name: "ecmp_exporter_build_info",
    type: "gauge",
    help: "1, with the version and source revision of the exporter and the version of Node.js that runs it.",
    labels: ["version", "revision", "nodeversion"],
  },
  configReloadSuccessful: {
    name: "ecmp_exporter_config_last_reload_successful",
    type: "gauge",
    help: "1 if the latest reload succeeded, 0 if it failed and the previous configuration is still active.",
    labels: [],
  },
  configReloadSuccessTimestamp: {
    name: "ecmp_exporter_config_last_reload_success_timestamp_seconds",
    type: "gauge",
    help: "When the active configuration was loaded, in seconds since the Unix epoch.",
    labels: [],
  },
  rawSockets: {
    name: "ecmp_exporter_raw_sockets",
    type: "gauge",
    help: "1 if raw sockets are in use, 0 if not: then only TCP is probed, with connect(), and nothing is traced.",
    labels: [],
  },
  packetsSent: {
    name: "ecmp_exporter_packets_sent_total",
    type: "counter",
    help: "Packets handed to the kernel: probes, traces and IPv6 resets.",
    labels: [],
  },
  packetsReceived: {
    name: "ecmp_exporter_packets_received_total",
    type: "counter",
    help: "Packets read from the kernel that passed its filter.",
    labels: [],
  },
  packetsIgnored: {
    name: "ecmp_exporter_packets_ignored_total",
    type: "counter",
    help: "Received packets that do not answer anything the exporter sent, by reason.",
    labels: ["reason"],
  },
  sendErrors: {
    name: "ecmp_exporter_send_errors_total",
    type: "counter",
    help: "Packets the kernel refused to send, by error code.",
    labels: ["code"],
  },
  receiveDrops: {
    name: "ecmp_exporter_receive_drops_total",
    type: "counter",
    help: "Received packets the kernel dropped because the exporter did not read them in time.",
    labels: [],
  },
  probesSkipped: {
    name: "ecmp_exporter_probes_skipped_total",
    type: "counter",
    help: "Probes that were due but not sent, by reason, such as an exhausted packet budget.",
    labels: ["reason"],
  },
  series: {
    name: "ecmp_exporter_series",
    type: "gauge",
    help: "Samples in the latest exposition.",
    labels: [],
  },
  seriesFolded: {
    name: "ecmp_exporter_series_folded_total",
    type: "counter",
    help: "Label sets folded into other because a limit on series was reached.",
    labels: [],
  },
  targetsReduced: {
    name: "ecmp_exporter_targets_reduced",
    type: "gauge",
    help: "Targets that show fewer series than configured because limits.series is reached, by what they show: failing or paths.",
    labels: ["series"],
  },
  eventLoopLag: {
    name: "ecmp_exporter_event_loop_lag_seconds",
    type: "gauge",
    help: "Longest delay of the event loop in the last minute, in seconds. Long delays make probes invalid.",
    labels: [],
  },
  serverRestarts: {
    name: "ecmp_exporter_server_restarts_total",
    type: "counter",
    help: "Times that the thread which serves metrics, API and page ended and was started again; probing goes on meanwhile.",
    labels: [],
  },
  sourcePortsUnavailable: {
    name: "ecmp_exporter_source_ports_unavailable",
    type: "gauge",
    help: "Configured source ports that cannot be used because other sockets of this host use them.",
    labels: [],
  },
} as const;
