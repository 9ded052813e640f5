import { describe, expect, test } from "vitest";
import { readEnvironment, variableOf } from "../../src/config/environment.ts";
import { formatProblem } from "../../src/config/problem.ts";

/** The messages that one variable leads to. */
function messages(env: Record<string, string>): readonly string[] {
  return readEnvironment(env).problems.map(formatProblem);
}

test("a variable is named after the path of its setting", () => {
  expect(variableOf("trace.hop_packets_per_second")).toBe(
    "ECMP_EXPORTER_TRACE_HOP_PACKETS_PER_SECOND",
  );
});

test("digits are a number, everything else is text", () => {
  const env = {
    ECMP_EXPORTER_LIMITS_SERIES: "5000",
    ECMP_EXPORTER_PROBE_INTERVAL: "5s",
    ECMP_EXPORTER_PROBE_ROTATION: "*/30 * * * * *",
    ECMP_EXPORTER_PROBE_SOURCE_PORTS: "50000-51000",
  };
  expect(readEnvironment(env)).toEqual({
    given: [
      { path: "limits.series", value: 5000 },
      { path: "probe.interval", value: "5s" },
      { path: "probe.rotation", value: "*/30 * * * * *" },
      { path: "probe.source_ports", value: "50000-51000" },
    ],
    problems: [],
  });
});

describe("a bad variable is named with its value and the fix", () => {
  test.each([
    [
      "ECMP_EXPORTER_PROBE_INTERVAL",
      "5",
      '5: must be a duration with its unit, such as "10s" or "1m30s"',
    ],
    [
      "ECMP_EXPORTER_LIMITS_SERIES",
      "9100abc",
      "9100abc: must be a whole number from 100 to 100000000",
    ],
    [
      "ECMP_EXPORTER_LIMITS_SERIES",
      "0x2000",
      "0x2000: must be a whole number from 100 to 100000000",
    ],
    [
      "ECMP_EXPORTER_LIMITS_SERIES",
      " 2000",
      '" 2000": must be a whole number from 100 to 100000000',
    ],
    ["ECMP_EXPORTER_PROBE_DSCP", "true", "true: must be a whole number from 0 to 63"],
    ["ECMP_EXPORTER_HOPS_RESOLVE", "1", "1: must be true or false"],
    ["ECMP_EXPORTER_RAW_SOCKETS", "no", "no: must be one of required, auto, never"],
    ["ECMP_EXPORTER_PROBE_DSCP", "-1", "-1: must be between 0 and 63"],
    ["ECMP_EXPORTER_PROBE_DSCP", "", "is empty: give it a value or unset it"],
    [
      "ECMP_EXPORTER_PROBE_INTERVALL",
      "5s",
      "is not the name of a setting: did you mean ECMP_EXPORTER_PROBE_INTERVAL?",
    ],
    [
      "ECMP_EXPORTER_MAX_HOPS",
      "9",
      "is not the name of a setting: did you mean ECMP_EXPORTER_TRACE_MAX_HOPS?",
    ],
    [
      "ECMP_EXPORTER_",
      "x",
      "is not the name of a setting: unset it; names are like ECMP_EXPORTER_PROBE_INTERVAL",
    ],
  ])("%s=%s", (variable, value, message) => {
    expect(messages({ [variable]: value })).toEqual([`environment: ${variable}: ${message}`]);
  });
});

test("variables of others are left alone, also those that Kubernetes makes of a service named ecmp-exporter", () => {
  const env = {
    PATH: "/bin",
    ECMP_EXPORTER: "1",
    ECMP_EXPORTER_SERVICE_HOST: "10.96.0.7",
    ECMP_EXPORTER_SERVICE_PORT: "10190",
    ECMP_EXPORTER_SERVICE_PORT_METRICS: "10190",
    ECMP_EXPORTER_PORT: "tcp://10.96.0.7:10190",
    ECMP_EXPORTER_PORT_10190_TCP: "tcp://10.96.0.7:10190",
    ECMP_EXPORTER_PORT_10190_TCP_PROTO: "tcp",
    ECMP_EXPORTER_PORT_10190_TCP_PORT: "10190",
    ECMP_EXPORTER_PORT_10190_TCP_ADDR: "10.96.0.7",
  };
  expect(readEnvironment(env)).toEqual({ given: [], problems: [] });
});
