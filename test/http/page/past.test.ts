import { describe, expect, test } from "vitest";
import { middleOf, pathTimes, slotOf, targetAt, timeOf } from "../../../src/http/page/past.js";

const HISTORY = {
  slot_seconds: 30,
  newest: 1_000_000,
  buckets: ["00-", "009", "-11"],
  ways: [
    { path: "abc", hops: ["a", "vip"], cut: false },
    { path: null, hops: ["a"], cut: true },
  ],
  way: [
    [[0, 0]],
    [
      [0, 0],
      [2, 1],
    ],
    [[1, 0]],
  ],
  rtt_ms: { abc: [1, null, 3] },
};
const NOW = { name: "vip", address: "vip", flows: [], paths: [], suspects: [{ from: "a" }] };

describe("a moment of the last hour", () => {
  test("has a time, and a time its slot", () => {
    expect([0, 1, 2].map((slot) => timeOf(HISTORY, slot))).toEqual([940_000, 970_000, 1_000_000]);
    expect(slotOf(HISTORY, 1_000_000)).toBe(2);
    expect(slotOf(HISTORY, 1_020_000)).toBe(2);
    expect(slotOf(HISTORY, 999_999)).toBe(1);
    expect(slotOf(HISTORY, 940_000)).toBe(0);
    expect(slotOf(HISTORY, 939_999)).toBeUndefined();
  });

  test("stays what it is while time goes on, although slots are told to begin a millisecond earlier or later", () => {
    for (const jitter of [-1, 0, 1]) {
      const later = { ...HISTORY, newest: HISTORY.newest + 30_000 + jitter };
      expect(slotOf(later, middleOf(HISTORY, 2))).toBe(1);
      expect(slotOf({ ...HISTORY, newest: HISTORY.newest + jitter }, middleOf(HISTORY, 2))).toBe(2);
    }
  });

  test("shows the flows as they were: those that died as far as they got, no suspect of today", () => {
    const then = targetAt(NOW, HISTORY, 2);
    expect(then.suspects).toEqual([]);
    expect(then.flows).toMatchObject([
      { bucket: 0, state: "unknown", path: "abc" },
      { bucket: 1, state: "failing", path: null, seen: ["a"], last_hop: "a" },
      { bucket: 2, state: "up", path: "abc" },
    ]);
    expect(then.paths).toEqual([
      { id: "abc", hops: ["a", "vip"], flows: 1, probes: 9, failures: 1, success_ratio: 1 - 1 / 9 },
    ]);
    expect(targetAt(NOW, HISTORY, 0).flows[2]).toMatchObject({ state: "unknown", path: null });
  });

  test("has the round-trip times of paths beside those of the hour", () => {
    expect(pathTimes(HISTORY, 1)).toEqual([
      { path: "abc", least: 1, middle: 3, most: 3, at: null },
    ]);
  });
});
