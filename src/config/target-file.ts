import {
  type PayloadSpec,
  PROTOCOLS,
  type ProbeSettings,
  type TargetSpec,
} from "../flow/target.ts";
import { parseEndpoint } from "./endpoint.ts";
import { readLabels } from "./labels.ts";
import { type PayloadKeys, readPayload } from "./payload.ts";
import type { ConfigProblem } from "./problem.ts";
import { Reader } from "./reader.ts";
import { oneOf, type Scalar } from "./rules.ts";
import { type LocatedTarget, nameRule } from "./targets.ts";
import { uniqueTargets } from "./unique.ts";
import { parseYaml, type YamlMap, type YamlNode, type YamlScalar } from "./yaml-tree.ts";

/** Labels that say something about the target instead of becoming labels of its series. */
const PROTOCOL_LABEL = "__ecmp_protocol__";
const NAME_LABEL = "__ecmp_name__";
const PAYLOAD_LABELS: PayloadKeys = {
  payload: "__ecmp_payload__",
  dns: "__ecmp_dns__",
  hex: "__ecmp_hex__",
  expect: "__ecmp_expect__",
};

/**
 * Reads a file of Prometheus's file_sd format, YAML or JSON: a list of `{targets: [host:port, …], labels: {…}}`. A target's
 * name is its text, its protocol tcp, unless the labels `__ecmp_name__` and `__ecmp_protocol__` say otherwise; what UDP
 * probes say stands in `__ecmp_payload__` and its companions; other labels that begin with `__` are dropped, as Prometheus
 * does. An empty file is a problem, `[]` is not: a file that is just being written is empty for a moment.
 */
export function parseTargetFile(
  file: string,
  text: string,
  defaults: ProbeSettings,
): { readonly targets: readonly LocatedTarget[]; readonly problems: readonly ConfigProblem[] } {
  const tree = parseYaml(file, text);
  if ("problems" in tree) return { targets: [], problems: tree.problems };
  const reader = new Reader(file);
  if (tree.root.kind === "scalar" && tree.root.value === null) {
    reader.reportLine(undefined, "", "is empty: write [] for no targets");
    return { targets: [], problems: reader.problems };
  }
  const groups = reader.list(tree.root, "")?.items ?? [];
  const targets = groups.flatMap((group, index) =>
    readGroup(reader, group, `[${index}]`, defaults),
  );
  const { unique, problems } = uniqueTargets(targets);
  return { targets: unique, problems: [...reader.problems, ...problems] };
}

function readGroup(
  reader: Reader,
  node: YamlNode,
  path: string,
  defaults: ProbeSettings,
): readonly LocatedTarget[] {
  const group = reader.map(node, path, ["targets", "labels"]);
  if (group === undefined) return [];
  const listNode = group.entries.get("targets");
  if (listNode === undefined) {
    reader.reportLine(group.line, `${path}.targets`, "is missing: list the targets as HOST:PORT");
    return [];
  }
  const { own, labels } = readGroupLabels(reader, group, `${path}.labels`);
  const targets: LocatedTarget[] = [];
  for (const [index, item] of (reader.list(listNode, `${path}.targets`)?.items ?? []).entries()) {
    const inner = `${path}.targets[${index}]`;
    const named = reader.scalar(item, inner, (value: Scalar) => {
      if (typeof value !== "string") return { problem: "must be text: HOST:PORT" };
      const endpoint = parseEndpoint(value, own.protocol);
      return "problem" in endpoint
        ? endpoint
        : { value: { name: own.name ?? value, ...endpoint.value } };
    });
    if (named === undefined) continue;
    const spec: TargetSpec = {
      ...defaults,
      method: own.protocol === "tcp" ? defaults.method : "raw",
      ...named,
      resolve: "first",
      protocol: own.protocol,
      family: "auto",
      labels,
      ...(own.payload && { payload: own.payload }),
    };
    targets.push({ spec, file: reader.file, line: item.line, path: inner });
  }
  return targets;
}

/** Tells the labels that are meant for us from those of the series. */
function readGroupLabels(
  reader: Reader,
  group: YamlMap,
  path: string,
): {
  readonly own: {
    readonly protocol: TargetSpec["protocol"];
    readonly name: string | undefined;
    readonly payload: PayloadSpec | undefined;
  };
  readonly labels: TargetSpec["labels"];
} {
  const node = group.entries.get("labels");
  const given = node === undefined ? undefined : reader.map(node, path, "any", true);
  const all = given && inTexts(given, reader.file.endsWith(".json"));
  if (all === undefined) {
    return { own: { protocol: "tcp", name: undefined, payload: undefined }, labels: {} };
  }
  const protocolNode = all.entries.get(PROTOCOL_LABEL);
  const nameNode = all.entries.get(NAME_LABEL);
  const protocol =
    protocolNode && reader.scalar(protocolNode, `${path}.${PROTOCOL_LABEL}`, oneOf(PROTOCOLS));
  const name = nameNode && reader.scalar(nameNode, `${path}.${NAME_LABEL}`, nameRule);
  const kept = [...all.entries].filter(([key]) => !key.startsWith("__"));
  const labels = readLabels(reader, { ...all, entries: new Map(kept) }, path);
  const payload = readPayload(reader, all, path, protocol ?? "tcp", PAYLOAD_LABELS);
  return { own: { protocol: protocol ?? "tcp", name, payload }, labels };
}

/**
 * The labels with the values that Prometheus gives them: a number or a boolean of a YAML file is the text that stands there, and
 * a key without a value has the empty text. In a JSON file it takes no numbers and booleans, and neither do we.
 */
function inTexts(labels: YamlMap, isJson: boolean): YamlMap {
  const inText = (node: YamlScalar): YamlScalar => {
    if (node.value === null) return { ...node, value: "" };
    return isJson ? node : { ...node, value: node.text };
  };
  const entries = [...labels.entries].map(
    ([name, node]) => [name, node.kind === "scalar" ? inText(node) : node] as const,
  );
  return { ...labels, entries: new Map(entries) };
}
