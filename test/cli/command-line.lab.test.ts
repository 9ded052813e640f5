// The built command, seen from a terminal: what it prints where, and how it exits.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  type CommandOptions,
  type Ended,
  Exporter,
  type Listener,
  listenOn,
  QUICK,
  runCommand,
  startCommand,
} from "../daemon/exporter.ts";
import { packageRoot } from "../lab/services.ts";

/** One sentence of the program's, and nothing else. */
function sentenceOf(ended: Ended): string {
  expect(ended.stdout).toBe("");
  const lines = ended.stderr.split("\n");
  expect(lines, ended.stderr).toHaveLength(2);
  expect(lines[1]).toBe("");
  expect(lines[0]).toMatch(/^ecmp-exporter: \S/);
  return (lines[0] ?? "").replace(/^ecmp-exporter: /, "");
}

/** The user nobody, without any capability: flags of setpriv. */
const NOBODY = [
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--bounding-set=-all",
  "--inh-caps=-all",
] as const;

/** Whether a user can run node and read the command. */
function readableBy(flags: readonly string[]): boolean {
  const files = ["-x", process.execPath, "-a", "-r", join(packageRoot(), "dist/cli.js")];
  return spawnSync("setpriv", [...flags, "test", ...files]).status === 0;
}

async function expectPrivilegeSentence(flags: readonly string[]): Promise<void> {
  const options: CommandOptions = { wrapper: ["setpriv", ...flags], directory: "/" };
  const shipped = ["--config.file", join(packageRoot(), "config/ecmp-exporter.yml")];
  const ended = await runCommand([...shipped, "--web.listen-address=127.0.0.1:0"], options);
  const sentence = sentenceOf(ended);
  expect(sentence).toContain("CAP_NET_RAW");
  expect(sentence).toContain("setcap cap_net_raw+ep");
  expect(sentence).toContain("--cap-add=NET_RAW");
  expect(ended.code).toBe(1);
}

const BAD = `probe:
  interval: 1s
  timeout: 2s
targets:
  - name: a
    host: 192.0.2.1
    port: 70000
  - name: a
    host: 192.0.2.2
    prot: tcp
`;

