import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isSchedule, schedule } from "../../src/config/schedule.ts";

test.each(["0 */10 * * * *", "30 */10 * * * *", "*/5 * * * *", "@hourly", "0 0 6 * * mon-fri"])(
  "%j is a schedule",
  (text) => {
    expect(isSchedule(text)).toBe(true);
  },
);

test.each(["", "10s", "60 * * * * *", "* * * * * * *", "@every 5s", "0 0 31 2 *"])(
  "%j is none",
  (text) => {
    expect(isSchedule(text)).toBe(false);
  },
);

describe("a scheduled job", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-01-01T00:00:00.250Z") });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("runs at whole seconds of the wall clock until it is stopped", async () => {
    const runs: number[] = [];
    const job = schedule("*/10 * * * * *", () => runs.push(new Date().getUTCSeconds()));
    await vi.advanceTimersByTimeAsync(31_000);
    job.stop();
    job.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runs).toEqual([10, 20, 30]);
  });

  test("hands on what it throws, and runs again", async () => {
    const errors: unknown[] = [];
    const failure = new Error("no");
    const job = schedule(
      "* * * * * *",
      () => {
        throw failure;
      },
      (error) => errors.push(error),
    );
    await vi.advanceTimersByTimeAsync(2_000);
    job.stop();
    expect(errors).toEqual([failure, failure]);
  });

  test.each([-3_600_000, 3_600_000])("goes on after a step of the clock by %i ms", async (step) => {
    const runs: number[] = [];
    const job = schedule("*/10 * * * * *", () => runs.push(Date.now()));
    await vi.advanceTimersByTimeAsync(21_000);
    expect(runs.length).toBe(2);
    vi.setSystemTime(Date.now() + step);
    await vi.advanceTimersByTimeAsync(5000);
    runs.length = 0;
    await vi.advanceTimersByTimeAsync(30_000);
    job.stop();
    expect(runs.length).toBe(3);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runs.length).toBe(3);
  });
});
