import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Config } from "../../src/config/load.ts";
import { describePlan, planWarnings } from "../../src/config/plan.ts";
import type { PortRange } from "../../src/flow/target.ts";
import { loadConfig } from "../support/load-config.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ecmp-plan-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(text: string): Promise<Config> {
  const file = join(folder, "x.yml");
  await writeFile(file, text);
  return loadConfig({ file, env: {} });
}

async function warnings(text: string, kernel?: PortRange): Promise<readonly string[]> {
  const config = await load(text);
  return planWarnings(config, config.targets, kernel);
}

test("the plan names every target, what it costs, and the limits", async () => {
  const config = await load(`
targets:
  - { name: mysql-vip, host: 192.0.2.10, port: 3306 }
  - { name: six, host: "2001:db8::1", port: 443, interval: 30s, flow_buckets: 16 }
  - { name: everywhere, host: db.example, port: 53, resolve: all }
  - { name: gw, host: 192.0.2.1, protocol: icmp, interval: 1m, flow_buckets: 8 }
target_files: [more/*.yml]
`);
  const text = describePlan(config, config.targets);
  // Series by hand: 53 a target and 7 a bucket; at worst 12 a bucket and 2 for each of 35 last hops.
  expect(text.replaceAll(folder, "")).toBe(`/x.yml is valid

target      endpoint                          flows  interval  packets/s  series
mysql-vip   tcp 192.0.2.10:3306                  64       10s        6.4     501
six         tcp [2001:db8::1]:443                16       30s       0.53     165
everywhere  tcp db.example:53 (each address)     64       10s        6.4     501
gw          icmp 192.0.2.1                        8        1m       0.13     109

targets:   4, with 152 flows
packets/s: 13.47 for probes, at most 200 for sweeps; limits.packets_per_second is 10000
paths:     known about 9s after the start where all targets lie behind the same 4 routers, 12s behind 8, each of which answers one expired TTL a second
series:    about 1276 while healthy, at most about 12676; limits.series is 200000
cpu:       about 5 % of a core
watched:   /more/*.yml
`);
});

describe("a plan that is valid and doubtful is warned about", () => {
  const target = "{ name: a, host: 192.0.2.1, port: 80 }";

  test("the default settings are not", async () => {
    expect(await warnings(`targets: [${target}]`, { first: 32_768, last: 60_999 })).toEqual([]);
  });

  test("source ports that the kernel hands out as well, once for all targets that have them", async () => {
    const many = Array.from(
      { length: 5 },
      (_, index) => `{ name: t${index}, host: 192.0.2.${index + 1}, port: 80 }`,
    );
    const text = `probe: { source_ports: 60000-65535 }\ntargets: [${many.join(", ")}]`;
    expect(await warnings(text, { first: 32_768, last: 60_999 })).toEqual([
      "t0, t1, t2 and 2 more: source_ports 60000-65535 overlaps the kernel's ip_local_port_range 32768-60999: connections of this host may use the same ports; choose other ports or narrow net.ipv4.ip_local_port_range",
    ]);
  });

  test.each([
    ["61000-61255", []],
    [
      "61000-61191",
      [
        "a: 192 source ports are 3 per bucket: rotation finds few new paths; widen source_ports to at least 256 ports or lower flow_buckets",
      ],
    ],
  ])("fewer than four ports a bucket: %s", async (ports, expected) => {
    expect(await warnings(`probe: { source_ports: ${ports} }\ntargets: [${target}]`)).toEqual(
      expected,
    );
  });

  test("UDP faster than a host answers for a closed port", async () => {
    const udp = (buckets: number) =>
      `targets: [{ name: a, host: h, port: 9, protocol: udp, flow_buckets: ${buckets} }]`;
    expect(await warnings(udp(10))).toEqual([]);
    expect(await warnings(udp(11))).toEqual([
      "a: 1.1 UDP probes per second: a Linux host answers a closed port with one port-unreachable per second, so the exporter will probe no faster than that; raise interval, lower flow_buckets, or give a payload that the service answers",
    ]);
  });

  test("more packets than the limit", async () => {
    expect(await warnings(`limits: { packets_per_second: 206 }\ntargets: [${target}]`)).toEqual([
      "probes (6.4) and sweeps (200) need more packets a second than limits.packets_per_second (206): some will be skipped and counted",
    ]);
  });

  test("more series than the limit", async () => {
    expect(await warnings(`limits: { series: 400 }\ntargets: [${target}]`)).toEqual([
      "about 501 series are more than limits.series (400): the largest targets will show fewer; raise the limit, or set series to failing or paths",
    ]);
    const fewer = target.replace("}", ", series: failing }");
    expect(await warnings(`limits: { series: 400 }\ntargets: [${fewer}]`)).toEqual([]);
  });
});
