import { describe, expect, it } from "vitest";
import { FlowWindow } from "../../src/verdict/flow-window.ts";
import { WindowMemory } from "../../src/verdict/window-memory.ts";

const INTERVAL_MS = 10_000;

/** A window after these results, `.` answered and `x` failed, one every ten seconds from 0. */
function windowOf(results: string, from = 0): FlowWindow {
  const window = new FlowWindow(from, new WindowMemory());
  [...results].forEach((result, index) => {
    window.add(result === "x", from + index * INTERVAL_MS);
  });
  return window;
}

const endOf = (results: string) => (results.length - 1) * INTERVAL_MS;
const countsAfter = (results: string) => windowOf(results).counts(endOf(results));

describe("FlowWindow", () => {
  it("counts probes, failures and the failures in a row", () => {
    expect(countsAfter("..x.xx")).toEqual({ probes: 6, failures: 3, streak: 2 });
  });

  it("forgets what is older than five minutes", () => {
    const window = windowOf("x.");
    expect(window.counts(290_000)).toEqual({ probes: 2, failures: 1, streak: 0 });
    expect(window.counts(300_000)).toEqual({ probes: 1, failures: 0, streak: 0 });
    expect(window.counts(900_000)).toEqual({ probes: 0, failures: 0, streak: 0 });
  });

  it("counts a flow that was dead and has begun to answer as dead still", () => {
    expect(countsAfter("...xxxxx..")).toEqual({ probes: 8, failures: 5, streak: 5 });
  });

  it("forgets that a flow was dead once it has worked three times", () => {
    expect(countsAfter("...xxxxx...")).toEqual({ probes: 3, failures: 0, streak: 0 });
  });

  it("keeps of a row of failures that is longer than the window what is in the window, as often as it is asked to", () => {
    const results = "x".repeat(150);
    const window = windowOf(results);
    const before = window.counts(endOf(results));
    for (let time = 0; time < 3; time += 1) window.forgetBeforeDeath();
    expect(window.counts(endOf(results))).toEqual(before);
    expect(window.counts(endOf(results) + 600_000)).toMatchObject({ probes: 0, failures: 0 });
  });

  it("takes a flow that fails again after answers for one that loses a part", () => {
    expect(countsAfter("xxxx.x")).toEqual({ probes: 6, failures: 5, streak: 1 });
  });

  it("keeps a few failures in a row, as loss brings them", () => {
    expect(countsAfter("xxx.....")).toEqual({ probes: 8, failures: 3, streak: 0 });
  });

  it("is intermittent once it has answered after a failure, unless it was dead", () => {
    const states = ["...", "..x", "..x.", "..x.x", "xxxx."].map((results) =>
      windowOf(results).isIntermittent(endOf(results)),
    );
    expect(states).toEqual([false, false, true, true, false]);
  });

  it("counts answers after a time, those since the last failure only", () => {
    const window = windowOf("..x....");
    expect(window.answeredAfter(0)).toBe(4);
    expect(window.answeredAfter(40_000)).toBe(2);
    expect(window.answeredAfter(70_000)).toBe(0);
  });

  it("keeps the answers since the last failure when the fault is over", () => {
    const window = windowOf(".x...");
    window.recover();
    expect(window.counts(40_000)).toEqual({ probes: 3, failures: 0, streak: 0 });
    expect(window.counts(340_000)).toEqual({ probes: 0, failures: 0, streak: 0 });
  });

  it("counts the same beside others in the same memory, whatever these count and forget", () => {
    const memory = new WindowMemory();
    const all = [".x...", "xxxx.", "..x.xx", "......"];
    const together = Array.from({ length: 100 }, () => new FlowWindow(0, memory));
    const resultsOf = (index: number): string => all[index % all.length] ?? "";
    for (let probe = 0; probe < 6; probe += 1) {
      for (const [index, window] of together.entries()) {
        const result = resultsOf(index)[probe];
        if (result !== undefined) window.add(result === "x", probe * INTERVAL_MS);
      }
    }
    for (const [index, window] of together.entries()) if (index % 3 === 0) window.recover();
    for (const [index, window] of together.entries()) {
      const alone = windowOf(resultsOf(index));
      if (index % 3 === 0) alone.recover();
      expect(window.counts(60_000)).toEqual(alone.counts(60_000));
    }
  });

  it("says how many probes ended in a time, of a flow that works by how long that is", () => {
    expect(windowOf("...........").probesBetween(20_000, 50_000)).toBeCloseTo(3.3);
    expect(windowOf("...........").probesBetween(200_000, 300_000)).toBe(0);
  });

  it("counts the probes that confirm a failure to the time at which they were sent", () => {
    const window = windowOf("...........");
    for (const [at, failed] of [
      [110_000, true],
      [110_500, false],
      [111_000, true],
      [111_500, false],
      [120_000, false],
    ] as const) {
      window.add(failed, at);
    }
    expect(window.probesBetween(110_000, 111_000)).toBeCloseTo(3);
    expect(window.probesBetween(111_000, 120_000)).toBeCloseTo(2);
    expect(window.probesBetween(0, 120_000)).toBeCloseTo(16);
  });
});
