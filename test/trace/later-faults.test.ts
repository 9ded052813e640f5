import { beforeEach, describe, expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { LaterFaults } from "../../src/trace/later-faults.ts";
import { Trace } from "../../src/trace/trace.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const SETTINGS = { maxHops: 30, attempts: 3 };
const WAY = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];

describe("sweeps of flows that failed before others of their target", () => {
  const target = makeProbed({ flowBuckets: 16, intervalMs: 10_000 });
  const traces = new Map<ProbedFlow, Trace>();
  let later = new LaterFaults();
  let bucket = 0;

  /** A flow that has failed since, whose sweep met so many hops. */
  const swept = (
    startedAt: number,
    hops: number,
    wholeAt = startedAt + 2000,
    known = true,
  ): Trace => {
    const flow = makeFlowOf(target, bucket, 50_000 + bucket);
    bucket += 1;
    const trace = new Trace(flow, "failure", SETTINGS, startedAt);
    const seen = WAY.slice(0, hops);
    const lastHop = seen.at(-1) ?? "none";
    trace.result = {
      ...{ lastHop, lastHopTtl: hops, seen, wholeAt },
      ...{ reached: false, destinationTtl: undefined, way: [] },
    };
    if (known) trace.begin(WAY.length, WAY);
    trace.sweep = undefined;
    trace.nextSweepAt = 300_000;
    traces.set(flow, trace);
    return trace;
  };
  const end = (trace: Trace, now: number): void => later.ended(trace, traces, now);

  beforeEach(() => {
    later = new LaterFaults();
    traces.clear();
    bucket = 0;
  });

  test("are due at once, from the first hop on, when two of these end at a hop that the first got past", () => {
    const early = swept(0, 4);
    end(swept(40_000, 2), 42_000);
    expect(early.nextSweepAt).toBe(300_000);
    end(swept(41_000, 2), 43_000);
    expect(early.nextSweepAt).toBe(43_000);
    early.begin(undefined);
    expect(early.sweep?.wanted()).toContain(1);
  });

  test("are left where they ended before that hop or at it, and where they were made anew since", () => {
    const others = [swept(0, 1), swept(0, 2), swept(0, 4, 41_500)];
    end(swept(40_000, 2), 42_000);
    end(swept(41_000, 2), 43_000);
    for (const other of others) expect(other.nextSweepAt).toBe(300_000);
  });

  test("are left where all began to fail within one round", () => {
    const early = swept(0, 4);
    end(swept(3000, 2), 6000);
    end(swept(4000, 2), 7000);
    expect(early.nextSweepAt).toBe(300_000);
  });

  test("are left where these have no way that is known: a rotation has begun them", () => {
    const early = swept(0, 4);
    end(swept(40_000, 2, 42_000, false), 42_000);
    end(swept(41_000, 2, 43_000, false), 43_000);
    expect(early.nextSweepAt).toBe(300_000);
  });

  test("are due once for each fault, however many flows it hits", () => {
    const early = swept(0, 4);
    for (const second of [40, 41, 42, 43]) end(swept(second * 1000, 2), 44_000 + second);
    expect(early.nextSweepAt).toBe(44_041);
  });

  test("are not due for one flow that is swept twice, but when a second one ends there, whatever old ones do between", () => {
    const early = swept(0, 4);
    const old = swept(0, 2);
    const first = swept(40_000, 2);
    for (const at of [42_000, 47_000]) end(first, at);
    end(old, 48_000);
    expect(early.nextSweepAt).toBe(300_000);
    end(swept(41_000, 2), 49_000);
    expect(early.nextSweepAt).toBe(49_000);
  });
});
