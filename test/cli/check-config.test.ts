import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../src/cli/check-config.ts";
import { ConfigError } from "../../src/config/problem.ts";

describe("checking a configuration", () => {
  it("tells of the shipped one what would run", async () => {
    const text = await checkConfig("config/ecmp-exporter.yml", {});
    expect(text).toMatch(/^config\/ecmp-exporter\.yml is valid\n/);
    expect(text).toMatch(/^self +tcp 127\.0\.0\.1:10190 +64 +10s +6\.4 +501$/m);
  });

  it("counts in what the environment overrides", async () => {
    const env = { ECMP_EXPORTER_PROBE_FLOW_BUCKETS: "32", HOME: "/root" };
    const text = await checkConfig("config/ecmp-exporter.yml", env);
    expect(text).toMatch(/^self +tcp 127\.0\.0\.1:10190 +32 +10s +3\.2 +277$/m);
  });

  it("throws everything that is wrong, in the file and in the environment", async () => {
    const file = "test/fixtures/config/invalid-everything-at-once.yml";
    const env = { ECMP_EXPORTER_TRACE_ATTEMPTS: "many" };
    const refusal: unknown = await checkConfig(file, env).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConfigError);
    const lines = String((refusal as Error).message).split("\n");
    expect(lines).toHaveLength(7);
    expect(lines[0]).toBe(`${file}:2: trace.hops: is not a known key: did you mean max_hops?`);
    expect(lines.at(-1)).toMatch(/^environment: ECMP_EXPORTER_TRACE_ATTEMPTS: many: must be /);
  });

  it("names what is wrong in the files beside what is wrong in the configuration", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ecmp-check-"));
    const file = join(folder, "main.yml");
    await writeFile(
      file,
      [
        "probe: { interval: 10 }",
        "targets: [{ name: web, host: 192.0.2.1, port: 80 }]",
        "target_files: [t.yml, wrong.txt]",
        "routers: { files: [r.yml, s.yml] }",
      ].join("\n"),
    );
    await writeFile(join(folder, "t.yml"), '- targets: ["192.0.2.1:80", "192.0.2.2"]\n');
    await writeFile(join(folder, "r.yml"), "- { name: r1, addresses: [10.0.0.300, 10.0.0.1] }\n");
    await writeFile(join(folder, "s.yml"), "- { name: r2, addresses: [10.0.0.1] }\n");
    const refusal: unknown = await checkConfig(file, {}).catch((error: unknown) => error);
    await rm(folder, { recursive: true });
    const lines = String((refusal as Error).message).replaceAll(`${folder}/`, "");
    expect(lines.split("\n").map((line) => line.split(": ").slice(0, 3).join(": "))).toEqual([
      "main.yml:1: probe.interval: 10",
      "main.yml:3: target_files[1]: wrong.txt",
      "t.yml:1: [0].targets[1]: 192.0.2.2",
      "t.yml:1: [0].targets[0]: 192.0.2.1:80",
      "r.yml:1: [0].addresses[0]: 10.0.0.300",
      "s.yml:1: [0].addresses[0]: 10.0.0.1",
    ]);
  });
});
