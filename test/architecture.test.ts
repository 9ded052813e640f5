import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Rooms from the bytes to the command line: a file may import its own room and those of earlier lines. */
const ORDER = [
  ["packet"],
  ["flow"],
  ["config"],
  ["wire"],
  ["probe"],
  ["trace", "topology", "localize"],
  ["survey"],
  ["verdict"],
  ["engine"],
  ["metrics", "view"],
  ["http"],
  ["discovery", "reflector"],
  ["daemon"],
  ["cli"],
] as const;
const ROOMS: readonly string[] = ORDER.flat();
/** Folders within a room, and what they may take from the files of the room above them; those may import them. */
const SUB_ROOMS: Readonly<Record<string, readonly string[]>> = {
  "packet/payload": ["checksum.ts", "octets.ts"],
  "cli/doctor": [],
  "daemon/loading": ["configuration.ts", "give-way.ts"],
  "daemon/serving": ["give-way.ts"],
  "probe/reply": ["outcome.ts", "probe-id.ts", "probed-flow.ts"],
};
/** Files that every room may import. */
const FOR_ALL = ["clock.ts", "log.ts"];
/** Packages that one file alone may know. */
const SINGLE_IMPORTER = [
  "raw-socket",
  "koffi",
  "prom-client",
  "convict",
  "node-cron",
  "fastify",
] as const;
const LONGEST_FILE = 300;
const NAMES_THAT_SAY_NOTHING = /^(?:utils?|common|types?|constants?|index|helpers?)\.ts$/;

/** A source file, its path relative to src. */
interface SourceFile {
  readonly path: string;
  readonly lines: readonly string[];
}

/** An import or re-export: what from, and whether only types come over. */
interface Import {
  readonly specifier: string;
  readonly typesOnly: boolean;
}

const SRC = fileURLToPath(new URL("../src/", import.meta.url));

function sources(): SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => ({ path, lines: readFileSync(join(SRC, path), "utf8").split("\n") }));
}

/** Imports of a text: `import … from`, `export … from`, bare and dynamic imports, require. */
function importsOf(text: string): Import[] {
  const statements = /^(?:import|export)\s(type\s)?[^"';]*?\sfrom\s*["']([^"']+)["']/gm;
  const calls = /(?:\bimport|\brequire|createRequire\([^)]*\))\s*\(\s*["']([^"']+)["']/g;
  const bare = /^import\s*["']([^"']+)["']/gm;
  return [
    ...[...text.matchAll(statements)].map(([, type, specifier = ""]) => ({
      specifier,
      typesOnly: type !== undefined,
    })),
    ...[...text.matchAll(calls), ...text.matchAll(bare)].map(([, specifier = ""]) => ({
      specifier,
      typesOnly: false,
    })),
  ];
}

function importsIn(file: SourceFile): Import[] {
  return importsOf(file.lines.join("\n"));
}

/** The room of a file: its folder. Of the files beside the folders the daemon's is its room, the others are programs. */
function roomOf(path: string): string {
  const [folder = "", ...rest] = path.split("/");
  if (rest.length > 0) return folder;
  return folder === "daemon.ts" ? "daemon" : "cli";
}

/** How far up the pipeline a room is; rooms of one rank do not know each other. */
function rank(room: string): number {
  return ORDER.findIndex((rooms) => (rooms as readonly string[]).includes(room));
}

/** Why `path` may not import `specifier`; undefined where it may. */
function wrong(path: string, { specifier, typesOnly }: Import): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = normalize(join(dirname(path), specifier));
  if (target.startsWith("..")) return "lies outside src";
  if (FOR_ALL.includes(path)) {
    return FOR_ALL.includes(target) && typesOnly ? undefined : "clock and log import only types";
  }
  if (FOR_ALL.includes(target)) return undefined;
  const [from, to] = [roomOf(path), roomOf(target)];
  if (!ROOMS.includes(from)) return `${from} is no room`;
  if (from === to) return wrongWithin(path, target);
  return rank(to) < rank(from) ? undefined : `${from} may not know ${to}`;
}

/** Why a file may not import another of its room; undefined where it may. */
function wrongWithin(path: string, target: string): string | undefined {
  const [from, to] = [dirname(path), dirname(target)];
  if (from === to || !from.includes("/")) return undefined;
  const taken = SUB_ROOMS[from];
  if (taken === undefined) return `${from} is no sub-room`;
  return to === dirname(from) && taken.includes(basename(target))
    ? undefined
    : `${from} may take only ${taken.join(", ")} from its room`;
}

