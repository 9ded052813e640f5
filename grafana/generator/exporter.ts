import { BigValueGraphMode, BigValueTextMode } from "@grafana/grafana-foundation-sdk/common";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { steps, upWords, zeroSteps } from "./colours.ts";
import { dashboard } from "./frame.ts";
import { UIDS } from "./links.ts";
import { lines, stack, stat } from "./panels.ts";
import { rateBy, SCOPE, TARGETS } from "./promql.ts";
import { series } from "./query.ts";

const SMALL = { width: 4, height: 4 } as const;
const THIRD = { width: 8, height: 8 } as const;
const EXPORTER = "{{instance}}";

/** The daemon's own health: whether what it says about the network can be believed. */
export function exporter(): Dashboard {
  return dashboard({
    uid: UIDS.exporter,
    title: "ECMP / Exporter",
    description:
      "The exporter watching itself: packets, what it skipped or discarded, series, and the process.",
    oneTarget: false,
    rows: [
      { title: "Now", panels: numbers() },
      { title: "Probing", panels: probing() },
      { title: "Trouble", panels: trouble() },
      { title: "Process", panels: runtime() },
    ],
  });
}

function own(name: string): string {
  return `${name}{${SCOPE}}`;
}

function numbers() {
  return [
    stat({
      ...SMALL,
      title: "Up",
      description: "Whether the exporter answered the latest scrape.",
      unit: "none",
    })
      .mappings(upWords("up", "down"))
      .withTarget(series(own("up"), EXPORTER)),
    stat({
      ...SMALL,
      title: "Version",
      description: "Version, source revision and Node.js of each exporter.",
      unit: "none",
    })
      .textMode(BigValueTextMode.Name)
      .graphMode(BigValueGraphMode.None)
      .thresholds(steps("text"))
      .withTarget(
        series(own("ecmp_exporter_build_info"), "{{version}} {{revision}} {{nodeversion}}"),
      ),
    stat({
      ...SMALL,
      title: "Configuration",
      description:
        "Whether the latest attempt to load the configuration succeeded. After a failed one the configuration before stays active.",
      unit: "none",
    })
      .mappings(upWords("loaded", "reload failed"))
      .withTarget(series(own("ecmp_exporter_config_last_reload_successful"), EXPORTER)),
    stat({
      ...SMALL,
      title: "Configuration's age",
      description: "How long ago the active configuration was loaded.",
      unit: "s",
    })
      .graphMode(BigValueGraphMode.None)
      .thresholds(steps("text"))
      .withTarget(
        series(
          `time() - ${own("ecmp_exporter_config_last_reload_success_timestamp_seconds")}`,
          EXPORTER,
        ),
      ),
    stat({
      ...SMALL,
      title: "Samples",
      description: "Samples in the latest exposition.",
      unit: "short",
    })
      .thresholds(steps("text"))
      .withTarget(series(own("ecmp_exporter_series"), EXPORTER)),
    stat({
      ...SMALL,
      title: "Unavailable ports",
      description:
        "Configured source ports that other sockets of the host hold. Flows on them cannot be probed.",
      unit: "none",
    })
      .thresholds(zeroSteps("orange"))
      .withTarget(series(own("ecmp_exporter_source_ports_unavailable"), EXPORTER)),
  ];
}

function probing() {
  return [
    lines({
      ...THIRD,
      title: "Probes",
      description: "Finished valid probes a second, answered or failed.",
      unit: "reqps",
    }).withTarget(series(rateBy("instance", "ecmp_probes_total", TARGETS), EXPORTER)),
    lines({
      ...THIRD,
      title: "Packets",
      description:
        "Packets a second handed to the kernel and read from it: probes, traces and their answers.",
      unit: "pps",
    })
      .withTarget(
        series(
          rateBy("instance", "ecmp_exporter_packets_sent_total", SCOPE),
          `sent ${EXPORTER}`,
          "A",
        ),
      )
      .withTarget(
        series(
          rateBy("instance", "ecmp_exporter_packets_received_total", SCOPE),
          `received ${EXPORTER}`,
          "B",
        ),
      ),
    stack({
      ...THIRD,
      title: "Trace packets",
      description:
        "TTL-limited packets a second by purpose: failing flows, surveys of healthy ones, and controls.",
      unit: "pps",
    }).withTarget(series(rateBy("purpose", "ecmp_trace_packets_total", TARGETS), "{{purpose}}")),
    stack({
      ...THIRD,
      title: "Traces",
      description:
        "Finished traces a second by purpose. None for failing flows while flows fail means that the trace budget is too small.",
      unit: "ops",
    }).withTarget(series(rateBy("purpose", "ecmp_traces_total", TARGETS), "{{purpose}}")),
    lines({
      ...THIRD,
      title: "Scrape duration",
      description: "How long Prometheus took to scrape.",
      unit: "s",
    }).withTarget(series(own("scrape_duration_seconds"), EXPORTER)),
    lines({
      ...THIRD,
      title: "Series",
      description:
        "Samples in the exposition, and label sets that were folded into other because a limit was reached.",
      unit: "short",
    })
      .withTarget(series(own("ecmp_exporter_series"), EXPORTER, "A"))
      .withTarget(
        series(
          `sum by (instance) (increase(ecmp_exporter_series_folded_total{${SCOPE}}[$__rate_interval]))`,
          `folded ${EXPORTER}`,
          "B",
        ),
      ),
  ];
}

