import { dirname, resolve } from "node:path";
import { stringify } from "yaml";
import type { ProbeSettings, TargetSpec } from "../flow/target.ts";
import { parseAddress } from "../packet/address.ts";
import { formatDuration } from "./duration.ts";
import { globRule } from "./glob.ts";
import { Networks, readNetworks } from "./networks.ts";
import { payloadInFileWords } from "./payload.ts";
import type { ConfigProblem } from "./problem.ts";
import { readText } from "./read-text.ts";
import { Reader } from "./reader.ts";
import { probeSettings, ROOT_SETTINGS, SETTINGS } from "./schema.ts";
import type { RawSockets, SettingsValues } from "./setting-values.ts";
import { readSettings } from "./settings.ts";
import { type LocatedTarget, readTargets } from "./targets.ts";
import { uniqueTargets } from "./unique.ts";
import { parseYaml, type YamlMap, type YamlNode } from "./yaml-tree.ts";

/** How sweeps are made and when. */
export interface TraceSettings {
  /** Highest TTL of a sweep. */
  readonly maxHops: number;
  /** Probes of a TTL that stays silent. */
  readonly attempts: number;
  /** When healthy flows are swept: a node-cron expression with seconds. */
  readonly survey: string;
  /** All sweeps together. */
  readonly packetsPerSecond: number;
  /** Towards one hop. */
  readonly hopPacketsPerSecond: number;
}

/** What is never exceeded. */
export interface Limits {
  /** Everything sent. */
  readonly packetsPerSecond: number;
  /** Series on /metrics. */
  readonly series: number;
  /** Values of the last_hop label of one target. */
  readonly lastHopsPerTarget: number;
  /** Networks in CIDR notation beyond which nothing is probed; empty for no such limit. */
  readonly allowNetworks: readonly string[];
}

/** A configuration, every default filled in. */
export interface Config {
  /** The file as it was named by the caller. */
  readonly file: string;
  readonly rawSockets: RawSockets;
  /** Defaults of every target. */
  readonly probe: ProbeSettings;
  readonly trace: TraceSettings;
  /** Whether the names of hops are looked up. */
  readonly resolveHops: boolean;
  readonly routers: {
    /** Absolute globs of the inventory's files. */
    readonly files: readonly string[];
    /** Finds the router in a hop's name; empty for none. */
    readonly namePattern: string;
  };
  readonly limits: Limits;
  /** Where the dashboards are; empty for nowhere. */
  readonly grafanaUrl: string;
  /** Targets of the file itself, in its order. */
  readonly targets: readonly TargetSpec[];
  /** Absolute globs of files with more targets. */
  readonly targetFiles: readonly string[];
  /** The effective configuration as YAML, every default filled in. No key holds a secret, so nothing is masked. */
  readonly text: string;
}

