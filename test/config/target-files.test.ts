import { mkdir, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseEndpoint } from "../../src/config/endpoint.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { probeSettings, settingsOf } from "../../src/config/schema.ts";
import {
  readTargetFiles,
  type TargetFiles,
  withTargetFiles,
} from "../../src/config/target-files.ts";
import { loadConfig } from "../support/load-config.ts";

const defaults = probeSettings(settingsOf([]).probe);

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ecmp-targets-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const read = (previous?: TargetFiles): Promise<TargetFiles> =>
  readTargetFiles([join(folder, "*.yml"), join(folder, "*.json")], defaults, previous);
const names = (files: TargetFiles): readonly string[] => files.specs.map(({ name }) => name);
const messages = (files: Pick<TargetFiles, "problems">): readonly string[] =>
  files.problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ""));

describe("a file in Prometheus's format", () => {
  test("gives TCP targets that are called what they are", async () => {
    await write(
      "a.yml",
      '- targets: ["192.0.2.1:80", "[2001:db8::1]:443", "db.example:3306"]\n  labels: { site: fra1, __meta_x: y }\n',
    );
    const { specs, problems } = await read();
    expect(problems).toEqual([]);
    expect(
      specs.map(({ name, host, port, protocol, labels }) => ({
        name,
        host,
        port,
        protocol,
        labels,
      })),
    ).toEqual([
      {
        name: "192.0.2.1:80",
        host: "192.0.2.1",
        port: 80,
        protocol: "tcp",
        labels: { site: "fra1" },
      },
      {
        name: "[2001:db8::1]:443",
        host: "2001:db8::1",
        port: 443,
        protocol: "tcp",
        labels: { site: "fra1" },
      },
      {
        name: "db.example:3306",
        host: "db.example",
        port: 3306,
        protocol: "tcp",
        labels: { site: "fra1" },
      },
    ]);
    expect(specs[0]).toMatchObject({ ...defaults, resolve: "first", family: "auto" });
  });

  test("may be JSON, and may name a target and its protocol by labels", async () => {
    await write(
      "a.json",
      '[{"targets":["2001:db8::1"],"labels":{"__ecmp_protocol__":"icmp","__ecmp_name__":"gw"}},{"targets":[]}]',
    );
    const { specs } = await read();
    expect(specs).toHaveLength(1);
    expect(specs[0]).toMatchObject({
      name: "gw",
      host: "2001:db8::1",
      port: 0,
      protocol: "icmp",
      labels: {},
    });
  });

  test("may give a label a number, a boolean or nothing: it has the text that Prometheus gives it", async () => {
    const labels =
      "rack: 012, unit: 1.50, spare: true, old: yes, id: 123456789012345678901, note: ";
    await write("a.yml", `- targets: ["h:80"]\n  labels: { __ecmp_name__: 007, ${labels}}\n`);
    const { specs, problems } = await read();
    expect(problems).toEqual([]);
    expect(specs[0]).toMatchObject({
      name: "007",
      labels: {
        rack: "012",
        unit: "1.50",
        spare: "true",
        old: "yes",
        id: "123456789012345678901",
        note: "",
      },
    });
  });

  test("in JSON has labels that are text, or null, as Prometheus wants them", async () => {
    await write("a.json", '[{"targets": ["h:80"], "labels": {"rack": 12, "note": null}}]');
    expect(messages(await read())).toEqual([
      'a.json:1: [0].labels.rack: 12: must be text: quote it, "12"',
    ]);
  });

  test.each([
    ["", "a.yml: is empty: write [] for no targets"],
    ["targets: []\n", 'a.yml:1: a mapping: must be a list: begin every item with "- "'],
    ["- labels: {}\n", "a.yml:1: [0].targets: is missing: list the targets as HOST:PORT"],
    ["- targets: [h]\n", "a.yml:1: [0].targets[0]: h: needs a port: tcp targets are HOST:PORT"],
    ["- targets: ['h:0']\n", "a.yml:1: [0].targets[0]: h:0: must have a port between 1 and 65535"],
    [
      "- targets: ['h:70000']\n",
      "a.yml:1: [0].targets[0]: h:70000: must have a port between 1 and 65535",
    ],
    [
      "- targets: ['2001:db8::1:80:']\n",
      'a.yml:1: [0].targets[0]: "2001:db8::1:80:": must be HOST:PORT, with an IPv6 address in brackets: "[2001:db8::1]:443"',
    ],
    ["- targets: [80]\n", "a.yml:1: [0].targets[0]: 80: must be text: HOST:PORT"],
    [
      "- targets: ['h:80']\n  labels: { job: x }\n",
      "a.yml:2: [0].labels.job: is already a label of the exporter's series: choose another name",
    ],
    [
      "- targets: ['h:80']\n  labels: { rack: [7] }\n",
      "a.yml:2: [0].labels.rack: a list: must be a single value",
    ],
    [
      "- targets: ['h:80']\n  labels: { __ecmp_protocol__: sctp }\n",
      "a.yml:2: [0].labels.__ecmp_protocol__: sctp: must be one of tcp, udp, icmp",
    ],
    [
      "- targets: ['h:80']\n  labels: { __ecmp_protocol__: icmp }\n",
      "a.yml:1: [0].targets[0]: h:80: must be a host without a port: icmp has no ports",
    ],
    ["- target: ['h:80']\n", "a.yml:1: [0].target: is not a known key: did you mean targets?"],
    [
      "- targets: ['h:80', 'h:80']\n",
      "a.yml:1: [0].targets[1].name: h:80: is the name of [0].targets[0] on line 1 as well: every target needs its own",
    ],
  ])("that says %j is refused as a whole", async (text, message) => {
    const before = await read();
    await write("a.yml", text);
    const files = await read(before);
    expect(messages(files)).toContain(message);
    expect(files.specs).toEqual([]);
  });
});

