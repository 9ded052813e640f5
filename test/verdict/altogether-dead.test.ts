import { describe, expect, test } from "vitest";
import { altogetherDead } from "../../src/verdict/altogether-dead.ts";
import type { FlowCounts } from "../../src/verdict/flow-window.ts";

/** So many flows that are probed, with these counts. */
const flows = (many: number, counts: FlowCounts, active = true) =>
  Array.from({ length: many }, () => [{ active }, counts] as const);

/** Half of the packets of a part of the flows were lost before all died. */
const DIED = { probes: 30, failures: 2, streak: 2 };
const LOST_BEFORE = { probes: 30, failures: 15, streak: 2 };

describe("flows that are all dead", () => {
  test("count their last rows of failures alone, whatever was lost before", () => {
    const dead = altogetherDead(new Map([...flows(8, DIED), ...flows(8, LOST_BEFORE)]));
    expect([...(dead?.values() ?? [])]).toEqual(
      Array.from({ length: 16 }, () => ({ probes: 2, failures: 2, streak: 2 })),
    );
  });

  test("are all that are probed: those that a rotation has retired do not count", () => {
    const retired = flows(4, { probes: 9, failures: 0, streak: 0 }, false);
    expect(altogetherDead(new Map([...flows(8, DIED), ...retired]))?.size).toBe(8);
  });

  test("are not all dead where one works, or has failed once", () => {
    for (const streak of [0, 1]) {
      const one = flows(1, { probes: 30, failures: streak, streak });
      expect(altogetherDead(new Map([...flows(8, DIED), ...one]))).toBeUndefined();
    }
  });

  test("are not told from a few flows that lose most of their packets", () => {
    const lossy = { probes: 30, failures: 24, streak: 4 };
    expect(altogetherDead(new Map(flows(4, lossy)))).toBeUndefined();
    expect(altogetherDead(new Map(flows(64, lossy)))?.size).toBe(64);
  });

  test("are nobody where nothing is probed", () => {
    expect(altogetherDead(new Map())).toBeUndefined();
  });
});
