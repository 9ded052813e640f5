import { expect, test } from "vitest";
import { BucketHistory, NO_WAY, SLOTS } from "../../src/view/bucket-history.ts";

const EMPTY = { ninths: undefined, way: NO_WAY, rttMs: undefined };

test("what was written is read again until its slot is an hour old", () => {
  const history = new BucketHistory(2, 10);
  history.write(10, 1, { ninths: 0, way: 3, rttMs: 1.5 });
  expect(history.read(10, 1).ninths).toBe(0);
  expect(history.read(10, 1).way).toBe(3);
  expect(history.read(10, 1).rttMs).toBeCloseTo(1.5);
  expect(history.read(10, 0)).toEqual(EMPTY);
  history.begin(10 + SLOTS - 1);
  expect(history.read(10, 1).way).toBe(3);
  expect(history.waysInUse()).toEqual(new Set([3, NO_WAY]));
  history.begin(10 + SLOTS);
  expect(history.read(10, 1)).toEqual(EMPTY);
  expect(history.read(10 + SLOTS, 1)).toEqual(EMPTY);
  expect(history.waysInUse()).toEqual(new Set([NO_WAY]));
});

test("slots that pass without a probe are empty, however many", () => {
  const history = new BucketHistory(1, 0);
  for (let slot = 0; slot < SLOTS; slot += 1) {
    history.begin(slot);
    history.write(slot, 0, { ninths: 9, way: 1, rttMs: undefined });
  }
  history.begin(5 * SLOTS);
  for (let slot = 4 * SLOTS + 1; slot <= 5 * SLOTS; slot += 1) {
    expect(history.read(slot, 0)).toEqual(EMPTY);
  }
});

test("round-trip times of any length are kept, the longest as 1.3 s", () => {
  const history = new BucketHistory(1, 0);
  for (const [given, kept] of [
    [0.001, 0.02],
    [0.5, 0.5],
    [250, 250],
    [5000, 1310.7],
  ] as const) {
    history.write(0, 0, { ninths: 0, way: 0, rttMs: given });
    expect(history.read(0, 0).rttMs).toBeCloseTo(kept);
  }
});
