import { describe, expect, test } from "vitest";
import { diedAt } from "../../src/verdict/dead-together.ts";

const ACTIVE = { active: true };

/** A flow that failed so often in a row, first at a time. */
function dying(streak: number, streakSince: number) {
  const window = { failures: streak, streak, streakSince, failedAt: streakSince + 5000 * streak };
  return [ACTIVE, window] as const;
}

/** One that failed once, at a time, and has answered since. */
function answered(failedAt: number) {
  return [ACTIVE, { failures: 1, streak: 0, streakSince: failedAt, failedAt }] as const;
}

describe("flows are dead", () => {
  test("since the first of those began to fail that failed four times in a row", () => {
    expect(diedAt([dying(3, 1000), dying(4, 3000), dying(5, 2000)], 20_000)).toBe(2000);
    expect(diedAt([dying(3, 1000), answered(2000)], 20_000)).toBeUndefined();
  });

  test("after two failures of each where many fail together and none has answered since", () => {
    const six = Array.from({ length: 6 }, (_, index) => dying(2, 1000 + 100 * index));
    expect(diedAt([...six, dying(1, 5000)], 7000)).toBe(1000);
    expect(diedAt(six.slice(1), 7000)).toBeUndefined();
    expect(diedAt([...six, answered(900)], 7000)).toBe(1000);
    expect(diedAt([...six, answered(1500)], 7000)).toBeUndefined();
  });

  test("not before six seconds: what is over by then is the network finding another way", () => {
    const six = Array.from({ length: 6 }, () => dying(2, 1000));
    expect(diedAt(six, 6999)).toBeUndefined();
    expect(diedAt(six, 7000)).toBe(1000);
  });

  test("not because of those that are no longer probed, nor of what lost packets before", () => {
    const retired = Array.from(
      { length: 6 },
      () => [{ active: false }, dying(5, 1000)[1]] as const,
    );
    expect(diedAt(retired, 20_000)).toBeUndefined();
    const lossy = Array.from(
      { length: 6 },
      () => [ACTIVE, { failures: 4, streak: 2, streakSince: 1000, failedAt: 9000 }] as const,
    );
    expect(diedAt(lossy, 20_000)).toBeUndefined();
  });
});