/** Files that reach themselves through what they import. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = (start: string): Set<string> => {
    const seen = new Set<string>();
    const waiting = [...(imports.get(start) ?? [])];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      waiting.push(...(imports.get(path) ?? []));
    }
    return seen;
  };
  return [...imports.keys()].filter((path) => reached(path).has(path));
}

/** Exported declarations without a doc comment right above; `line` counts from 1. */
function undocumented(lines: readonly string[]): number[] {
  const exported =
    /^export (?:declare |abstract |async )*(?:function|class|interface|type|const|let|var|enum)\b/;
  /** The type of a list's members stands under the list and shares its comment. */
  const membersOf = /^export type \w+ = \(typeof (\w+)\)\[number\];$/;
  return lines.flatMap((line, index) => {
    if (!exported.test(line) || lines[index - 1]?.trimEnd().endsWith("*/")) return [];
    const list = membersOf.exec(line)?.[1];
    const start =
      list === undefined
        ? -1
        : lines.findIndex((other) => other.startsWith(`export const ${list} =`));
    const between = start < 0 ? [] : lines.slice(start + 1, index);
    const belongs = start >= 0 && between.every((other) => /^[\s\])]|^$/.test(other));
    return belongs ? [] : [index + 1];
  });
}

/** `path:line: text` of the lines that match. */
function places(file: SourceFile, pattern: RegExp): string[] {
  return file.lines.flatMap((line, index) =>
    pattern.test(line) ? [`${file.path}:${index + 1}: ${line}`] : [],
  );
}

