import { expect, test } from "vitest";
import { StallRecord } from "../../src/probe/stall.ts";

test("a loop that turns in time has no stall", () => {
  const stalls = new StallRecord(1000);
  for (let now = 1000; now <= 3000; now += 200) expect(stalls.turn(now)).toBe(0);
  expect(stalls.overlaps(0, 10_000)).toBe(false);
});

test("a long gap between two turns is a stall of that length", () => {
  const stalls = new StallRecord(1000);
  expect(stalls.turn(1201)).toBe(201);
  expect(stalls.turn(1210)).toBe(0);
  expect(stalls.turn(5210)).toBe(4000);
});

test("what ended before a stall or began after it does not overlap it", () => {
  const stalls = new StallRecord(1000);
  stalls.turn(1005);
  stalls.turn(4005);
  stalls.turn(4010);
  expect(stalls.overlaps(500, 1005)).toBe(false);
  expect(stalls.overlaps(4005, 5000)).toBe(false);
  expect(stalls.overlaps(500, 1006)).toBe(true);
  expect(stalls.overlaps(4004, 5000)).toBe(true);
  expect(stalls.overlaps(2000, 2001)).toBe(true);
  expect(stalls.overlaps(500, 9000)).toBe(true);
});

test("the last 64 stalls are remembered", () => {
  const stalls = new StallRecord(0);
  for (let stall = 1; stall <= 100; stall += 1) stalls.turn(stall * 1000);
  expect(stalls.overlaps(99_100, 99_200)).toBe(true);
  expect(stalls.overlaps(36_100, 36_200)).toBe(true);
  expect(stalls.overlaps(35_100, 35_200)).toBe(false);
});
