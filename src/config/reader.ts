import { nearMatches } from "./near.ts";
import type { ConfigProblem } from "./problem.ts";
import type { Rule } from "./rules.ts";
import { showNode, type YamlList, type YamlMap, type YamlNode } from "./yaml-tree.ts";

/**
 * Reads one file's tree by rules and gathers every problem on the way. Each method returns undefined where it reported one,
 * or where the key is absent.
 */
export class Reader {
  /** Names the file in the problems. */
  readonly file: string;
  readonly problems: ConfigProblem[] = [];

  constructor(file: string) {
    this.file = file;
  }

  /** Reports a problem at a node. */
  report(node: YamlNode, path: string, message: string): void {
    this.problems.push({ file: this.file, line: node.line, path, value: showNode(node), message });
  }

  /** Reports a problem that no single value shows. */
  reportLine(line: number | undefined, path: string, message: string): void {
    this.problems.push({ file: this.file, line, path, value: undefined, message });
  }

  /** The value at a node, if the rule takes it. */
  scalar<T>(node: YamlNode, path: string, rule: Rule<T>): T | undefined {
    if (node.kind === "scalar" && node.value === null) {
      this.reportLine(node.line, path, "is empty: give it a value or remove the key");
      return undefined;
    }
    if (node.kind !== "scalar") {
      this.report(node, path, "must be a single value");
      return undefined;
    }
    const checked = rule(node.value);
    if ("value" in checked) return checked.value;
    this.report(node, path, checked.problem);
    return undefined;
  }

  /** A mapping all of whose keys are known. A key without a value counts as an empty mapping where `optional` is set. */
  map(
    node: YamlNode,
    path: string,
    keys: readonly string[] | "any",
    optional = false,
  ): YamlMap | undefined {
    if (optional && node.kind === "scalar" && node.value === null) {
      return { kind: "map", line: node.line, entries: new Map() };
    }
    if (node.kind !== "map") {
      const wanted =
        keys === "any" ? "" : ` with ${keys.slice(0, 3).join(", ")}${keys.length > 3 ? ", …" : ""}`;
      this.report(node, path, `must be a mapping${wanted}`);
      return undefined;
    }
    if (keys === "any") return node;
    for (const [key, value] of node.entries) {
      if (keys.includes(key)) continue;
      const near = nearMatches(key, keys);
      const fix =
        near.length > 0 ? `did you mean ${near.join(" or ")}?` : `known here: ${keys.join(", ")}`;
      this.reportLine(
        value.line,
        path === "" ? key : `${path}.${key}`,
        `is not a known key: ${fix}`,
      );
    }
    return node;
  }

  /** A list. A key without a value counts as an empty list where `optional` is set. */
  list(node: YamlNode, path: string, optional = false): YamlList | undefined {
    if (optional && node.kind === "scalar" && node.value === null) {
      return { kind: "list", line: node.line, items: [] };
    }
    if (node.kind === "list") return node;
    this.report(node, path, 'must be a list: begin every item with "- "');
    return undefined;
  }
}
