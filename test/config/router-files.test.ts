import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { formatProblem } from "../../src/config/problem.ts";
import { parseRouterFile, readRouterFiles } from "../../src/config/router-files.ts";

const R8 = "- { name: r8, addresses: [10.0.0.8, 10.0.1.8] }\n";

function problemsOf(text: string): string[] {
  return parseRouterFile("r.yml", text).problems.map(formatProblem);
}

test("a file lists routers with their addresses, which get their usual form", () => {
  const text = `${R8}- name: r9\n  addresses: ["2001:DB8:0::9"]\n`;
  expect(parseRouterFile("r.yml", text)).toEqual({
    routers: [
      { name: "r8", addresses: ["10.0.0.8", "10.0.1.8"] },
      { name: "r9", addresses: ["2001:db8::9"] },
    ],
    problems: [],
  });
  expect(
    parseRouterFile("r.json", '[{"name":"r8","addresses":["10.0.0.8","10.0.0.8"]}]').routers,
  ).toEqual([{ name: "r8", addresses: ["10.0.0.8"] }]);
  expect(problemsOf("[]")).toEqual([]);
});

test("everything wrong is told with key, value and line", () => {
  const text = [
    "- { name: 8, addresses: [10.0.0.8/24] }",
    "- { addresses: [10.0.0.1] }",
    "- { name: r1 }",
    "- { name: r2, addresses: [10.0.0.2], site: fra1 }",
    "- { name: r3, addresses: [10.0.0.2] }",
  ].join("\n");
  expect(problemsOf(text)).toEqual([
    "r.yml:1: [0].name: 8: must be a name of at most 100 characters without spaces: quote a number",
    "r.yml:1: [0].addresses[0]: 10.0.0.8/24: must be an IP address, without prefix length or port",
    "r.yml:2: [1].name: is missing: give the router's name",
    "r.yml:3: [2].addresses: is missing: list the router's addresses",
    "r.yml:4: [3].site: is not a known key: known here: name, addresses",
    "r.yml:5: [4].addresses[0]: 10.0.0.2: is an address of r2 as well: it can be one router's only",
  ]);
  expect(problemsOf("")).toEqual(["r.yml: is empty: write [] for no routers"]);
  expect(problemsOf("{")).toHaveLength(1);
});

test("a file that is wrong keeps what it held, one that is gone takes its routers with it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ecmp-routers-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const globs = [join(directory, "*.yml")];
  const [one, two] = [join(directory, "1.yml"), join(directory, "2.yml")];
  await writeFile(one, R8);
  await writeFile(two, "- { name: r9, addresses: [10.0.0.9] }");
  const first = await readRouterFiles(globs);
  expect(first.routers.map(({ name }) => name)).toEqual(["r8", "r9"]);
  expect(first.problems).toEqual([]);

  await writeFile(two, "- { name: r9, addresses: [10.0.0.8] }");
  const second = await readRouterFiles(globs, first);
  expect(second.routers).toEqual(first.routers);
  expect(second.problems.map(formatProblem)).toEqual([
    `${two}:1: [0].addresses[0]: 10.0.0.8: is an address of r8 as well: it can be one router's only`,
  ]);

  await rm(two);
  const third = await readRouterFiles(globs, second);
  expect(third.routers.map(({ name }) => name)).toEqual(["r8"]);
  await rm(directory, { recursive: true });
  const fourth = await readRouterFiles(globs, third);
  expect(fourth.routers).toEqual(third.routers);
  expect(fourth.problems.map(formatProblem)).toEqual([
    `${globs[0]}: cannot be looked for: its folder does not exist`,
    `${one}: cannot be read: it does not exist`,
  ]);
});