describe.skipIf(inject("labMissing") !== "")("the command line", () => {
  let folder: string;
  let listener: Listener;
  const good = () => join(folder, "good.yml");
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version: string;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ecl-command-"));
    listener = await listenOn();
    const targets = [{ name: "self", host: "127.0.0.1", port: listener.port }];
    writeFileSync(good(), JSON.stringify({ probe: QUICK, targets }));
    writeFileSync(join(folder, "bad.yml"), BAD);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await listener.close();
  });

  it.each(["--help", "-h"])("%s prints the commands and flags on stdout", async (flag) => {
    const { code, stdout, stderr } = await runCommand([flag]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: ecmp-exporter /);
    for (const word of ["serve", "check-config", "--config.file", "--web.listen-address"]) {
      expect(stdout).toContain(word);
    }
  });

  it("--version prints version, revision and node's version in one line on stdout", async () => {
    const { code, stdout, stderr } = await runCommand(["--version"]);
    expect([code, stderr]).toEqual([0, ""]);
    const [line, rest] = stdout.split("\n");
    expect(rest).toBe("");
    const shape = /^ecmp-exporter (\S+) \(revision ([0-9a-f]{12}|unknown), node (\S+)\)$/;
    expect(shape.exec(line ?? "")?.slice(1)).toEqual([
      version,
      expect.any(String),
      process.version,
    ]);
  });

  it.each([
    [["--no.such.flag"], "Unknown option '--no.such.flag'; see --help"],
    [
      ["probe"],
      'unknown command "probe"; the commands are serve, trace, check-config, doctor and reflect; see --help',
    ],
    [
      ["--log.level=loud"],
      '--log.level must be one of debug, info, warn, error, not "loud"; see --help',
    ],
    [["--log.level", "--version"], "Option '--log.level' argument is ambiguous; see --help"],
    [
      ["--web.listen-address=nowhere"],
      'cannot listen on "nowhere": write it as :10190, 127.0.0.1:10190 or [::1]:10190; see --help',
    ],
  ])("%j is a wrong command line", async (args, sentence) => {
    const ended = await runCommand(args);
    expect(sentenceOf(ended)).toBe(sentence);
    expect(ended.code).toBe(2);
  });

  it("check-config prints what a good file would run", async () => {
    const { code, stdout, stderr } = await runCommand(["check-config", good()]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`${good()} is valid\n`);
    expect(stdout).toContain("targets:   1, with 8 flows\n");
    expect(stdout).toContain("packets/s: 16 for probes, at most 200 for sweeps;");
    expect(stdout).toMatch(/^series: {4}about \d+ while healthy, at most about \d+;/m);
  });

  it.each([
    ["check-config", (file: string) => ["check-config", file]],
    ["serve", (file: string) => ["serve", "--config.file", file]],
  ])("%s names everything that is wrong with a file at once", async (_, args) => {
    const file = join(folder, "bad.yml");
    const { code, stdout, stderr } = await runCommand(args(file));
    expect([code, stdout]).toEqual([1, ""]);
    const lines = stderr
      .trimEnd()
      .replace(/^ecmp-exporter: /, "")
      .split("\n");
    expect(lines).toEqual([
      `${file}:3: probe.timeout: 2s: must be less than the interval, which is 1s`,
      `${file}:7: targets[0].port: 70000: must be between 1 and 65535`,
      `${file}:8: targets[1].port: is missing: tcp needs a port from 1 to 65535`,
      `${file}:8: targets[1].name: a: is the name of targets[0] on line 5 as well: every target needs its own`,
      `${file}:10: targets[1].prot: is not a known key: did you mean port or protocol?`,
    ]);
  });

  it("reads the shipped configuration where no file is named", async () => {
    const { code, stdout } = await runCommand(["check-config"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^config\/ecmp-exporter\.yml is valid\n/);
  });

  it.each([
    ["that does not exist", "missing.yml", "cannot be read: it does not exist"],
    ["that is a directory", ".", "cannot be read: it is a directory"],
    [
      "below a file",
      "good.yml/x",
      "cannot be read: it has a file in its path where a directory is needed",
    ],
  ])("a file %s is said to be so", async (_, name, sentence) => {
    const file = join(folder, name);
    for (const args of [
      ["check-config", file],
      ["--config.file", file],
    ]) {
      const ended = await runCommand(args);
      expect(sentenceOf(ended)).toBe(`${file}: ${sentence}`);
      expect(ended.code).toBe(1);
    }
  });

  it("a web configuration that cannot be read is said to be so", async () => {
    const file = join(folder, "web.yml");
    const args = ["--config.file", good(), "--web.listen-address", "127.0.0.1:0"];
    const ended = await runCommand([...args, "--web.config.file", file]);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toBe("");
    const last = ended.stderr.trimEnd().split("\n").at(-1);
    expect(last).toBe(
      `ecmp-exporter: ${file}: the web configuration cannot be read (ENOENT): check --web.config.file`,
    );
  });

  it("a port that is in use is said to be so", async () => {
    const address = `127.0.0.1:${listener.port}`;
    const flags = ["--config.file", good(), "--web.listen-address", address];
    const ended = await runCommand([...flags, "--log.level=error"]);
    expect(sentenceOf(ended)).toBe(
      `cannot listen on ${address}: the address is in use: stop the program that uses it or choose another with --web.listen-address`,
    );
    expect(ended.code).toBe(1);
  });

  // A checkout in a home directory that others may not enter says nothing about privileges.
  it.skipIf(!readableBy(NOBODY))("run by nobody, it names the capability and how to grant it", () =>
    expectPrivilegeSentence(NOBODY),
  );

  it("run by root without the capability, it names it and how to grant it", () =>
    expectPrivilegeSentence(["--bounding-set=-net_raw", "--inh-caps=-net_raw"]));

  it("runs for somebody who has the capability and nothing else", async () => {
    const wrapper = ["setpriv", "--bounding-set=-all,+net_raw", "--inh-caps=-all"];
    const targets = [{ name: "t", host: "127.0.0.1", port: listener.port }];
    const exporter = await Exporter.start({ probe: QUICK, targets }, [], { wrapper });
    await exporter.until("answers", (m) => m.sum("ecmp_flow_up") === QUICK.flow_buckets);
    expect(await exporter.stop()).toBe(0);
  });

  describe("of a daemon that runs", () => {
    const config = () => ({
      probe: QUICK,
      targets: [{ name: "t", host: "127.0.0.1", port: listener.port }],
    });

    it.each(["SIGTERM", "SIGINT"] as const)("ends with 0 soon after %s", async (signal) => {
      const exporter = await Exporter.start(config());
      // A connection that is kept open must not hold it up.
      expect((await exporter.get("/-/ready")).status).toBe(200);
      const start = performance.now();
      expect(await exporter.stop(signal)).toBe(0);
      expect(performance.now() - start).toBeLessThan(3000);
      expect(exporter.process.stdout).toBe("");
      expect(exporter.process.stderr).toMatch(new RegExp(`msg=stopping signal=${signal}\n$`));
    });

    it("does not end when it is told to reload while it starts", async () => {
      const flags = ["--config.file", good(), "--web.listen-address=127.0.0.1:0"];
      const starting = startCommand(flags);
      await starting.said("receiving through");
      starting.kill("SIGHUP");
      await starting.said("msg=serving");
      expect(await starting.stop()).toBe(0);
    });

    it("ends with 0 when it is told to stop while it starts", async () => {
      const flags = ["--config.file", good(), "--web.listen-address=127.0.0.1:0"];
      const starting = startCommand(flags);
      await starting.said("receiving through");
      expect(await starting.stop()).toBe(0);
      expect(starting.stderr).toContain("msg=stopping signal=SIGTERM\n");
    });

    it("logs logfmt on stderr, first of all where the page and the metrics are", async () => {
      const exporter = await Exporter.start(config(), ["--web.telemetry-path=/probes"]);
      await exporter.stop();
      const lines = exporter.process.stderr.trimEnd().split("\n");
      for (const line of lines) {
        expect(line).toMatch(/^ts=\d{4}-\d\d-\d\dT\S+Z level=(info|warn) msg=\S/);
      }
      const where = lines.findIndex((line) => line.includes("msg=serving"));
      expect(where, exporter.process.stderr).toBeLessThan(3);
      expect(lines[where]).toContain(`page=${exporter.url}/ metrics=${exporter.url}/probes`);
      expect(lines[where]).toContain(`version=${version}`);
      expect(exporter.process.stdout).toBe("");
    });

    it("logs one JSON object a line when asked to", async () => {
      const exporter = await Exporter.start(config(), ["--log.format=json"]);
      await exporter.stop();
      const lines = exporter.process.stderr.trimEnd().split("\n");
      const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(records.find(({ msg }) => msg === "serving")).toMatchObject({
        level: "info",
        page: `${exporter.url}/`,
        metrics: `${exporter.url}/metrics`,
      });
      for (const { ts } of records) expect(Date.parse(String(ts))).not.toBeNaN();
    });

    it("serves the metrics at the path that is asked for, and the page at the root", async () => {
      const exporter = await Exporter.start(config(), ["--web.telemetry-path=/probes"]);
      expect((await exporter.get("/probes")).body).toContain("\necmp_probes_total{");
      expect((await exporter.get("/metrics")).status).toBe(404);
      expect((await exporter.get("/")).type).toContain("text/html");
      await exporter.stop();
    });
  });
});
