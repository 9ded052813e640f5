import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../src/config/duration.ts";

describe("durations are read as Prometheus reads them", () => {
  test.each([
    ["0s", 0],
    ["250ms", 250],
    ["10s", 10_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1d", 86_400_000],
    ["2w", 1_209_600_000],
    ["1w1d1h1m1s1ms", 694_861_001],
    ["90m", 5_400_000],
    ["5m10ms", 300_010],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "10",
    "s",
    "-1s",
    "+1s",
    "1.5s",
    "10 s",
    " 10s",
    "30m1h",
    "1s1s",
    "1y",
    "1S",
    "1h 30m",
    "10s\n",
    "99999999999999w",
  ])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("durations are written in the fewest units", () => {
  test.each([
    [0, "0s"],
    [1, "1ms"],
    [1_500, "1s500ms"],
    [60_000, "1m"],
    [5_400_000, "1h30m"],
    [8 * 86_400_000, "1w1d"],
  ])("%d ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("what is written is read back as the same number", () => {
    const seed = Date.now() % 2 ** 31;
    console.info(`seed ${seed}`);
    fc.assert(
      fc.property(fc.maxSafeNat(), (ms) => parseDuration(formatDuration(ms)) === ms),
      { seed },
    );
  });
});
