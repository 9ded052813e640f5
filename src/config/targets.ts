import { PROTOCOLS, type TargetSpec } from "../flow/target.ts";
import { parseAddress } from "../packet/address.ts";
import { conflictsOf } from "./conflicts.ts";
import { hostRule } from "./host.ts";
import { readLabels } from "./labels.ts";
import { readNetworks } from "./networks.ts";
import { PAYLOAD_KEYS, readPayload } from "./payload.ts";
import type { Reader } from "./reader.ts";
import { oneOf, type Rule, wholeNumber } from "./rules.ts";
import { probeSettings, SETTINGS, type Setting } from "./schema.ts";
import type { ProbeValues } from "./setting-values.ts";
import type { YamlMap, YamlNode } from "./yaml-tree.ts";

/** A target and where it was read. */
export interface LocatedTarget {
  readonly spec: TargetSpec;
  readonly file: string;
  /** Undefined where the line is not known any more. */
  readonly line: number | undefined;
  /** `targets[3]` */
  readonly path: string;
}

const PROBE_SETTINGS: ReadonlyMap<string, Setting> = new Map(Object.entries(SETTINGS.probe));
const KEYS = [
  "name",
  "host",
  "port",
  "protocol",
  "family",
  "resolve",
  "labels",
  ...Object.values(PAYLOAD_KEYS),
  "accept_from",
  ...PROBE_SETTINGS.keys(),
];

const NAME_CHARACTERS = 200;

/** A target's name: a label value, and a part of NAME/ADDRESS. */
export const nameRule: Rule<string> = (value) => {
  if (typeof value !== "string") return { problem: `must be text: quote it, "${value}"` };
  if (value === "") return { problem: "must not be empty" };
  if (value.length > NAME_CHARACTERS)
    return { problem: `must be at most ${NAME_CHARACTERS} characters long` };
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(value))
    return { problem: "must consist of printable characters" };
  if (value !== value.trim()) return { problem: "must not begin or end with a space" };
  if (value.includes("/")) {
    return {
      problem: "must not contain a slash: with resolve: all a slash joins name and address",
    };
  }
  return { value };
};

/** The parts of a target that do not stand alone. */
export type Endpoint = Pick<TargetSpec, "host" | "port" | "protocol" | "family">;

/** What is wrong between host and family, if anything: an address has a family of its own. */
export function familyFlaw({
  host,
  family,
}: Pick<Endpoint, "host" | "family">): string | undefined {
  const address = parseAddress(host);
  if (address === undefined || family === "auto" || family === `ipv${address.family}`)
    return undefined;
  return `must be ipv${address.family} or auto, since ${address.text} is an IPv${address.family} address`;
}

/** The port as the protocol wants it; reports one too many or too few. */
function readPort(
  reader: Reader,
  map: YamlMap,
  path: string,
  protocol: TargetSpec["protocol"],
): number | undefined {
  const node = map.entries.get("port");
  if (protocol === "icmp") {
    if (node === undefined || (node.kind === "scalar" && node.value === 0)) return 0;
    reader.report(node, `${path}.port`, "must be removed: icmp has no ports");
    return undefined;
  }
  if (node !== undefined) return reader.scalar(node, `${path}.port`, wholeNumber(1, 65_535));
  reader.reportLine(
    map.line,
    `${path}.port`,
    `is missing: ${protocol} needs a port from 1 to 65535`,
  );
  return undefined;
}

/** The target's other addresses; undefined where it names none. */
function readAcceptFrom(
  reader: Reader,
  map: YamlMap,
  path: string,
  protocol: TargetSpec["protocol"],
): readonly string[] | undefined {
  const node = map.entries.get("accept_from");
  if (node === undefined) return undefined;
  const key = `${path}.accept_from`;
  if (protocol === "icmp") {
    reader.report(node, key, "must be removed: icmp has no ports that could be unreachable");
    return undefined;
  }
  return readNetworks(reader, node, key);
}

/** Only TCP has a choice; a default of `connect` says nothing to the others. */
function readMethod(
  reader: Reader,
  map: YamlMap,
  path: string,
  protocol: TargetSpec["protocol"],
): Partial<ProbeValues> {
  if (protocol === "tcp") return {};
  const node = map.entries.get("method");
  if (node?.kind === "scalar" && node.value === "connect") {
    reader.report(node, `${path}.method`, `must be removed: ${protocol} has no connections`);
  }
  return { method: "raw" };
}

