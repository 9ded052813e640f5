import { basename, dirname } from "node:path";
import { parseAddress } from "../packet/address.ts";
import { matchesGlob } from "./glob.ts";
import type { ConfigProblem } from "./problem.ts";
import { readText } from "./read-text.ts";
import { Reader } from "./reader.ts";
import type { Rule } from "./rules.ts";
import { filesOf } from "./target-files.ts";
import { parseYaml, type YamlNode } from "./yaml-tree.ts";

/** A router of the inventory. */
export interface RouterSpec {
  readonly name: string;
  /** In their usual text form; at least one. */
  readonly addresses: readonly string[];
}

/** What the inventory's files hold. */
export interface RouterFiles {
  /** By absolute path; of a file with problems what it last held without, at the first reading what could be made out. */
  readonly files: ReadonlyMap<string, readonly RouterSpec[]>;
  /** The routers of all files, no address twice. */
  readonly routers: readonly RouterSpec[];
  readonly problems: readonly ConfigProblem[];
}

const routerName: Rule<string> = (value) =>
  typeof value === "string" && /^[^\s\p{C}]{1,100}$/u.test(value)
    ? { value }
    : { problem: "must be a name of at most 100 characters without spaces: quote a number" };

const routerAddress: Rule<string> = (value) => {
  const address = typeof value === "string" ? parseAddress(value) : undefined;
  return address === undefined
    ? { problem: "must be an IP address, without prefix length or port" }
    : { value: address.text };
};

/**
 * Reads the files that globs mean at this moment: YAML or JSON lists of `{name, addresses}`. A file that cannot be read
 * or has anything wrong in it keeps what it held in `previous`; one that is gone takes its routers with it.
 * @param globs absolute
 * @param previous the result before this one; without it nothing may run while there are problems, and all of them are told at once
 */
export async function readRouterFiles(
  globs: readonly string[],
  previous?: RouterFiles,
): Promise<RouterFiles> {
  const problems: ConfigProblem[] = [];
  const paths = new Set<string>();
  for (const glob of globs) {
    const found = await filesOf(glob);
    if ("paths" in found) {
      for (const path of found.paths) paths.add(path);
      continue;
    }
    problems.push(found.problem);
    for (const path of previous?.files.keys() ?? []) {
      if (dirname(path) === dirname(glob) && matchesGlob(glob, basename(path))) paths.add(path);
    }
  }
  const files = new Map<string, readonly RouterSpec[]>();
  const owners = new Map<string, string>();
  for (const file of [...paths].sort()) {
    const read = await readText(file);
    const parsed =
      "problem" in read
        ? { routers: [], problems: [read.problem] }
        : parseRouterFile(file, read.text, owners);
    problems.push(...parsed.problems);
    const isTaken = parsed.problems.length === 0 || previous === undefined;
    files.set(file, isTaken ? parsed.routers : (previous.files.get(file) ?? []));
    for (const { name, addresses } of files.get(file) ?? []) {
      for (const address of addresses) if (!owners.has(address)) owners.set(address, name);
    }
  }
  return { files, routers: withoutRepeats([...files.values()].flat()), problems };
}

/**
 * Reads one file of an inventory.
 * @param owners addresses that other files have given to a router already
 */
export function parseRouterFile(
  file: string,
  text: string,
  owners: ReadonlyMap<string, string> = new Map(),
): { readonly routers: readonly RouterSpec[]; readonly problems: readonly ConfigProblem[] } {
  const tree = parseYaml(file, text);
  if ("problems" in tree) return { routers: [], problems: tree.problems };
  const reader = new Reader(file);
  if (tree.root.kind === "scalar" && tree.root.value === null) {
    reader.reportLine(undefined, "", "is empty: write [] for no routers");
    return { routers: [], problems: reader.problems };
  }
  const known = new Map(owners);
  const items = reader.list(tree.root, "")?.items ?? [];
  const routers = items.flatMap((item, index) => readRouter(reader, item, `[${index}]`, known));
  return { routers, problems: reader.problems };
}

function readRouter(
  reader: Reader,
  node: YamlNode,
  path: string,
  known: Map<string, string>,
): RouterSpec[] {
  const router = reader.map(node, path, ["name", "addresses"]);
  if (router === undefined) return [];
  const [nameNode, list] = [router.entries.get("name"), router.entries.get("addresses")];
  if (nameNode === undefined)
    reader.reportLine(router.line, `${path}.name`, "is missing: give the router's name");
  if (list === undefined) {
    reader.reportLine(router.line, `${path}.addresses`, "is missing: list the router's addresses");
  }
  const name = nameNode && reader.scalar(nameNode, `${path}.name`, routerName);
  const addresses: string[] = [];
  const items = list === undefined ? [] : (reader.list(list, `${path}.addresses`)?.items ?? []);
  for (const [index, item] of items.entries()) {
    const place = `${path}.addresses[${index}]`;
    const address = reader.scalar(item, place, routerAddress);
    if (address === undefined || name === undefined) continue;
    const owner = known.get(address);
    if (owner === undefined || owner === name) {
      if (owner === undefined || !addresses.includes(address)) addresses.push(address);
      known.set(address, name);
      continue;
    }
    reader.report(item, place, `is an address of ${owner} as well: it can be one router's only`);
  }
  return name === undefined || addresses.length === 0 ? [] : [{ name, addresses }];
}

/** Kept contents of a file may contradict what another one says by now: the first that has an address keeps it. */
function withoutRepeats(routers: readonly RouterSpec[]): RouterSpec[] {
  const owners = new Map<string, string>();
  return routers.map(({ name, addresses }) => ({
    name,
    addresses: addresses.filter((address) => {
      if (!owners.has(address)) owners.set(address, name);
      return owners.get(address) === name;
    }),
  }));
}
