import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Config } from "../../src/config/load.ts";
import { planWarnings } from "../../src/config/plan.ts";
import { parseTargetFile } from "../../src/config/target-file.ts";
import { loadConfig } from "../support/load-config.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ecmp-methods-"));
});
afterAll(() => rm(folder, { recursive: true }));

const TCP = "{ name: a, host: 192.0.2.1, port: 80 }";

async function load(text: string, env: Record<string, string> = {}): Promise<Config> {
  const file = join(folder, "x.yml");
  await writeFile(file, text);
  return loadConfig({ file, env });
}

/** What is wrong, without the folder's name. */
async function wrong(text: string): Promise<string> {
  const error: unknown = await load(text).catch((reason: unknown) => reason);
  return error instanceof Error ? error.message.replaceAll(`${folder}/`, "") : "valid";
}

describe("the method", () => {
  test("is a target's own, or that of the probe section", async () => {
    const { targets } = await load(
      `probe: { method: connect }\ntargets: [${TCP}, { name: b, host: h, port: 1, method: raw }]`,
    );
    expect(targets.map(({ method }) => method)).toEqual(["connect", "raw"]);
  });

  test("may be raw and connect of one endpoint from source ports apart, and not from the same", async () => {
    const both = (ports: string): string =>
      `targets:\n  - ${TCP}\n  - { name: b, host: 192.0.2.1, port: 80, method: connect${ports} }\n`;
    const { targets } = await load(both(", source_ports: 50000-60999"));
    expect(targets.map(({ method }) => method)).toEqual(["raw", "connect"]);
    expect(await wrong(both(""))).toBe(
      'x.yml:3: targets[1]: b: probes the same as "a", targets[0] on line 2: tcp to 192.0.2.1 port 80, from the same source ports; remove one of the two, or give one source_ports of its own',
    );
    expect(await wrong(both(", source_ports: 50000-61000"))).toContain("probes the same as");
  });

  test("of the probe section says nothing to UDP and ICMP", async () => {
    const config = await load(
      "probe: { method: connect }\ntargets: [{ name: p, host: h, protocol: icmp }, { name: u, host: h, port: 9, protocol: udp }]",
    );
    expect(config.targets.map(({ method }) => method)).toEqual(["raw", "raw"]);
    const file =
      '[{"targets": ["h:9"], "labels": {"__ecmp_protocol__": "udp"}}, {"targets": ["h:80"]}]';
    const { targets } = parseTargetFile("t.json", file, config.probe);
    expect(targets.map(({ spec }) => spec.method)).toEqual(["raw", "connect"]);
  });

  test("connect is refused where there are no connections, and where packets are to be marked", async () => {
    expect(
      await wrong("targets: [{ name: u, host: h, port: 9, protocol: udp, method: connect }]"),
    ).toBe("x.yml:1: targets[0].method: connect: must be removed: udp has no connections");
    expect(await wrong(`probe: { dscp: 46, method: connect }\ntargets: [${TCP}]`)).toBe(
      "x.yml:1: probe.method: connect: must be raw, or dscp must be 0 instead of 46: Node.js cannot set dscp on connections",
    );
    expect(
      await wrong(
        "probe: { method: connect }\ntargets:\n  - { name: a, host: h, port: 80, dscp: 8 }",
      ),
    ).toBe(
      "x.yml:3: targets[0].method: connect: is inherited; it must be raw, or dscp must be 0 instead of 8: Node.js cannot set dscp on connections",
    );
    expect(await wrong(`targets: [{ name: a, host: h, port: 80, method: syn }]`)).toBe(
      "x.yml:1: targets[0].method: syn: must be one of raw, connect",
    );
  });

  test("connect costs three packets a probe in the plan", async () => {
    const text = (method: string) =>
      `limits: { packets_per_second: 215 }\nprobe: { method: ${method} }\ntargets: [${TCP}]`;
    const warnings = async (method: string) => {
      const config = await load(text(method));
      return planWarnings(config, config.targets).filter((line) => line.includes("sweeps"));
    };
    expect(await warnings("raw")).toEqual([]);
    expect(await warnings("connect")).toEqual([
      "probes (19.2) and sweeps (200) need more packets a second than limits.packets_per_second (215): some will be skipped and counted",
    ]);
  });
});

describe("raw_sockets and hops.resolve", () => {
  test("warn of targets that will not be probed", async () => {
    const targets = `targets: [${TCP}, { name: p, host: h, protocol: icmp }, { name: q, host: i, protocol: icmp }]`;
    const warnings = async (rawSockets: string) => {
      const config = await load(`raw_sockets: ${rawSockets}\n${targets}`);
      return planWarnings(config, config.targets);
    };
    expect(await warnings("auto")).toEqual([]);
    expect(await warnings("never")).toEqual([
      "p, q: icmp needs raw sockets, and raw_sockets is never: it will not be probed",
    ]);
  });

  test("stand in the file, in the environment and in the effective configuration", async () => {
    const config = await load(`raw_sockets: auto\nhops: { resolve: true }\ntargets: [${TCP}]`);
    expect([config.rawSockets, config.resolveHops]).toEqual(["auto", true]);
    expect(await load(config.text)).toEqual(config);
    const overridden = await load(config.text, {
      ECMP_EXPORTER_RAW_SOCKETS: "never",
      ECMP_EXPORTER_HOPS_RESOLVE: "false",
    });
    expect([overridden.rawSockets, overridden.resolveHops]).toEqual(["never", false]);
  });

  test("take nothing else", async () => {
    expect(await wrong(`raw_sockets: yes please\ntargets: [${TCP}]`)).toBe(
      "x.yml:1: raw_sockets: yes please: must be one of required, auto, never",
    );
    expect(await wrong(`hops: { resolve: "true" }\ntargets: [${TCP}]`)).toBe(
      'x.yml:1: hops.resolve: "true": must be true or false: remove the quotes',
    );
    expect(await wrong(`hops: { resolve: 1 }\ntargets: [${TCP}]`)).toBe(
      "x.yml:1: hops.resolve: 1: must be true or false",
    );
  });
});
