import { expect, test } from "vitest";
import { SlowedPace } from "../../src/probe/slowed-pace.ts";

const MINUTE = 60_000;

test("a slow pace stands for five minutes, then twice as long each time, up to half an hour", () => {
  const pace = new SlowedPace<string>();
  let now = 0;
  const stood: number[] = [];
  for (let time = 0; time < 5; time += 1) {
    pace.slow("a", now);
    const from = now;
    while (!pace.takeDue(now).has("a")) now += 1000;
    stood.push((now - from) / MINUTE);
  }
  expect(stood).toEqual([5, 10, 20, 30, 30]);
});

test("what is slow already is not slowed down anew", () => {
  const pace = new SlowedPace<string>();
  pace.slow("a", 0);
  pace.slow("a", 4 * MINUTE);
  expect(pace.takeDue(5 * MINUTE)).toEqual(new Set(["a"]));
});

test("after an hour at its own pace, or when it is forgotten, it begins with five minutes again", () => {
  for (const forgotten of [true, false]) {
    const pace = new SlowedPace<string>();
    pace.slow("a", 0);
    expect(pace.takeDue(5 * MINUTE).size).toBe(1);
    const again = 5 * MINUTE + (forgotten ? 1000 : 61 * MINUTE);
    if (forgotten) pace.forget("a");
    else pace.takeDue(again - 1000);
    pace.slow("a", again);
    expect(pace.takeDue(again + 5 * MINUTE).size).toBe(1);
  }
});