describe("a file that changes", () => {
  test.each([
    ["is malformed", (path: string) => writeFile(path, "- targets: [h:81\n  x")],
    ["is truncated to nothing", (path: string) => truncate(path, 0)],
    ["is cut in the middle", (path: string) => truncate(path, 18)],
    ["has become a directory", async (path: string) => rm(path).then(() => mkdir(path))],
  ])("and %s keeps the targets it had, and says so", async (_, breakIt) => {
    await write("a.yml", "- targets: ['one:80', 'two:80']\n");
    await write("b.yml", "- targets: ['three:80']\n");
    const before = await read();
    await breakIt(join(folder, "a.yml"));
    await write("b.yml", "- targets: ['four:80']\n");
    const after = await read(before);
    expect(names(after)).toEqual(["one:80", "two:80", "four:80"]);
    expect(after.problems).toHaveLength(1);
    expect(after.files.map(({ problems }) => problems.length)).toEqual([1, 0]);
  });

  test("by an atomic rename is taken over", async () => {
    await write("a.yml", "- targets: ['one:80']\n");
    const before = await read();
    await write(".a.yml.tmp", "- targets: ['two:80']\n");
    await rename(join(folder, ".a.yml.tmp"), join(folder, "a.yml"));
    const after = await read(before);
    expect(names(after)).toEqual(["two:80"]);
    expect(after.problems).toEqual([]);
  });

  test("and is right again has no problems any more", async () => {
    await write("a.yml", "- targets: ['one:80']\n");
    const before = await read();
    await write("a.yml", "");
    const broken = await read(before);
    await write("a.yml", "[]\n");
    const repaired = await read(broken);
    expect([names(broken), names(repaired), repaired.problems]).toEqual([["one:80"], [], []]);
  });

  test("by going away takes its targets along", async () => {
    await write("a.yml", "- targets: ['one:80']\n");
    const before = await read();
    await rm(join(folder, "a.yml"));
    expect(names(await read(before))).toEqual([]);
  });
});

test("a folder that is not there is a problem, and no targets", async () => {
  const files = await readTargetFiles([join(folder, "none/*.yml")], defaults);
  expect(messages(files)).toEqual(["none/*.yml: cannot be looked for: its folder does not exist"]);
  expect(files.specs).toEqual([]);
});

test("hidden files and other endings are not read", async () => {
  await write(".a.yml", "nonsense");
  await write("a.yml.swp", "nonsense");
  expect(await read()).toMatchObject({ files: [], problems: [] });
});

test("of two files with the same target the first keeps it, and the other's remaining targets count", async () => {
  await write("a.yml", "- targets: ['one:80']\n");
  await write("b.yml", "- targets: ['two:80', 'one:80']\n");
  const files = await read();
  expect(names(files)).toEqual(["one:80", "two:80"]);
  expect(messages(files)).toEqual([
    "b.yml:1: [0].targets[1].name: one:80: is the name of [0].targets[0] on line 1 of a.yml as well: every target needs its own",
  ]);
});

test("a target of the configuration stays where a file names the same endpoint", async () => {
  await write("main.conf", "targets: [{ name: web, host: one, port: 80 }]\n");
  await write("a.yml", "- targets: ['one:80', 'two:80']\n");
  const config = await loadConfig({ file: join(folder, "main.conf"), env: {} });
  const all = withTargetFiles(config, await read());
  expect(all.specs.map(({ name }) => name)).toEqual(["web", "two:80"]);
  expect(messages(all)).toEqual([
    'a.yml:1: [0].targets[0]: one:80: probes the same as "web", targets[0] of main.conf: tcp to one port 80, from the same source ports; remove one of the two, or give one source_ports of its own',
  ]);
});

test("a folder that is out of reach for a while keeps its targets", async () => {
  await mkdir(join(folder, "in"));
  await write("in/a.yml", "- targets: ['one:80']\n");
  const globs = [join(folder, "in/*.yml")];
  const before = await readTargetFiles(globs, defaults);
  await rename(join(folder, "in"), join(folder, "out"));
  const without = await readTargetFiles(globs, defaults, before);
  expect(names(without)).toEqual(["one:80"]);
  expect(messages(without)[0]).toBe("in/*.yml: cannot be looked for: its folder does not exist");
  await rename(join(folder, "out"), join(folder, "in"));
  expect(await readTargetFiles(globs, defaults, without)).toEqual(before);
});

test.each([
  ["http://h.example/", "must be HOST:PORT, not a URL"],
  ["[fe80::1%eth0]:80", "must hold an address without a zone"],
  ["fe80::1%eth0", "must hold an address without a zone"],
  ["0.0.0.0:80", "must be the address of one host"],
  ["[fe80::1]:80", "must not be link-local: link-local packets cross no router"],
])("the endpoint %s is refused for what is wrong with it", (text, problem) => {
  expect(parseEndpoint(text, "tcp")).toEqual({ problem });
});
