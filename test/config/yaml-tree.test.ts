import { expect, test } from "vitest";
import { formatProblem } from "../../src/config/problem.ts";
import { parseYaml, type YamlNode } from "../../src/config/yaml-tree.ts";

/** The messages of a text, or nothing where it has none. */
function messages(text: string): readonly string[] {
  const tree = parseYaml("x.yml", text);
  return "problems" in tree ? tree.problems.map(formatProblem) : [];
}

/** Every scalar as `path = value @ line`. */
function flat(node: YamlNode, path = ""): readonly string[] {
  if (node.kind === "scalar") return [`${path} = ${JSON.stringify(node.value)} @ ${node.line}`];
  if (node.kind === "list")
    return node.items.flatMap((item, index) => flat(item, `${path}[${index}]`));
  return [...node.entries].flatMap(([key, inner]) => flat(inner, `${path}.${key}`));
}

function scalars(text: string): readonly string[] {
  const tree = parseYaml("x.yml", text);
  return "root" in tree ? flat(tree.root) : [];
}

test("every value knows the line of its key or list item", () => {
  expect(scalars("a:\n  b: 1\n  c:\n    - x\n    - y: true\n\nd: ~\n")).toEqual([
    ".a.b = 1 @ 2",
    '.a.c[0] = "x" @ 4',
    ".a.c[1].y = true @ 5",
    ".d = null @ 7",
  ]);
});

test("JSON is read as it stands, lines included", () => {
  expect(scalars('[\n {"targets": ["a:1",\n "b:2"]}\n]')).toEqual(
    ['[0].targets[0] = "a:1" @ 2', '[0].targets[1] = "b:2" @ 2'].map((line, index) =>
      index === 1 ? line.replace("@ 2", "@ 3") : line,
    ),
  );
});

test("an alias stands for what its anchor names", () => {
  expect(scalars("a: &x [1, 2]\nb: *x\n")).toEqual([
    ".a[0] = 1 @ 1",
    ".a[1] = 2 @ 1",
    ".b[0] = 1 @ 1",
    ".b[1] = 2 @ 1",
  ]);
});

test.each([
  ["tabs", "probe:\n\tinterval: 5s\n", "x.yml:2: YAML cannot be indented with tabs: use spaces"],
  [
    "an open brace",
    "targets:\n  - { name: a\n",
    "x.yml:3: is not valid YAML: Flow map in block collection must be sufficiently indented and end with a }",
  ],
  ["an open quote", 'a: "x\n', 'x.yml:2: is not valid YAML: Missing closing "quote'],
  ["a key that is a list", "? [a]\n: 1\n", "x.yml:1: has a key that is not text"],
])("%s are one clear line", (_, text, message) => {
  expect(messages(text)).toEqual([message]);
});

const DEEP = "x.yml: nests collections more than 100 deep";

test.each([
  ["open brackets", `a: ${"[".repeat(20_000)}`],
  ["closed brackets", `a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`],
  ["braces", `a: ${"{ a: ".repeat(20_000)}`],
  ["dashes", `${"- ".repeat(20_000)}a`],
  ["keys", `${"? ".repeat(20_000)}a`],
  ["mappings", Array.from({ length: 1_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
])("thousands of %s inside each other are refused", (_, text) => {
  expect(messages(text)).toEqual([DEEP]);
});

test("a chain of aliases cannot nest deeper than the text itself may", () => {
  const deep = "[".repeat(60);
  const links = Array.from({ length: 500 }, (_, link) => {
    const inner = link === 0 ? "x" : `*a${link - 1}`;
    return `a${link}: &a${link} ${deep}${inner}${"]".repeat(60)}`;
  });
  expect(messages(links.join("\n"))[0]).toMatch(/nests collections more than 100 deep$/);
});
