import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Config } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { loadConfig } from "../support/load-config.ts";

const SHIPPED = "config/ecmp-exporter.yml";
const ONE_TARGET = "targets: [{ name: a, host: 192.0.2.1, port: 80 }]\n";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ecmp-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Loads a text as if it were a file. */
async function load(text: string | Uint8Array, env: Record<string, string> = {}): Promise<Config> {
  const file = join(folder, "x.yml");
  await writeFile(file, text);
  return loadConfig({ file, env });
}

/** The message that loading ends with, without the folder's name. */
async function messageOf(loading: Promise<Config>): Promise<string> {
  const error: unknown = await loading.then(
    () => "valid",
    (reason: unknown) => reason,
  );
  return error instanceof ConfigError ? error.message.replaceAll(`${folder}/`, "") : String(error);
}

test("a target that says only where it is has every default", async () => {
  const { file, text, ...rest } = await load(ONE_TARGET);
  const probe = {
    intervalMs: 10_000,
    timeoutMs: 1_000,
    flowBuckets: 64,
    sourcePorts: { first: 61_000, last: 65_535 },
    rotation: "0 */10 * * * *",
    rotationHoldMs: 1_800_000,
    dscp: 0,
    flowLabel: "port",
    method: "raw",
    series: "full",
  };
  expect(rest).toEqual({
    rawSockets: "required",
    resolveHops: false,
    routers: { files: [], namePattern: "" },
    probe,
    trace: {
      maxHops: 30,
      attempts: 3,
      survey: "30 */10 * * * *",
      packetsPerSecond: 200,
      hopPacketsPerSecond: 10,
    },
    limits: { packetsPerSecond: 10_000, series: 200_000, lastHopsPerTarget: 32, allowNetworks: [] },
    targets: [
      {
        ...probe,
        name: "a",
        host: "192.0.2.1",
        resolve: "first",
        port: 80,
        protocol: "tcp",
        family: "auto",
        labels: {},
      },
    ],
    grafanaUrl: "",
    targetFiles: [],
  });
});

test("a target's own settings win over the defaults of the probe section", async () => {
  const { targets } = await load(`
probe: { interval: 5s, dscp: 10 }
targets:
  - { name: a, host: 192.0.2.1, port: 80, dscp: 46, flow_label: 0, timeout: 2s, flow_buckets: 8, source_ports: 50000-50100 }
  - { name: b, host: "2001:db8::1", protocol: icmp, labels: { site: fra1 } }
`);
  expect(targets[0]).toMatchObject({
    intervalMs: 5_000,
    timeoutMs: 2_000,
    dscp: 46,
    flowLabel: 0,
    flowBuckets: 8,
  });
  expect(targets[0]?.sourcePorts).toEqual({ first: 50_000, last: 50_100 });
  expect(targets[1]).toMatchObject({
    dscp: 10,
    flowLabel: "port",
    port: 0,
    protocol: "icmp",
    labels: { site: "fra1" },
  });
});

test("the target's other addresses are read, and stand in the text of the configuration", async () => {
  const { targets, text } = await load(
    "targets: [{ name: a, host: 192.0.2.1, port: 9, protocol: udp, accept_from: [192.0.2.2, 198.51.100.0/24] }]",
  );
  expect(targets[0]?.acceptFrom).toEqual(["192.0.2.2", "198.51.100.0/24"]);
  expect(parse(text)).toMatchObject({ targets: [{ accept_from: targets[0]?.acceptFrom }] });
});

test("sections and lists without content count as absent", async () => {
  expect((await load(`probe:\ntrace: {}\ntarget_files:\n${ONE_TARGET}`)).targets).toHaveLength(1);
});

test("globs of target files are relative to the configuration's own folder", async () => {
  const config = await load("target_files: [targets/*.yml, /etc/ecmp/*.json]\n");
  expect(config.targetFiles).toEqual([join(folder, "targets/*.yml"), "/etc/ecmp/*.json"]);
  expect(config.targets).toEqual([]);
});

describe("the effective configuration", () => {
  test("is itself a configuration that means the same", async () => {
    const first = await load(await readFile("test/fixtures/config/valid-full.yml"), {
      ECMP_EXPORTER_PROBE_DSCP: "8",
    });
    const second = await load(first.text);
    expect(second).toEqual(first);
  });

  test("names every setting, also those that the file leaves out", async () => {
    expect((await load(ONE_TARGET)).text).toContain(
      "hop_packets_per_second: 10\nlimits:\n  packets_per_second: 10000\n",
    );
  });
});

