import type { Reader } from "./reader.ts";
import type { YamlNode } from "./yaml-tree.ts";

/** Labels that our own series carry, or that Prometheus sets on every series it scrapes. */
export const RESERVED_LABELS: ReadonlySet<string> = new Set([
  ...[
    "target",
    "protocol",
    "flow_bucket",
    "last_hop",
    "reason",
    "path",
    "hops",
    "hop",
    "hop_from",
    "hop_to",
  ],
  ...[
    "segment",
    "place",
    "verdict",
    "purpose",
    "name",
    "address",
    "port",
    "source_port",
    "code",
    "direction",
    "event",
    "interface",
    "router",
    "series",
    "source",
  ],
  ...["version", "revision", "nodeversion", "le", "quantile", "job", "instance"],
]);

const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What is wrong with a user label's name, if anything. */
function flawOf(name: string): string | undefined {
  if (!LABEL_NAME.test(name)) {
    return "is not a label name: use letters, digits and _, and no digit first";
  }
  if (name.startsWith("__")) return "begins with __, which is reserved for Prometheus";
  if (RESERVED_LABELS.has(name))
    return "is already a label of the exporter's series: choose another name";
  return undefined;
}

/** The user labels at a node. Values are text: a number might be written in several ways, each of them another series. */
export function readLabels(
  reader: Reader,
  node: YamlNode,
  path: string,
): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [name, child] of reader.map(node, path, "any", true)?.entries ?? []) {
    const inner = `${path}.${name}`;
    const flaw = flawOf(name);
    if (flaw !== undefined) {
      reader.reportLine(child.line, inner, flaw);
      continue;
    }
    const value = reader.scalar(child, inner, (given) =>
      typeof given === "string"
        ? { value: given }
        : { problem: `must be text: quote it, "${given}"` },
    );
    if (value !== undefined) labels[name] = value;
  }
  return labels;
}
