import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packetBudget, TokenBucket } from "../../src/probe/token-bucket.ts";
import { printedSeed } from "../support/seed.ts";

function bucketAt(intervalMs: number, burst: number) {
  const time = { now: 0 };
  const bucket = new TokenBucket({ intervalMs, burst }, time.now);
  const taken = (tries: number): number =>
    Array.from({ length: tries }, () => bucket.take(time.now)).filter(Boolean).length;
  return { time, taken };
}

test("a burst passes at once, then one an interval", () => {
  const { time, taken } = bucketAt(1_000, 3);
  expect(taken(10)).toBe(3);
  time.now = 999;
  expect(taken(10)).toBe(0);
  time.now = 1_000;
  expect(taken(10)).toBe(1);
});

test("what is saved up never exceeds the burst", () => {
  const { time, taken } = bucketAt(10, 2);
  time.now = 1_000_000;
  expect(taken(10)).toBe(2);
});

test("a burst of 0 lets nothing pass, ever", () => {
  const { time, taken } = bucketAt(10, 0);
  time.now = 1_000;
  expect(taken(10)).toBe(0);
});

describe("packetBudget", () => {
  test("lets no second have more than its rate, and no moment more than 20 ms of it", () => {
    const use = fc.record({
      rate: fc.integer({ min: 2, max: 20_000 }),
      gaps: fc.array(fc.double({ min: 0, max: 30, noNaN: true }), { maxLength: 400 }),
    });
    const bounded = fc.property(use, ({ rate, gaps }) => {
      const budget = packetBudget(rate, 100);
      const burst = Math.max(1, rate * 0.02);
      const taken: number[] = [];
      let now = 100;
      for (const gap of gaps) {
        now += gap;
        if (budget.take(now)) taken.push(now);
      }
      taken.forEach((from, i) => {
        taken.slice(i).forEach((to, j) => {
          const atMost = Math.min(
            burst + ((to - from) / 1000) * rate,
            Math.ceil((to - from + 1) / 1000) * rate,
          );
          expect(j + 1).toBeLessThanOrEqual(atMost + 1e-6);
        });
      });
    });
    fc.assert(bounded, { seed: printedSeed("budget"), numRuns: 60 });
  });

  test("gives nearly the whole rate to who asks all the time", () => {
    const budget = packetBudget(300, 0);
    let taken = 0;
    for (let now = 0; now < 10_000; now += 1) if (budget.take(now)) taken += 1;
    expect(taken).toBeGreaterThanOrEqual(2940);
    expect(taken).toBeLessThanOrEqual(3000);
  });
});
