import { describe, expect, test } from "vitest";
import { KernelTime } from "../../src/wire/kernel-time.ts";

const WALL = 1_700_000_000_000;
const VISIBLE_MS = 20;

/** Reads every 5 ms of monotonic time, with a wall clock that is ahead by `ahead`. */
function reading(from: number, to: number, time: KernelTime, ahead = WALL): void {
  for (let now = from; now <= to; now += 5) time.begin(-ahead, now);
}

describe("the kernel's time of a packet", () => {
  test("is the monotonic time that belongs to its wall time, and never later than now", () => {
    const time = new KernelTime(VISIBLE_MS);
    reading(1000, 1100, time);
    expect(time.of(WALL + 1093)).toBeCloseTo(1093);
    expect(time.of(WALL + 1100.4)).toBe(1100);
  });

  test.each([3_600_000, -3_600_000, 100, -100])(
    "is right beside a step of the clock by %i ms",
    (step) => {
      const time = new KernelTime(VISIBLE_MS);
      reading(1000, 1100, time);
      // Stepped at 1102; the next reading is at 1105.
      time.begin(-(WALL + step), 1105);
      expect(time.of(WALL + 1090)).toBeCloseTo(1090);
      expect(time.of(WALL + step + 1103)).toBeCloseTo(1103);
      // The ring may show a packet of before the step a little later still.
      reading(1110, 1120, time, WALL + step);
      expect(time.of(WALL + 1101)).toBeCloseTo(1101);
      expect(time.of(WALL + step + 1119)).toBeCloseTo(1119);
      reading(1125, 1200, time, WALL + step);
      expect(time.of(WALL + step + 1199)).toBeCloseTo(1199);
    },
  );

  test("is now where it fits neither before nor after a step", () => {
    const time = new KernelTime(VISIBLE_MS);
    reading(1000, 1100, time);
    time.begin(-(WALL + 3_600_000), 1105);
    expect(time.of(WALL + 1_800_000)).toBe(1105);
  });

  test("follows a clock that is slewed", () => {
    const time = new KernelTime(VISIBLE_MS);
    for (let now = 1000; now <= 2000; now += 5) time.begin(-(WALL + now / 1000), now);
    expect(time.of(WALL + 2 + 1990)).toBeCloseTo(1990);
  });
});
