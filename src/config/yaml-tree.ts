import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from "yaml";
import { type ConfigProblem, showValue } from "./problem.ts";
import type { Scalar } from "./rules.ts";
import { isNestedDeeper } from "./yaml-depth.ts";

/** A single value; `line` is that of its key, or of the list item. */
export interface YamlScalar {
  readonly kind: "scalar";
  readonly line: number;
  readonly value: Scalar;
  /** How the value stands in the file, without quotes: `012`, of which `value` is 12. */
  readonly text: string;
}
/** A list of nodes. */
export interface YamlList {
  readonly kind: "list";
  readonly line: number;
  readonly items: readonly YamlNode[];
}
/** A mapping; every node in it has the line of its key. */
export interface YamlMap {
  readonly kind: "map";
  readonly line: number;
  readonly entries: ReadonlyMap<string, YamlNode>;
}
/** YAML with the line of everything in it. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** What stands in a file: its tree, or the problems that keep it from having one. */
export type YamlTree =
  | { readonly root: YamlNode }
  | { readonly problems: readonly ConfigProblem[] };

/** The parser's own sentences are written for programmers; these are for whoever wrote the file. */
const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "YAML cannot be indented with tabs: use spaces",
  MULTIPLE_DOCS: "begins a second document: remove this line and all after it",
};

/** A configuration needs five. */
const MAX_DEPTH = 100;

/**
 * Parses YAML 1.2, of which JSON is a part, into a tree that knows its lines. Duplicate keys, unknown tags, keys that are not
 * text and aliases without an anchor are problems, syntax errors too; of the latter only the first, since the others follow
 * from it. An empty text is the scalar null.
 * @param file names the file in the problems
 */
export function parseYaml(file: string, text: string): YamlTree {
  if (isNestedDeeper(text, MAX_DEPTH)) {
    const message = `nests collections more than ${MAX_DEPTH} deep`;
    return { problems: [{ file, line: undefined, path: "", value: undefined, message }] };
  }
  const lines = new LineCounter();
  // Duplicate keys are found below, where their path is known.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const flaw = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (flaw !== undefined) {
    const line = lines.linePos(flaw.pos[0]).line;
    return { problems: [{ file, line, path: "", value: undefined, message: sentence(flaw) }] };
  }
  const problems: ConfigProblem[] = [];
  const root = new TreeBuilder(file, lines, problems).node(document.contents, "", 1);
  return problems.length === 0 ? { root } : { problems };
}

function sentence(flaw: YAMLError): string {
  const known = SYNTAX_MESSAGES[flaw.code];
  if (known !== undefined) return known;
  return `is not valid YAML: ${flaw.message.split("\n")[0] ?? ""}`;
}

/** Aliases of aliases multiply: nine lists of nine aliases each stand for a third of a billion values. */
const MAX_ALIASES = 1_000;

/** Turns the parser's nodes into ours. */
class TreeBuilder {
  readonly #file: string;
  /** Filled in the order of the text: the library looks through the whole document for every alias. */
  readonly #anchors = new Map<string, Node>();
  readonly #lines: LineCounter;
  readonly #problems: ConfigProblem[];
  /** The collections that the node being built is inside of. */
  readonly #open = new Set<Node>();
  #aliases = 0;

  constructor(file: string, lines: LineCounter, problems: ConfigProblem[]) {
    this.#file = file;
    this.#lines = lines;
    this.#problems = problems;
  }

  node(node: Node | null, path: string, line: number): YamlNode {
    if ((isSeq(node) || isMap(node) || isScalar(node)) && node.anchor)
      this.#anchors.set(node.anchor, node);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) {
        const fix = "quote a value that begins with *";
        this.#report(line, path, `*${node.source}`, `is an alias without an anchor: ${fix}`);
      } else if (this.#open.has(target)) {
        this.#report(line, path, `*${node.source}`, "refers to a collection that it is a part of");
      } else if (this.#open.size > MAX_DEPTH) {
        this.#report(
          line,
          path,
          `*${node.source}`,
          `nests collections more than ${MAX_DEPTH} deep`,
        );
      } else if (++this.#aliases <= MAX_ALIASES) {
        return this.node(target, path, line);
      } else if (this.#aliases === MAX_ALIASES + 1) {
        this.#report(line, path, `*${node.source}`, `is one of more than ${MAX_ALIASES} aliases`);
      }
    } else if (isSeq(node)) {
      this.#open.add(node);
      const items = node.items.map((item, index) =>
        this.node(item as Node | null, `${path}[${index}]`, this.#lineOf(item, line)),
      );
      this.#open.delete(node);
      return { kind: "list", line, items };
    } else if (isMap(node)) {
      this.#open.add(node);
      const entries = new Map<string, YamlNode>();
      for (const pair of node.items) {
        const keyLine = this.#lineOf(pair.key, line);
        const key =
          isScalar(pair.key) && pair.key.value !== null ? String(pair.key.value) : undefined;
        if (key === undefined) {
          this.#report(keyLine, path, undefined, "has a key that is not text");
          continue;
        }
        const inner = path === "" ? key : `${path}.${key}`;
        const earlier = entries.get(key);
        if (earlier !== undefined) {
          this.#report(
            keyLine,
            inner,
            undefined,
            `is given twice, first on line ${earlier.line}: keep one`,
          );
        } else {
          entries.set(key, this.node(pair.value as Node | null, inner, keyLine));
        }
      }
      this.#open.delete(node);
      return { kind: "map", line, entries };
    }
    const [value, text]: [unknown, string] = isScalar(node)
      ? [node.value, node.source ?? ""]
      : [null, ""];
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) {
      return { kind: "scalar", line, value: value as Scalar, text };
    }
    return { kind: "scalar", line, value: String(value), text };
  }

  #lineOf(node: unknown, fallback: number): number {
    const range = (node as Node | null)?.range;
    return range ? this.#lines.linePos(range[0]).line : fallback;
  }

  #report(line: number, path: string, value: string | undefined, message: string): void {
    this.#problems.push({ file: this.#file, line, path, value, message });
  }
}

/** A node as a message shows it: the value itself, or what kind of collection stands in its place. */
export function showNode(node: YamlNode): string {
  if (node.kind === "scalar") return showValue(node.value);
  return node.kind === "list" ? "a list" : "a mapping";
}
