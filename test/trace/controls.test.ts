import { expect, test } from "vitest";
import { Controls } from "../../src/trace/controls.ts";
import { Trace } from "../../src/trace/trace.ts";
import { makeFlow } from "../support/probed-flow.ts";

test("four controls are under way at once, and another begins when one has ended", () => {
  const controls = new Controls();
  const over = new Set<Trace>();
  const isUnderWay = (trace: Trace): boolean => !over.has(trace);
  const settings = { maxHops: 30, attempts: 3 };
  const traces = Array.from({ length: 4 }, () => new Trace(makeFlow(), "control", settings, 0));
  for (const trace of traces) {
    expect(controls.hasRoom(isUnderWay)).toBe(true);
    controls.add(trace);
  }
  expect(controls.hasRoom(isUnderWay)).toBe(false);
  over.add(traces[1] as Trace);
  expect(controls.hasRoom(isUnderWay)).toBe(true);
});
