import { learningSeconds } from "../flow/learning-time.ts";
import type { PortRange, TargetSpec } from "../flow/target.ts";
import { parseAddress } from "../packet/address.ts";
import { formatDuration } from "./duration.ts";
import type { Config } from "./load.ts";
import { overlap } from "./port-ranges.ts";
import { healthySeries, worstCaseSeries } from "./series-estimate.ts";
import { textTable } from "./text-table.ts";

/** Below this number of ports a bucket rotation soon comes back to a port whose connection may still be remembered. */
const PORTS_PER_BUCKET = 4;

/** A stock Linux host sends one port-unreachable a second to each asker, after a burst (net.ipv4.icmp_ratelimit). */
const UNREACHABLES_PER_SECOND = 1;

/** A connection is made of SYN, ACK and RST; a raw probe is one packet. */
const PACKETS_A_CONNECTION = 3;

/** Packets a second that the probes of a target make. */
function packetsPerSecond({ method, flowBuckets, intervalMs }: TargetSpec): number {
  const packets = method === "connect" ? PACKETS_A_CONNECTION : 1;
  return (packets * flowBuckets * 1_000) / intervalMs;
}

/** Processor time of the exporter itself, and of a packet: measured from 1,000 to 50,000 packets a second, see docs/performance.md. */
const CPU_PERCENT = 4;
const CPU_MICROS_A_PACKET = 22;

/** At most two decimals, none where they are zero. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function total<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}

function warningsOfTarget(spec: TargetSpec, kernel: PortRange | undefined): readonly string[] {
  const warnings: string[] = [];
  const { first, last } = spec.sourcePorts;
  if (kernel !== undefined && overlap(spec.sourcePorts, kernel)) {
    warnings.push(
      `source_ports ${first}-${last} overlaps the kernel's ip_local_port_range ${kernel.first}-${kernel.last}: connections of this host may use the same ports; choose other ports or narrow net.ipv4.ip_local_port_range`,
    );
  }
  const ports = last - first + 1;
  if (ports < PORTS_PER_BUCKET * spec.flowBuckets) {
    warnings.push(
      `${ports} source ports are ${number(ports / spec.flowBuckets)} per bucket: rotation finds few new paths; widen source_ports to at least ${PORTS_PER_BUCKET * spec.flowBuckets} ports or lower flow_buckets`,
    );
  }
  const rate = (spec.flowBuckets * 1_000) / spec.intervalMs;
  if (spec.protocol === "udp" && spec.payload === undefined && rate > UNREACHABLES_PER_SECOND) {
    warnings.push(
      `${number(rate)} UDP probes per second: a Linux host answers a closed port with one port-unreachable per second, so the exporter will probe no faster than that; raise interval, lower flow_buckets, or give a payload that the service answers`,
    );
  }
  return warnings;
}

/**
 * What is doubtful about a plan though it is valid, one sentence each. A warning that concerns several targets stands once,
 * with their names.
 * @param specs all targets, those of target files included
 * @param kernel the kernel's own source ports, from /proc/sys/net/ipv4/ip_local_port_range
 */
export function planWarnings(
  config: Config,
  specs: readonly TargetSpec[],
  kernel?: PortRange,
): readonly string[] {
  const names = new Map<string, string[]>();
  for (const spec of specs) {
    for (const warning of warningsOfTarget(spec, kernel)) {
      names.set(warning, [...(names.get(warning) ?? []), spec.name]);
    }
  }
  if (config.rawSockets === "never") {
    for (const { name, protocol } of specs) {
      if (protocol === "tcp") continue;
      const warning = `${protocol} needs raw sockets, and raw_sockets is never: it will not be probed`;
      names.set(warning, [...(names.get(warning) ?? []), name]);
    }
  }
  const warnings = [...names].map(([warning, targets]) => {
    const shown = targets.slice(0, 3).join(", ");
    return `${shown}${targets.length > 3 ? ` and ${targets.length - 3} more` : ""}: ${warning}`;
  });
  const { packetsPerSecond: limit, series: seriesLimit } = config.limits;
  const probes = total(specs, packetsPerSecond);
  if (probes + config.trace.packetsPerSecond > limit) {
    warnings.push(
      `probes (${number(probes)}) and sweeps (${config.trace.packetsPerSecond}) need more packets a second than limits.packets_per_second (${limit}): some will be skipped and counted`,
    );
  }
  const series = total(specs, healthySeries);
  if (series > seriesLimit) {
    warnings.push(
      `about ${series} series are more than limits.series (${seriesLimit}): the largest targets will show fewer; raise the limit, or set series to failing or paths`,
    );
  }
  return warnings;
}

/**
 * `tcp 192.0.2.10:3306`, `tcp (connect) 192.0.2.10:22`, `icmp 2001:db8::1`. How many addresses a name with `resolve: all` has is
 * not asked: what stands beside it is of one.
 */
function endpoint(spec: TargetSpec): string {
  const host =
    parseAddress(spec.host)?.family === 6 && spec.port > 0 ? `[${spec.host}]` : spec.host;
  const suffix = spec.resolve === "all" ? " (each address)" : "";
  const protocol = spec.method === "connect" ? "tcp (connect)" : spec.protocol;
  return `${protocol} ${host}${spec.port > 0 ? `:${spec.port}` : ""}${suffix}`;
}

/** How long it takes to know the paths, where there is anything to know. */
function pathsLines({ rawSockets, trace }: Config, targets: number): readonly string[] {
  if (targets === 0 || rawSockets === "never") return [];
  const [four, eight] = [4, 8].map((width) => {
    const seconds = Math.max(1, Math.round(learningSeconds(targets, width, trace)));
    return formatDuration(seconds * 1000);
  });
  return [
    `paths:     known about ${four} after the start where all targets lie behind the same 4 routers, ${eight} behind 8, each of which answers one expired TTL a second`,
  ];
}

/**
 * The text that `check-config` prints for a valid configuration: what would run, what it costs, and what is doubtful. Its parameters
 * are those of {@link planWarnings}.
 */
export function describePlan(
  config: Config,
  specs: readonly TargetSpec[],
  kernel?: PortRange,
): string {
  const rows = specs.map((spec) => [
    spec.name,
    endpoint(spec),
    String(spec.flowBuckets),
    formatDuration(spec.intervalMs),
    number(packetsPerSecond(spec)),
    String(healthySeries(spec)),
  ]);
  const flows = total(specs, ({ flowBuckets }) => flowBuckets);
  const probes = total(specs, packetsPerSecond);
  const healthy = total(specs, healthySeries);
  const worst = total(specs, (spec) => worstCaseSeries(spec, config));
  const warnings = planWarnings(config, specs, kernel);
  return [
    `${config.file} is valid`,
    "",
    ...textTable(
      [["target", "endpoint", "flows", "interval", "packets/s", "series"], ...rows],
      [2, 3, 4, 5],
    ),
    "",
    `targets:   ${specs.length}, with ${flows} flows`,
    `packets/s: ${number(probes)} for probes, at most ${config.trace.packetsPerSecond} for sweeps; limits.packets_per_second is ${config.limits.packetsPerSecond}`,
    ...pathsLines(config, specs.length),
    `series:    about ${healthy} while healthy, at most about ${worst}; limits.series is ${config.limits.series}`,
    `cpu:       about ${Math.ceil(CPU_PERCENT + (probes * CPU_MICROS_A_PACKET) / 10_000)} % of a core`,
    ...[...config.targetFiles, ...config.routers.files].map((glob) => `watched:   ${glob}`),
    ...warnings.map((warning) => `warning:   ${warning}`),
    "",
  ].join("\n");
}