describe("environment variables", () => {
  test("win over the file, which wins over the defaults", async () => {
    const text = `probe: { interval: 5s, timeout: 2s }\n${ONE_TARGET}`;
    const config = await load(text, {
      ECMP_EXPORTER_PROBE_INTERVAL: "20s",
      ECMP_EXPORTER_LIMITS_SERIES: "5000",
    });
    expect(config.probe).toMatchObject({ intervalMs: 20_000, timeoutMs: 2_000, flowBuckets: 64 });
    expect(config.targets[0]?.intervalMs).toBe(20_000);
    expect(config.limits.series).toBe(5_000);
  });

  test("are named where they conflict with the file", async () => {
    const env = {
      ECMP_EXPORTER_PROBE_TIMEOUT: "30s",
      ECMP_EXPORTER_TRACE_HOP_PACKETS_PER_SECOND: "300",
    };
    expect(await messageOf(load(ONE_TARGET, env))).toBe(
      "environment: ECMP_EXPORTER_PROBE_TIMEOUT: 30s: must be less than the interval, which is 10s\n" +
        "environment: ECMP_EXPORTER_TRACE_HOP_PACKETS_PER_SECOND: 300: must be at most trace.packets_per_second, which is 200",
    );
  });

  test("are reported after the file's own mistakes", async () => {
    const message = await messageOf(
      load(`probe: { dscp: 64 }\n${ONE_TARGET}`, { ECMP_EXPORTER_NONSENSE: "1" }),
    );
    expect(message).toBe(
      "x.yml:1: probe.dscp: 64: must be between 0 and 63\n" +
        "environment: ECMP_EXPORTER_NONSENSE: is not the name of a setting: unset it; names are like ECMP_EXPORTER_PROBE_INTERVAL",
    );
  });
});

describe("what cannot be read at all is one sentence", () => {
  test("a file that is not there", async () => {
    const message = await messageOf(loadConfig({ file: join(folder, "none.yml"), env: {} }));
    expect(message).toBe("none.yml: cannot be read: it does not exist");
  });

  test("a directory", async () => {
    expect(await messageOf(loadConfig({ file: "config", env: {} }))).toBe(
      "config: cannot be read: it is a directory",
    );
  });

  test("a file below a file", async () => {
    const message = await messageOf(loadConfig({ file: `${SHIPPED}/x`, env: {} }));
    expect(message).toBe(
      `${SHIPPED}/x: cannot be read: it has a file in its path where a directory is needed`,
    );
  });

  test("bytes that are no text", async () => {
    expect(await messageOf(load(Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0xfe)))).toBe(
      "x.yml: is not UTF-8 text",
    );
  });
});

describe("the shipped configuration", () => {
  test("has one target, the exporter's own port", async () => {
    const config = await loadConfig({ file: SHIPPED, env: {} });
    expect(config.targets).toHaveLength(1);
    expect(config.targets[0]).toMatchObject({
      name: "self",
      host: "127.0.0.1",
      port: 10_190,
      protocol: "tcp",
    });
  });

  test("states the defaults as they are", async () => {
    const shipped = await loadConfig({ file: SHIPPED, env: {} });
    const bare = await load(ONE_TARGET);
    expect({ ...shipped.probe, ...shipped.trace, ...shipped.limits }).toEqual({
      ...bare.probe,
      ...bare.trace,
      ...bare.limits,
    });
  });

  test("has examples that work once the comment signs are gone", async () => {
    const lines = (await readFile(SHIPPED, "utf8")).split("\n");
    const config = await load(
      lines.map((line) => line.replace(/^( *)#(?=\S| {2}[a-z])/, "$1")).join("\n"),
    );
    expect(config.targets.map(({ name, protocol, resolve }) => [name, protocol, resolve])).toEqual([
      ["self", "tcp", "first"],
      ["mysql-vip", "tcp", "first"],
      ["mysql-vip-v6", "tcp", "first"],
      ["udp-edge", "udp", "first"],
      ["resolver", "udp", "first"],
      ["site-b", "udp", "first"],
      ["game-server", "udp", "first"],
      ["dns-all", "tcp", "all"],
      ["router", "icmp", "first"],
    ]);
    expect(config.targets[1]?.labels).toEqual({ site: "fra1", tier: "1" });
    expect(config.targetFiles).toEqual([
      join(folder, "targets/*.yml"),
      join(folder, "targets/*.json"),
    ]);
  });
});
