import { describe, expect, test } from "vitest";
import { CirclingHops } from "../../src/trace/loops.ts";
import type { Sweep } from "../../src/trace/sweep.ts";
import { Trace, type TraceResult } from "../../src/trace/trace.ts";
import { makeFlow } from "../support/probed-flow.ts";

const DESTINATION = "198.51.100.2";
const SETTINGS = { maxHops: 30, attempts: 3 };

function failing(settings = SETTINGS): Trace {
  return new Trace(makeFlow(), "failure", settings, 0);
}

/** One sweep in which these hops answer, by TTL from 1; `destination` for the target itself. */
function sweepOnce(trace: Trace, hops: readonly (string | null)[], now = 0): TraceResult {
  const sweep = trace.begin(undefined);
  tell(sweep, hops);
  return trace.finish(now);
}

function tell(sweep: Sweep, hops: readonly (string | null)[]): void {
  hops.forEach((hop, index) => {
    if (hop === "destination") sweep.reached(index + 1);
    else if (hop !== null) sweep.answered(index + 1, hop);
  });
}

/** The highest TTL a fresh sweep of the trace would ask while nobody answers. */
function reach(trace: Trace, distance: number | undefined): number {
  return Math.max(...trace.begin(distance).wanted());
}

describe("the sweeps of a failing flow together", () => {
  test("have as last hop the one with the highest TTL that answered any of them", () => {
    const trace = failing();
    expect(sweepOnce(trace, ["a", null, "c"])).toMatchObject({ lastHop: "c", lastHopTtl: 3 });
    expect(sweepOnce(trace, [null, null, null, "d"])).toMatchObject({
      lastHop: "d",
      lastHopTtl: 4,
      seen: ["a", null, "c", "d"],
    });
    expect(sweepOnce(trace, [])).toMatchObject({ lastHop: "d" });
  });

  test("forget what lies beyond the end of a full traceroute, for the fault may have moved nearer", () => {
    const trace = failing();
    sweepOnce(trace, ["a", "b", "c"]);
    sweepOnce(trace, []);
    sweepOnce(trace, []);
    expect(sweepOnce(trace, ["a"])).toMatchObject({ lastHop: "a", seen: ["a"] });
  });

  test("have the last hop none where no hop answered", () => {
    expect(sweepOnce(failing(), [], 7)).toEqual({
      wholeAt: 7,
      lastHop: "none",
      lastHopTtl: null,
      seen: [],
      reached: false,
      destinationTtl: undefined,
      way: [],
    });
  });

  test("have the destination as last hop where it answered a sweep or the packet after it", () => {
    expect(sweepOnce(failing(), ["a", null, "destination"])).toMatchObject({
      lastHop: DESTINATION,
      lastHopTtl: 3,
      reached: true,
      way: ["a", null],
    });
    const trace = failing();
    tell(trace.begin(undefined), ["a"]);
    trace.confirm = "answered";
    expect(trace.finish(0)).toMatchObject({
      lastHop: DESTINATION,
      lastHopTtl: null,
      reached: true,
    });
  });

  test("have the router that rejects as last hop, where it stands if it was seen there", () => {
    const seen = failing();
    const first = seen.begin(undefined);
    tell(first, ["a", "b"]);
    first.rejected(3, "b");
    expect(seen.finish(0)).toMatchObject({ lastHop: "b", lastHopTtl: 2 });
    const unseen = failing();
    unseen.begin(undefined).rejected(2, "x");
    expect(unseen.finish(0)).toMatchObject({ lastHop: "x", lastHopTtl: null });
  });

  test("end a loop where it begins, wherever a later sweep begins in it", () => {
    const trace = failing();
    sweepOnce(trace, ["a", "b", "c", "b", "c"]);
    expect(trace.result).toMatchObject({ lastHop: "b", seen: ["a", "b"], circling: ["c"] });
    expect(sweepOnce(trace, [null, null, null, "b", null, "b"])).toMatchObject({
      lastHop: "b",
      lastHopTtl: 2,
    });
  });

  test("do not take for a hop of the way what flows of the target met in a loop", () => {
    const circling = new CirclingHops();
    const sweep = (trace: Trace, hops: readonly (string | null)[]): TraceResult => {
      tell(trace.begin(undefined, ["a", "b", "d", DESTINATION]), hops);
      return trace.finish(0, circling);
    };
    const trace = failing();
    expect(sweep(trace, ["a", "b", "c", "b"]).seen).toEqual(["a", "b"]);
    expect(sweep(trace, [null, null, "c"])).toMatchObject({ lastHop: "b", seen: ["a", "b"] });
    expect(sweep(failing(), ["a", null, "c"])).toMatchObject({
      lastHop: "b",
      seen: ["a", "b"],
      circling: ["c"],
    });
  });
});

