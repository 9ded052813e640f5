import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { settingsByPath, settingsOf } from "../../src/config/schema.ts";

describe("every setting", () => {
  test.each([...settingsByPath()])(
    "%s has a reason and a default that its own rule takes",
    (_, setting) => {
      expect(setting.doc.length).toBeGreaterThan(40);
      expect(setting.rule(setting.default)).toHaveProperty("value");
    },
  );
});

test("later values win, and what nobody gives has its default", () => {
  const values = settingsOf([
    { path: "probe.dscp", value: 10 },
    { path: "probe.dscp", value: 46 },
  ]);
  expect(values.probe.dscp).toBe(46);
  expect(values.probe.interval).toBe("10s");
  expect(values.limits.series).toBe(200_000);
});

test("a value that its rule refuses, or a key that does not exist, cannot slip through", () => {
  expect(() => settingsOf([{ path: "probe.dscp", value: 64 }])).toThrow(
    "probe.dscp: must be between 0 and 63",
  );
  expect(() => settingsOf([{ path: "probe.colour", value: 1 }])).toThrow("probe.colour");
});

describe("the command line and the process's environment", () => {
  const argv = process.argv;
  beforeEach(() => {
    process.argv = [...argv, "--probe.dscp", "46", "--probe.interval=1s"];
    process.env["ECMP_EXPORTER_PROBE_DSCP"] = "46";
  });
  afterEach(() => {
    process.argv = argv;
    delete process.env["ECMP_EXPORTER_PROBE_DSCP"];
  });

  test("are not read behind the caller's back", () => {
    expect(settingsOf([]).probe).toMatchObject({ dscp: 0, interval: "10s" });
  });
});
