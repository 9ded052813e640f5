import { describe, expect, it } from "vitest";
import { checkConfig } from "../../src/cli/check-config.ts";
import { ConfigError } from "../../src/config/load.ts";

describe("checking a configuration", () => {
  it("tells of the shipped one what would run", async () => {
    const text = await checkConfig("config/ecmp-exporter.yml", {});
    expect(text).toMatch(/^config\/ecmp-exporter\.yml is valid\n/);
    expect(text).toMatch(/^self +tcp 127\.0\.0\.1:10190 +64 +10s +6\.4 +502$/m);
  });

  it("counts in what the environment overrides", async () => {
    const env = { ECMP_EXPORTER_PROBE_FLOW_BUCKETS: "32", HOME: "/root" };
    const text = await checkConfig("config/ecmp-exporter.yml", env);
    expect(text).toMatch(/^self +tcp 127\.0\.0\.1:10190 +32 +10s +3\.2 +278$/m);
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
});