describe("the sources", () => {
  const files = sources();

  it("are found", () => {
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["cli.ts", "clock.ts", "log.ts", "packet/ipv4.ts"]),
    );
    expect(new Set(files.map(({ path }) => roomOf(path)))).toEqual(new Set(ROOMS));
  });

  it("import one way, from the rooms before their own", () => {
    const against = files.flatMap((file) =>
      importsIn(file).flatMap((found) => {
        const reason = wrong(file.path, found);
        return reason === undefined ? [] : [`${file.path} imports ${found.specifier}: ${reason}`];
      }),
    );
    expect(against).toEqual([]);
  });

  it("import in no circle, not even of types", () => {
    const imports = new Map(
      files.map((file) => [
        file.path,
        importsIn(file)
          .filter(({ specifier }) => specifier.startsWith("."))
          .map(({ specifier }) => normalize(join(dirname(file.path), specifier)))
          // What all may import names types of each other only.
          .filter((target) => !FOR_ALL.includes(target)),
      ]),
    );
    expect(circles(imports)).toEqual([]);
  });

  it("are short: half of the files have at most a hundred lines or so", () => {
    const lengths = files.map(({ lines }) => lines.length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(110);
  });

  it("name the file they import with its ending", () => {
    const without = files.flatMap((file) =>
      importsIn(file)
        .filter(({ specifier }) => specifier.startsWith(".") && !specifier.endsWith(".ts"))
        .map(({ specifier }) => `${file.path}: ${specifier}`),
    );
    expect(without).toEqual([]);
  });

  it.each(SINGLE_IMPORTER)("know %s in one file alone", (name) => {
    const importers = files.filter((file) =>
      importsIn(file).some(
        ({ specifier }) => specifier === name || specifier.startsWith(`${name}/`),
      ),
    );
    expect(importers.map(({ path }) => path)).toHaveLength(1);
  });

  it("know no package that package.json does not name", () => {
    const manifest = JSON.parse(readFileSync(join(SRC, "../package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      optionalDependencies: Record<string, string>;
    };
    const named = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    const strange = files.flatMap((file) =>
      importsIn(file)
        .map(({ specifier }) => specifier)
        .filter((specifier) => !/^(?:\.|node:)/.test(specifier) && !named.includes(specifier))
        .map((specifier) => `${file.path}: ${specifier}`),
    );
    expect(strange).toEqual([]);
  });

  it(`are no longer than ${LONGEST_FILE} lines`, () => {
    const long = files
      // The last line ends with a newline, behind which split finds one more.
      .map(({ path, lines }) => ({ path, count: lines.length - 1 }))
      .filter(({ count }) => count > LONGEST_FILE);
    expect(long).toEqual([]);
  });

  it("have names that say what is in them", () => {
    const vague = files.filter(({ path }) => NAMES_THAT_SAY_NOTHING.test(basename(path)));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  it("hold no state in a module", () => {
    expect(files.flatMap((file) => places(file, /^(?:export )?(?:let|var) /))).toEqual([]);
  });

  it("export nothing by default, and no whole file", () => {
    expect(files.flatMap((file) => places(file, /^export (?:default\b|\*)/))).toEqual([]);
  });

  it("describe everything they export", () => {
    const bare = files.flatMap(({ path, lines }) =>
      undocumented(lines).map((line) => `${path}:${line}: ${lines[line - 1]}`),
    );
    expect(bare).toEqual([]);
  });
});

/** Folders with sources, relative to src, each after its parent; a folder of other files (the page) is no room. */
function foldersOf(files: readonly SourceFile[]): string[] {
  return [...new Set(files.map(({ path }) => dirname(path)))].filter((path) => path !== ".");
}

describe("ARCHITECTURE.md", () => {
  const text = readFileSync(join(SRC, "../ARCHITECTURE.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([\w/]+)\/` \| .+ \| (.+) \|$/gm)].map(
    ([, room = "", reading = ""]) => ({ room, reading }),
  );

  it("shows the order of the rooms as it is checked", () => {
    expect(text).toContain(`\n${ORDER.map((rooms) => rooms.join(" · ")).join(" ← ")}\n`);
  });

  it("describes every room in that order, and the rooms within a room right behind it", () => {
    const rooms = rows.map(({ room }) => room);
    expect(rooms.filter((room) => !room.includes("/"))).toEqual(
      ROOMS.toSorted((one, other) => rooms.indexOf(one) - rooms.indexOf(other)),
    );
    const ranks = rooms.map((room) => rank(room.split("/")[0] ?? ""));
    expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
    expect(rooms.toSorted()).toEqual(foldersOf(sources()).toSorted());
    for (const [index, room] of rooms.entries()) {
      if (room.includes("/")) expect(rooms.slice(0, index)).toContain(dirname(room));
    }
  });

  it("names only files that there are", () => {
    const begun = rows.flatMap(({ room, reading }) =>
      [...reading.matchAll(/`([\w.-]+)`/g)].map(([, file = ""]) => `src/${room}/${file}`),
    );
    const named = [...text.matchAll(/`(?!\.)([\w./-]+)`/g)]
      .map(([, path = ""]) => path)
      .filter((path) => /\/.*\.\w+$|\.md$/.test(path) || (path.endsWith("/") && path !== "/"))
      .filter((path) => !path.startsWith("src/"));
    expect(begun.length).toBeGreaterThan(ROOMS.length);
    expect(named.length).toBeGreaterThan(ROOMS.length);
    const exists = (path: string): boolean => existsSync(join(SRC, "..", path));
    expect(begun.filter((path) => !exists(path))).toEqual([]);
    expect(named.filter((path) => !exists(path) && !exists(`src/${path}`))).toEqual([]);
  });
});

describe("the rules themselves", () => {
  it("see every form of import", () => {
    const text = [
      'import a, { type B } from "one";',
      'import type { C } from "two";',
      'import {\n  d,\n  e,\n} from "three";',
      'export { f } from "four";',
      'import "five";',
      'const g = await import("six");',
      'const h = createRequire(import.meta.url)("seven");',
      "export const notAnImport = 1;",
    ].join("\n");
    const found = importsOf(text);
    expect(found.map(({ specifier }) => specifier).sort()).toEqual(
      ["one", "two", "three", "four", "five", "six", "seven"].sort(),
    );
    expect(found.filter(({ typesOnly }) => typesOnly)).toEqual([
      { specifier: "two", typesOnly: true },
    ]);
  });

  it.each([
    ["packet/tcp.ts", "../flow/flow.ts", "packet may not know flow"],
    ["metrics/registry.ts", "../http/server.ts", "metrics may not know http"],
    ["daemon/daemon.ts", "../cli/serve.ts", "daemon may not know cli"],
    ["metrics/registry.ts", "../view/hop-view.ts", "metrics may not know view"],
    ["log.ts", "./packet/tcp.ts", "clock and log import only types"],
    ["packet/tcp.ts", "../../test/support/seed.ts", "lies outside src"],
    ["shed/tool.ts", "../packet/tcp.ts", "shed is no room"],
  ])("keep %s from importing %s", (path, specifier, reason) => {
    expect(wrong(path, { specifier, typesOnly: false })).toBe(reason);
  });

  it.each([
    ["cli.ts", "./daemon/daemon.ts"],
    ["probe/prober.ts", "../clock.ts"],
    ["view/target-view.ts", "../trace/tracer.ts"],
    ["http/api.ts", "fastify"],
  ])("let %s import %s", (path, specifier) => {
    expect(wrong(path, { specifier, typesOnly: false })).toBeUndefined();
  });

  it("find a circle, of any length", () => {
    const imports = new Map([
      ["a.ts", ["b.ts"]],
      ["b.ts", ["c.ts"]],
      ["c.ts", ["b.ts"]],
      ["d.ts", ["d.ts"]],
    ]);
    expect(circles(imports)).toEqual(["b.ts", "c.ts", "d.ts"]);
  });

  it("find an export without a comment, and let a list's member type share the list's", () => {
    const text = `/** Colours. */
export const COLOURS = [
  "red",
] as const;
export type Colour = (typeof COLOURS)[number];
export const bare = 1;

export function alsoBare(): void {}
/** Has one. */
export class Fine {}
export type Stranger = (typeof ELSEWHERE)[number];`;
    expect(undocumented(text.split("\n"))).toEqual([6, 8, 11]);
  });
});
