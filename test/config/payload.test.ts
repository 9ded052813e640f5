import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Config } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { probeSettings, settingsOf } from "../../src/config/schema.ts";
import { parseTargetFile } from "../../src/config/target-file.ts";
import { loadConfig } from "../support/load-config.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ecmp-payload-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(text: string): Promise<Config> {
  const file = join(folder, "config.yml");
  await writeFile(file, text);
  return await loadConfig({ file, env: {} });
}

const target = (port: number, keys: string) =>
  `  - { name: t${port}, host: 192.0.2.1, port: ${port}, protocol: udp, ${keys} }\n`;

test("every payload is read, and the text of the configuration means the same", async () => {
  const config = await load(
    [
      "targets:\n",
      target(1, "payload: dns, dns: _ntp._udp.Example.net."),
      target(2, "payload: dns, dns: ."),
      target(3, "payload: ntp"),
      target(4, "payload: quic"),
      target(5, "payload: stamp"),
      target(6, 'payload: hex, hex: "01 FF:7e"'),
      target(7, 'payload: hex, hex: "00", expect: "8180"'),
      target(8, "payload: hex, hex: ff, expect: any"),
      target(9, "dscp: 0"),
    ].join(""),
  );
  const payloads = [
    { kind: "dns", name: "_ntp._udp.Example.net." },
    { kind: "dns", name: "." },
    { kind: "ntp" },
    { kind: "quic" },
    { kind: "stamp" },
    { kind: "hex", bytes: "01ff7e", expect: "" },
    { kind: "hex", bytes: "00", expect: "8180" },
    { kind: "hex", bytes: "ff", expect: "" },
    undefined,
  ];
  expect(config.targets.map(({ payload }) => payload)).toEqual(payloads);
  const again = await load(config.text);
  expect(again.targets).toEqual(config.targets);
  expect(again.text).toBe(config.text);
});

test("bytes that fit no packet everywhere are refused", async () => {
  const text = (bytes: number) =>
    `targets:\n${target(1, `payload: hex, hex: "${"ab".repeat(bytes)}"`)}`;
  await expect(load(text(1232))).resolves.toBeDefined();
  await expect(load(text(1233))).rejects.toThrow("must be at most 1232 bytes");
});

test("a target file gives its targets a payload by labels of ours", () => {
  const read = (labels: string) => {
    const text = `- { targets: ["192.0.2.1:53"], labels: { ${labels} } }\n`;
    const defaults = probeSettings(settingsOf([]).probe);
    const { targets, problems } = parseTargetFile("t.yml", text, defaults);
    return [targets.map(({ spec }) => spec.payload), problems.map(formatProblem)];
  };
  const udp = "__ecmp_protocol__: udp";
  expect(read(`${udp}, __ecmp_payload__: dns, __ecmp_dns__: example.net`)).toEqual([
    [{ kind: "dns", name: "example.net" }],
    [],
  ]);
  expect(read(udp)).toEqual([[undefined], []]);
  expect(read("__ecmp_payload__: ntp")).toEqual([
    [{ kind: "ntp" }],
    [
      "t.yml:1: [0].labels.__ecmp_payload__: ntp: must be removed: only udp probes have one, not tcp",
    ],
  ]);
  expect(read(`${udp}, __ecmp_payload__: hex`)[1]).toEqual([
    "t.yml:1: [0].labels.__ecmp_hex__: is missing: give the bytes to send as hex digits",
  ]);
});
