import { Daemon, type DaemonConfig } from "../test/lab/daemon.ts";
import type { Lab } from "../test/lab/lab.ts";
import { pause } from "../test/lab/processes.ts";
import { scrapeText, sumOf } from "./exposition-text.ts";
import { FIRST_PORT, SERVICE } from "./probing-network.ts";
import { cpuSeconds } from "./process-cost.ts";

/** What is probed, and how fast. */
export interface Load {
  readonly targets: number;
  /** Flows of each target. */
  readonly flows: number;
  /** Seconds from one probe of a flow to its next. */
  readonly interval: number;
  /** Probes a second of all of it. */
  readonly rate: number;
}

/** A load by its numbers. */
export function loadOf(targets: number, flows: number, interval: number): Load {
  return { targets, flows, interval, rate: (targets * flows) / interval };
}

/** The exporter's settings for a load. @param limits beside a packet budget that the load fits into */
export function configOf(load: Load, limits: Readonly<Record<string, number>> = {}): DaemonConfig {
  const { targets, flows, interval, rate } = load;
  return {
    probe: {
      interval: `${interval}s`,
      timeout: interval > 1 ? "1s" : "500ms",
      flow_buckets: flows,
    },
    limits: { packets_per_second: Math.ceil(rate * 1.2) + 1_000, ...limits },
    targets: Array.from({ length: targets }, (_, i) => ({
      name: `target-${i}`,
      host: SERVICE,
      port: FIRST_PORT + i,
      protocol: "tcp",
    })),
  };
}

/** The exporter's own counters of all targets. */
export interface Counted {
  /** When they were read, milliseconds, monotonic. */
  readonly at: number;
  readonly probes: number;
  readonly failures: number;
  readonly invalid: number;
  /** But for buckets that no port of the range hashes into, which have nothing to send. */
  readonly skipped: number;
  /** Both by their reasons. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Packets of traces. */
  readonly traces: number;
  /** Series of the scrape, and bytes of its text. */
  readonly series: number;
  readonly bytes: number;
}

const SKIPPED = "ecmp_exporter_probes_skipped_total";

/** Scrapes with gzip, as Prometheus does, and sums up. */
export async function counted(daemon: Daemon): Promise<Counted> {
  const at = performance.now();
  const text = await scrapeText(daemon.url);
  return {
    at,
    probes: sumOf(text, "ecmp_probes_total"),
    failures: sumOf(text, "ecmp_probe_failures_total"),
    invalid: sumOf(text, "ecmp_probes_invalid_total"),
    skipped: sumOf(text, SKIPPED) - sumOf(text, `${SKIPPED}{reason="no_port"}`),
    reasons: byReason(text),
    traces: sumOf(text, "ecmp_trace_packets_total"),
    series: sumOf(text, "ecmp_exporter_series"),
    bytes: text.length,
  };
}

/** Invalid probes and skipped ones by their reasons. */
function byReason(text: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [, name, reason, value] of text.matchAll(
    /^ecmp_(?:exporter_)?probes_(invalid|skipped)_total\{(?:[^}]*,)?reason="([^"]*)"[^}]*\} (\S+)/gm,
  )) {
    const key = `${name} ${reason}`;
    sums.set(key, (sums.get(key) ?? 0) + Number(value));
  }
  return sums;
}

/** What was counted from one reading to the next. */
export function between(before: Counted, after: Counted) {
  return {
    seconds: (after.at - before.at) / 1000,
    probes: after.probes - before.probes,
    failures: after.failures - before.failures,
    invalid: after.invalid - before.invalid,
    skipped: after.skipped - before.skipped,
    reasons: Object.fromEntries(
      [...after.reasons].flatMap(([reason, count]) => {
        const more = count - (before.reasons.get(reason) ?? 0);
        return more === 0 ? [] : [[reason, more]];
      }),
    ),
    traces: after.traces - before.traces,
  };
}

/** What the exporter did in one measurement. */
export interface Measured {
  /** Processor time of a completed probe, microseconds. */
  readonly cpuMicros: number;
  /** Completed probes a second. */
  readonly perSecond: number;
  /** Share of a core, 0 and up. */
  readonly cores: number;
  /** Probes that the exporter spoiled or left out. */
  readonly spoiled: number;
}

/** Until every flow has begun, its code is compiled and its paths are known, milliseconds. */
const WARM_MS = 25_000;
/** What a scrape itself cost is over by then, milliseconds. */
const SCRAPED_MS = 2_000;

/** Starts the exporter with a load, measures for a while, ends it. @param wrapper comes before node, such as taskset */
export async function measureExporter(
  lab: Lab,
  config: DaemonConfig,
  seconds: number,
  wrapper: readonly string[] = [],
): Promise<Measured> {
  const daemon = await Daemon.start(lab, "client", config, [], wrapper);
  try {
    await pause(WARM_MS);
    // The first reading hands over the labels of all series: it takes so much longer than the next that rates would come out too low.
    await counted(daemon);
    await pause(SCRAPED_MS);
    const before = await counted(daemon);
    await pause(SCRAPED_MS);
    const [cpu, from] = [cpuSeconds(daemon.process.pid), performance.now()];
    await pause(seconds * 1000);
    const used = cpuSeconds(daemon.process.pid) - cpu;
    const took = (performance.now() - from) / 1000;
    const { probes, failures, invalid, skipped, ...all } = between(before, await counted(daemon));
    // Scrapes stand outside the time whose processor use was read, so probes are counted by their rate.
    const perSecond = (probes - failures) / all.seconds;
    return {
      cpuMicros: (used / (perSecond * took)) * 1e6,
      perSecond,
      cores: used / took,
      spoiled: invalid + skipped,
    };
  } finally {
    await daemon.stop();
  }
}