/** The defaults with the target's own settings over them. */
function readProbeValues(
  reader: Reader,
  map: YamlMap,
  path: string,
  protocol: TargetSpec["protocol"],
  defaults: ProbeValues,
): ProbeValues {
  const own: Record<string, string | number | boolean> = {};
  for (const [key, setting] of PROBE_SETTINGS) {
    const node = map.entries.get(key);
    if (node === undefined || reader.scalar(node, `${path}.${key}`, setting.rule) === undefined)
      continue;
    if (node.kind === "scalar" && node.value !== null) own[key] = node.value;
  }
  const values: ProbeValues = { ...defaults, ...own, ...readMethod(reader, map, path, protocol) };
  for (const { key, between, message } of conflictsOf(probeSettings(values))) {
    // What the target inherits as a whole is reported once, with the defaults.
    const ownKey = [key, ...between].find((candidate) => candidate in own);
    const node = ownKey === undefined ? undefined : map.entries.get(ownKey);
    if (node === undefined) continue;
    reader.problems.push({
      file: reader.file,
      line: node.line,
      path: `${path}.${key}`,
      value: String(values[key]),
      message: key in own ? message : `is inherited; it ${message}`,
    });
  }
  return values;
}

/** Reads one target. Undefined where a part that nothing can stand in for is wrong; every problem is reported. */
function readTarget(
  reader: Reader,
  node: YamlNode,
  path: string,
  defaults: ProbeValues,
): TargetSpec | undefined {
  const map = reader.map(node, path, KEYS);
  if (map === undefined) return undefined;
  const required = (key: string, rule: Rule<string>, fix: string): string | undefined => {
    const child = map.entries.get(key);
    if (child !== undefined) return reader.scalar(child, `${path}.${key}`, rule);
    reader.reportLine(map.line, `${path}.${key}`, `is missing: ${fix}`);
    return undefined;
  };
  const word = <T extends string>(key: string, words: readonly T[], fallback: T): T => {
    const child = map.entries.get(key);
    if (child === undefined) return fallback;
    return reader.scalar(child, `${path}.${key}`, oneOf(words)) ?? fallback;
  };
  const name = required("name", nameRule, "every target needs a name of its own");
  const host = required("host", hostRule, "give an IP address or a host name");
  const protocol = word("protocol", PROTOCOLS, "tcp");
  const port = readPort(reader, map, path, protocol);
  const payload = readPayload(reader, map, path, protocol);
  const acceptFrom = readAcceptFrom(reader, map, path, protocol);
  const family = word("family", ["auto", "ipv4", "ipv6"], "auto");
  const resolve = word("resolve", ["first", "all"], "first");
  const labelsNode = map.entries.get("labels");
  const labels = labelsNode === undefined ? {} : readLabels(reader, labelsNode, `${path}.labels`);
  const values = readProbeValues(reader, map, path, protocol, defaults);
  const familyNode = map.entries.get("family");
  const flaw = host === undefined ? undefined : familyFlaw({ host, family });
  if (flaw !== undefined && familyNode !== undefined)
    reader.report(familyNode, `${path}.family`, flaw);
  if (name === undefined || host === undefined || port === undefined) return undefined;
  const spec = { ...probeSettings(values), name, host, resolve, port, protocol, family, labels };
  return {
    ...spec,
    ...(payload === undefined ? {} : { payload }),
    ...(acceptFrom === undefined ? {} : { acceptFrom }),
  };
}

/** What is wrong with a name that the target at `place` has already. */
export function sameName(place: string): string {
  return `is the name of ${place} as well: every target needs its own`;
}

/** Reads the list of targets; those that cannot be used are reported and left out. */
export function readTargets(
  reader: Reader,
  node: YamlNode,
  path: string,
  defaults: ProbeValues,
): readonly LocatedTarget[] {
  const targets: LocatedTarget[] = [];
  const named = new Map<string, { readonly place: string; readonly usable: boolean }>();
  for (const [index, item] of (reader.list(node, path, true)?.items ?? []).entries()) {
    const inner = `${path}[${index}]`;
    const spec = readTarget(reader, item, inner, defaults);
    if (spec !== undefined) targets.push({ spec, file: reader.file, line: item.line, path: inner });
    const name = item.kind === "map" ? item.entries.get("name") : undefined;
    if (name?.kind !== "scalar" || typeof name.value !== "string" || name.value === "") continue;
    const first = named.get(name.value);
    // Two that can both be used are compared with those of other files too, later.
    if (first !== undefined && !(first.usable && spec !== undefined)) {
      reader.report(name, `${inner}.name`, sameName(first.place));
    }
    if (first === undefined) {
      named.set(name.value, {
        place: `${inner} on line ${item.line}`,
        usable: spec !== undefined,
      });
    }
  }
  return targets;
}