function trouble() {
  return [
    lines({
      ...THIRD,
      title: "Event loop lag",
      description:
        "Longest delay of the event loop in the last minute. Large values make probes invalid.",
      unit: "s",
    }).withTarget(series(own("ecmp_exporter_event_loop_lag_seconds"), EXPORTER)),
    stack({
      ...THIRD,
      title: "Skipped probes",
      description:
        "Probes a second that were due but not sent, by reason. A packet budget that is too small is one.",
      unit: "reqps",
    }).withTarget(
      series(
        rateBy("instance, reason", "ecmp_exporter_probes_skipped_total", SCOPE),
        `{{reason}} ${EXPORTER}`,
      ),
    ),
    stack({
      ...THIRD,
      title: "Invalid probes",
      description:
        "Probes a second that the exporter discarded because of a local problem, by reason. They count in no other probe counter.",
      unit: "reqps",
    }).withTarget(
      series(
        rateBy("instance, reason", "ecmp_probes_invalid_total", TARGETS),
        `{{reason}} ${EXPORTER}`,
      ),
    ),
    lines({
      ...THIRD,
      title: "Packets dropped on receipt",
      description:
        "Packets a second that the kernel dropped because the exporter did not read them in time.",
      unit: "pps",
    }).withTarget(series(rateBy("instance", "ecmp_exporter_receive_drops_total", SCOPE), EXPORTER)),
    lines({
      ...THIRD,
      title: "Send errors",
      description:
        "Packets a second that the kernel refused to send, by error code. Empty until there has been one.",
      unit: "pps",
    }).withTarget(
      series(
        rateBy("instance, code", "ecmp_exporter_send_errors_total", SCOPE),
        `{{code}} ${EXPORTER}`,
      ),
    ),
    stack({
      ...THIRD,
      title: "Ignored packets",
      description:
        "Received packets a second that answer nothing the exporter sent, by reason. Forged or corrupted answers are among them.",
      unit: "pps",
    }).withTarget(
      series(
        rateBy("instance, reason", "ecmp_exporter_packets_ignored_total", SCOPE),
        `{{reason}} ${EXPORTER}`,
      ),
    ),
  ];
}

function runtime() {
  const quarter = { width: 6, height: 7 } as const;
  return [
    lines({
      ...quarter,
      title: "CPU",
      description: "Processor time a second; 1 is one core.",
      unit: "none",
    }).withTarget(series(rateBy("instance", "process_cpu_seconds_total", SCOPE), EXPORTER)),
    lines({
      ...quarter,
      title: "Memory",
      description: "Resident memory, and the heap in use.",
      unit: "bytes",
    })
      .withTarget(series(own("process_resident_memory_bytes"), `resident ${EXPORTER}`, "A"))
      .withTarget(series(own("nodejs_heap_size_used_bytes"), `heap ${EXPORTER}`, "B")),
    lines({
      ...quarter,
      title: "Garbage collection",
      description: "Share of time spent collecting garbage, by kind.",
      unit: "percentunit",
    }).withTarget(
      series(
        rateBy("instance, kind", "nodejs_gc_duration_seconds_sum", SCOPE),
        `{{kind}} ${EXPORTER}`,
      ),
    ),
    lines({
      ...quarter,
      title: "File descriptors",
      description: "Open file descriptors as a share of those that the process may have.",
      unit: "percentunit",
    })
      .min(0)
      .withTarget(series(`${own("process_open_fds")} / ${own("process_max_fds")}`, EXPORTER)),
  ];
}
