import { describe, expect, test } from "vitest";
import { altogetherDead } from "../../src/verdict/altogether-dead.ts";
import type { FlowCounts } from "../../src/verdict/flow-window.ts";

/** So many flows that are probed, with these counts. */
const flows = (many: number, counts: FlowCounts, active = true) =>
  Array.from({ length: many }, () => [{ active }, counts] as const);

/** The same for flows that fail since then. */
const told = (counts: Map<{ active: boolean }, FlowCounts>, lastsMs = 5000) =>
  altogetherDead(counts, { get: () => ({ streakSince: 60_000 - lastsMs }) }, 60_000);

/** Half of the packets of a part of the flows were lost before all died. */
const DIED = { probes: 30, failures: 2, streak: 2 };
const LOST_BEFORE = { probes: 30, failures: 15, streak: 2 };

describe("flows that are all dead", () => {
  test("count their last rows of failures alone, whatever was lost before", () => {
    const dead = told(new Map([...flows(8, DIED), ...flows(8, LOST_BEFORE)]));
    expect([...(dead?.values() ?? [])]).toEqual(
      Array.from({ length: 16 }, () => ({ probes: 2, failures: 2, streak: 2 })),
    );
  });

  test("are all that are probed: those that a rotation has retired do not count", () => {
    const retired = flows(4, { probes: 9, failures: 0, streak: 0 }, false);
    expect(told(new Map([...flows(8, DIED), ...retired]))?.size).toBe(8);
  });

  test("are not all dead where one works, or has failed once", () => {
    for (const streak of [0, 1]) {
      const one = flows(1, { probes: 30, failures: streak, streak });
      expect(told(new Map([...flows(8, DIED), ...one]))).toBeUndefined();
    }
  });

  test("are told where each has failed but once, if that lasts for twenty seconds: rounds may be long", () => {
    const once = new Map(flows(32, { probes: 9, failures: 1, streak: 1 }));
    expect(told(once, 19_000)).toBeUndefined();
    expect(told(once, 20_000)?.size).toBe(32);
  });

  test("are not told from a few flows that lose most of their packets", () => {
    const lossy = { probes: 30, failures: 24, streak: 4 };
    expect(told(new Map(flows(4, lossy)))).toBeUndefined();
    expect(told(new Map(flows(64, lossy)))?.size).toBe(64);
  });

  test("are nobody where nothing is probed", () => {
    expect(told(new Map())).toBeUndefined();
  });
});