test("what a sweep found before is cut where others have shown since that it ran in circles", () => {
  const circling = new CirclingHops();
  const early = failing();
  tell(early.begin(undefined, ["a", "b", "d", DESTINATION]), ["a", null, "c"]);
  expect(early.finish(0, circling)).toMatchObject({ lastHop: "c", lastHopTtl: 3 });
  const looping = failing();
  tell(looping.begin(undefined), ["a", "b", "c", "b"]);
  looping.finish(0, circling);
  early.reconsider(circling, 1000);
  // The other sweep has met who stands where this one met silence.
  expect(early.result).toMatchObject({ lastHop: "b", lastHopTtl: 2, seen: ["a", "b"] });
});

test("a survey over a hop of a loop finds no way, unless the flow is known to take it", () => {
  const circling = new CirclingHops();
  const looping = failing();
  tell(looping.begin(undefined), ["a", "b", "c", "b"]);
  looping.finish(0, circling);
  const survey = (path: readonly string[], now: number): TraceResult => {
    const trace = new Trace(makeFlow(), "survey", SETTINGS, 0);
    tell(trace.begin(4, path), ["a", "b", "c", "destination"]);
    return trace.finish(now, circling);
  };
  expect(survey([], 0)).toMatchObject({ way: [], destinationTtl: undefined });
  const found = { way: ["a", "b", "c"], destinationTtl: 4 };
  expect(survey(["a", "b", "c", DESTINATION], 0)).toMatchObject(found);
  expect(survey([], 400_000)).toMatchObject(found);
});

describe("a sweep", () => {
  test("looks a hop beyond the known distance, further each time where it is not known", () => {
    expect(reach(failing(), 4)).toBe(5);
    expect(reach(failing(), 1)).toBe(2);
    const unknown = failing();
    const reaches: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      reaches.push(reach(unknown, undefined));
      unknown.finish(0);
    }
    expect(reaches).toEqual([5, 12, 30, 30]);
    expect(reach(failing({ maxHops: 3, attempts: 1 }), 9)).toBe(3);
  });

  test("of a healthy flow begins at TTL 1 and looks as far as the destination is known to be", () => {
    const trace = new Trace(makeFlow(), "survey", SETTINGS, 0);
    expect(trace.begin(4).wanted()).toEqual([1, 2, 3, 4]);
  });

  test("spares the hops that are known, but for every third", () => {
    const trace = failing();
    const begins: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const sweep = trace.begin(undefined);
      begins.push(Math.min(...sweep.wanted()));
      tell(sweep, ["a", "b"]);
      trace.finish(0);
    }
    const [first, ...rest] = begins;
    expect(first).toBe(1);
    expect(rest.map((ttl) => ttl > 1)).toEqual([true, true, false, true, true, false]);
  });
});

describe("the pause before the next sweep", () => {
  test("doubles up to five minutes while the last hop stays, and is short again when it does not", () => {
    const trace = failing();
    const pause = (hops: readonly string[]): number => {
      sweepOnce(trace, hops, 1000);
      return trace.nextSweepAt - 1000;
    };
    expect(Array.from({ length: 9 }, () => pause(["a", "b"]))).toEqual([
      5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000,
    ]);
    expect(pause(["a"])).toBe(5000);
    expect(pause(["a"])).toBe(10_000);
  });
});
