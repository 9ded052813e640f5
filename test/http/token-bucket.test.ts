import { expect, test } from "vitest";
import { TokenBucket } from "../../src/http/token-bucket.ts";

function bucketAt(intervalMs: number, burst: number) {
  const time = { now: 0 };
  const bucket = new TokenBucket(
    { intervalMs, burst },
    { monotonic: () => time.now, wall: () => 0 },
  );
  const taken = (tries: number): number =>
    Array.from({ length: tries }, () => bucket.take()).filter(Boolean).length;
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
