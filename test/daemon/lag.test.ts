import { describe, expect, it } from "vitest";
import { LoopLag } from "../../src/daemon/lag.ts";

const TURN_MS = 5;

/** Turns on time from `from` (exclusive) to `to`. */
function onTime(lag: LoopLag, from: number, to: number): void {
  for (let now = from + TURN_MS; now <= to; now += TURN_MS) lag.turn(now, TURN_MS);
}

describe("the event loop's lag", () => {
  it("is none while turns come on time, or early", () => {
    const lag = new LoopLag();
    onTime(lag, 1000, 5000);
    lag.turn(5001, TURN_MS);
    expect(lag.longest).toBe(0);
  });

  it("is the longest delay beyond the expected distance, in seconds", () => {
    const lag = new LoopLag();
    for (const now of [25, 30]) lag.turn(now, TURN_MS);
    lag.turn(305, TURN_MS);
    lag.turn(400, TURN_MS);
    expect(lag.longest).toBeCloseTo(0.27, 9);
  });

  it("is none where a longer pause was meant", () => {
    const lag = new LoopLag();
    onTime(lag, 0, 1000);
    lag.turn(1020, 20);
    lag.turn(1045, 20);
    expect(lag.longest).toBeCloseTo(0.005, 9);
  });

  it("does not count what came before the first turn", () => {
    const lag = new LoopLag();
    lag.turn(60_000, TURN_MS);
    lag.turn(60_005, TURN_MS);
    expect(lag.longest).toBe(0);
  });

  it("is remembered for half a minute at least, and forgotten after a minute", () => {
    const lag = new LoopLag();
    onTime(lag, 0, 20_000);
    lag.turn(21_005, TURN_MS);
    onTime(lag, 21_005, 51_000);
    expect(lag.longest).toBeCloseTo(1, 9);
    onTime(lag, 51_000, 82_000);
    expect(lag.longest).toBe(0);
  });
});
