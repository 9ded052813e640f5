import { beforeEach, describe, expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { OutdatedSweeps } from "../../src/trace/outdated-sweeps.ts";
import { Trace } from "../../src/trace/trace.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const SETTINGS = { maxHops: 30, attempts: 3 };
const FOUND = {
  lastHop: "10.0.0.3",
  lastHopTtl: 2,
  seen: ["10.0.0.1", "10.0.0.3"],
  reached: false,
  wholeAt: 0,
};

describe("sweeps of flows that fail while others of their target come back", () => {
  const target = makeProbed({ flowBuckets: 8 });
  const traces = new Map<ProbedFlow, Trace>();
  let outdated = new OutdatedSweeps();

  const swept = (bucket: number): Trace => {
    const flow = makeFlowOf(target, bucket, 50_000 + bucket);
    const trace = new Trace(flow, "failure", SETTINGS, 0);
    trace.result = { ...FOUND, destinationTtl: undefined, way: [] };
    return trace;
  };

  beforeEach(() => {
    outdated = new OutdatedSweeps();
    traces.clear();
    for (let bucket = 0; bucket < 3; bucket += 1) {
      const trace = swept(bucket);
      traces.set(trace.flow, trace);
    }
  });

  const known = (): number =>
    [...traces.values()].filter(({ result }) => result !== undefined).length;

  test("are forgotten once two have, and made anew a while later", () => {
    outdated.recovered(swept(5), traces, 20_000);
    expect(known()).toBe(3);
    outdated.recovered(swept(6), traces, 25_000);
    expect(known()).toBe(0);
    for (const { nextSweepAt } of traces.values()) expect(nextSweepAt).toBe(33_000);
  });

  test("stand where one comes back by itself, or after another one long ago", () => {
    outdated.recovered(swept(5), traces, 20_000);
    outdated.recovered(swept(6), traces, 40_000);
    expect(known()).toBe(3);
  });

  test("stand where those that come back have failed for a moment only", () => {
    outdated.recovered(swept(5), traces, 3000);
    outdated.recovered(swept(6), traces, 3500);
    expect(known()).toBe(3);
  });

  test("of flows that were not swept yet go on", () => {
    const flow = makeFlowOf(target, 7, 50_007);
    const begun = new Trace(flow, "failure", SETTINGS, 19_000);
    traces.set(flow, begun);
    outdated.recovered(swept(5), traces, 20_000);
    outdated.recovered(swept(6), traces, 20_500);
    expect(traces.get(flow)).toBe(begun);
  });
});
