import { expect, it } from "vitest";
import { systemClock } from "../src/clock.ts";

it("the machine's clocks tell the time in milliseconds, and the monotonic one finer than that", () => {
  const epoch = Date.now();
  expect(Math.abs(systemClock.wall() - epoch)).toBeLessThan(1000);
  const outerStart = process.hrtime.bigint();
  const before = systemClock.monotonic();
  const start = process.hrtime.bigint();
  while (process.hrtime.bigint() - start < 2_000_000n);
  const after = systemClock.monotonic();
  const outer = Number(process.hrtime.bigint() - outerStart) / 1e6;
  expect(after - before).toBeGreaterThan(1.99);
  expect(after - before).toBeLessThan(outer + 0.01);
  expect(Number.isInteger(after - before)).toBe(false);
});
