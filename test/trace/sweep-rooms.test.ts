import { expect, test } from "vitest";
import type { ProbedTarget } from "../../src/probe/probed-flow.ts";
import { inTargetOrder, isHeard, SweepRooms } from "../../src/trace/sweep-rooms.ts";
import { Trace } from "../../src/trace/trace.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const SETTINGS = { maxHops: 30, attempts: 3 };

function target(name: string): ProbedTarget {
  return makeProbed({ name, flowBuckets: 64 });
}

function traceOf(owner: ProbedTarget, bucket: number): Trace {
  return new Trace(makeFlowOf(owner, bucket, 61_000 + bucket), "failure", SETTINGS, 0);
}

function named({ flow }: Trace): string {
  return `${flow.target.target.name}${flow.bucket}`;
}

test("one flow of each target is served before the second of any, in the order in which they began", () => {
  const [a, b, c] = [target("a"), target("b"), target("c")];
  const began = [
    traceOf(a, 0),
    traceOf(a, 1),
    traceOf(a, 2),
    traceOf(b, 0),
    traceOf(c, 0),
    traceOf(b, 1),
  ];
  const order = inTargetOrder(began, () => false).map(named);
  expect(order).toEqual(["a0", "b0", "c0", "a1", "b1", "a2"]);
});

test("targets of which a flow was swept lately come after those of which none was", () => {
  const [a, b, c] = [target("a"), target("b"), target("c")];
  const began = [traceOf(a, 0), traceOf(a, 1), traceOf(b, 0), traceOf(c, 0), traceOf(c, 1)];
  const order = inTargetOrder(began, (one) => one === a).map(named);
  expect(order).toEqual(["b0", "c0", "c1", "a0", "a1"]);
});

test("a target is heard for a minute after a sweep of a failing flow", () => {
  expect(isHeard(Number.NEGATIVE_INFINITY, 0)).toBe(false);
  expect(isHeard(5000, 64_999)).toBe(true);
  expect(isHeard(5000, 65_000)).toBe(false);
});

test("one target has room for 32 sweeps", () => {
  const rooms = new SweepRooms();
  const a = target("a");
  let begun = 0;
  for (; begun < 64 && rooms.has(a, false); begun += 1) rooms.add(traceOf(a, begun));
  expect(begun).toBe(32);
  expect(rooms.has(target("b"), true)).toBe(true);
});

test("where other targets fill the room there is one more for each that was not heard, for 96 of them", () => {
  const rooms = new SweepRooms();
  for (const name of ["a", "b", "c"]) {
    const full = target(name);
    for (let bucket = 0; rooms.has(full, false); bucket += 1) rooms.add(traceOf(full, bucket));
  }
  expect(rooms.ranked(() => true).first).toHaveLength(96);
  expect(rooms.has(target("heard"), true)).toBe(false);
  const next = target("d");
  expect(rooms.has(next, false)).toBe(true);
  rooms.add(traceOf(next, 0));
  expect(rooms.has(next, false)).toBe(false);
  let more = 1;
  for (; rooms.has(target(`e${more}`), false) && more < 200; more += 1)
    rooms.add(traceOf(target(`e${more}`), 0));
  expect(more).toBe(96);
});

test("flows that work again take no room and come last, those without a last hop first", () => {
  const rooms = new SweepRooms();
  const a = target("a");
  const [works, fails, again] = [traceOf(a, 0), traceOf(a, 1), traceOf(a, 2)];
  works.flow.state = "up";
  for (const { flow } of [fails, again]) flow.state = "failing";
  again.begin(3);
  again.finish(0);
  again.begin(3);
  for (const trace of [works, again, fails]) rooms.add(trace);
  expect(rooms.ranked(() => true)).toEqual({ first: [fails], again: [again], ofWorking: [works] });
  expect(rooms.ranked((trace) => trace === again)).toEqual({
    first: [],
    again: [again],
    ofWorking: [],
  });
  for (let bucket = 3; bucket < 64; bucket += 1) {
    const other = traceOf(a, bucket);
    other.flow.state = "up";
    rooms.add(other);
  }
  expect(rooms.has(a, true)).toBe(true);
});