/** Where a configuration comes from. */
export interface ConfigSource {
  /** The YAML file, absolute or relative to the working directory. */
  readonly file: string;
  /** Variables that begin with ECMP_EXPORTER_ override scalars of the file. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a file of settings holds, and what is wrong with it. */
export interface ReadConfig {
  /** Fit to run only without problems: what is wrong is left out or at its default. Undefined where nothing could be made out. */
  readonly config: Config | undefined;
  /** In the order of the file, those with variables of the environment behind them. */
  readonly problems: readonly ConfigProblem[];
}

/** Reads and checks a configuration. Resolves no names and reads none of the files that it names. */
export async function readConfig(source: ConfigSource): Promise<ReadConfig> {
  const { file } = source;
  const read = await readText(file);
  if ("problem" in read) return { config: undefined, problems: [read.problem] };
  const tree = parseYaml(file, read.text);
  if ("problems" in tree) return { config: undefined, problems: tree.problems };

  const reader = new Reader(file);
  const root = reader.map(
    tree.root,
    "",
    [...Object.keys(SETTINGS), ...Object.keys(ROOT_SETTINGS), "targets", "target_files"],
    true,
  );
  if (root === undefined) return { config: undefined, problems: reader.problems };
  const values = readSettings(reader, root, source.env);
  const targetsNode = root.entries.get("targets");
  const targets =
    targetsNode === undefined ? [] : readTargets(reader, targetsNode, "targets", values.probe);
  const { unique, problems } = uniqueTargets(targets);
  reader.problems.push(...problems);
  const globs = readGlobs(reader, root.entries.get("target_files"), "target_files");
  const section = root.entries.get("routers");
  const inventory = section?.kind === "map" ? section.entries.get("files") : undefined;
  const routerGlobs = readGlobs(reader, inventory, "routers.files");
  const limits = root.entries.get("limits");
  const allowNode = limits?.kind === "map" ? limits.entries.get("allow_networks") : undefined;
  const allowNetworks = readNetworks(reader, allowNode, "limits.allow_networks");
  reportOutside(reader, unique, allowNetworks);
  if (globs.length === 0 && nothingListed(root)) {
    reader.reportLine(
      targetsNode?.line,
      "targets",
      "there is nothing to probe: list a target here, or files with targets under target_files",
    );
  }
  const specs = unique.map(({ spec }) => spec);
  const config: Config = {
    file,
    rawSockets: values.raw_sockets,
    // The pattern is one over names, so it needs them.
    resolveHops: values.hops.resolve || values.routers.name_pattern !== "",
    routers: {
      files: routerGlobs.map((glob) => resolve(dirname(file), glob)),
      namePattern: values.routers.name_pattern,
    },
    probe: probeSettings(values.probe),
    trace: {
      maxHops: values.trace.max_hops,
      attempts: values.trace.attempts,
      survey: values.trace.survey,
      packetsPerSecond: values.trace.packets_per_second,
      hopPacketsPerSecond: values.trace.hop_packets_per_second,
    },
    limits: {
      packetsPerSecond: values.limits.packets_per_second,
      series: values.limits.series,
      lastHopsPerTarget: values.limits.last_hops_per_target,
      allowNetworks,
    },
    grafanaUrl: values.web.grafana_url,
    targets: specs,
    targetFiles: globs.map((glob) => resolve(dirname(file), glob)),
    text: stringify({
      ...values,
      routers: { files: routerGlobs, ...values.routers },
      limits: { ...values.limits, allow_networks: allowNetworks },
      targets: specs.map(inFileWords),
      target_files: globs,
    }),
  };
  return { config, problems: inFileOrder(reader.problems, file) };
}

/** Reports the targets whose addresses may not be probed; a name's are known only when it is resolved. */
function reportOutside(
  reader: Reader,
  targets: readonly LocatedTarget[],
  networks: readonly string[],
): void {
  const allowed = new Networks(networks);
  for (const { spec, file, line, path } of networks.length === 0 ? [] : targets) {
    const address = parseAddress(spec.host);
    if (!address || allowed.holds(address.text)) continue;
    const message = "lies outside limits.allow_networks";
    reader.problems.push({ file, line, path: `${path}.host`, value: spec.host, message });
  }
}

function readGlobs(reader: Reader, node: YamlNode | undefined, path: string): readonly string[] {
  const items = node === undefined ? [] : (reader.list(node, path, true)?.items ?? []);
  return items.flatMap((item, index) => reader.scalar(item, `${path}[${index}]`, globRule) ?? []);
}

/** Whether neither list has an item, not even a wrong one, which has been reported already. */
function nothingListed(root: YamlMap): boolean {
  return ["targets", "target_files"].every((key) => {
    const node = root.entries.get(key);
    if (node === undefined) return true;
    return node.kind === "list"
      ? node.items.length === 0
      : node.kind === "scalar" && node.value === null;
  });
}

/** By line, so that a file is corrected from top to bottom; what has no line comes last, the environment after the file. */
function inFileOrder(problems: readonly ConfigProblem[], file: string): readonly ConfigProblem[] {
  const rank = (problem: ConfigProblem): number =>
    problem.file === file ? (problem.line ?? Number.MAX_SAFE_INTEGER) : Number.POSITIVE_INFINITY;
  return [...problems].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left === right ? 0 : left - right;
  });
}

/** A target as the file would have it, with every key. */
function inFileWords(spec: TargetSpec): Readonly<Record<string, unknown>> {
  const { name, host, resolve: mode, port, protocol, family, labels, acceptFrom } = spec;
  const probe: SettingsValues["probe"] = {
    interval: formatDuration(spec.intervalMs),
    timeout: formatDuration(spec.timeoutMs),
    flow_buckets: spec.flowBuckets,
    source_ports: `${spec.sourcePorts.first}-${spec.sourcePorts.last}`,
    rotation: spec.rotation,
    rotation_hold: formatDuration(spec.rotationHoldMs),
    dscp: spec.dscp,
    flow_label: spec.flowLabel,
    method: spec.method,
    series: spec.series,
  };
  const where = protocol === "icmp" ? { protocol } : { port, protocol };
  const said = payloadInFileWords(spec.payload);
  const accepted = acceptFrom === undefined ? {} : { accept_from: acceptFrom };
  return { name, host, resolve: mode, ...where, ...said, ...accepted, family, labels, ...probe };
}
