import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Soon } from "../../src/daemon/soon.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("those who ask within the delay are served together, the next ones again", () => {
  const run = vi.fn<() => void>();
  const soon = new Soon(run, 50);
  for (let asked = 0; asked < 3; asked += 1) {
    soon.ask();
    vi.advanceTimersByTime(20);
  }
  expect(run).toHaveBeenCalledTimes(1);
  soon.ask();
  vi.advanceTimersByTime(50);
  expect(run).toHaveBeenCalledTimes(2);
});

test("what is cancelled does not run, and can be asked for again", () => {
  const run = vi.fn<() => void>();
  const soon = new Soon(run, 50);
  soon.ask();
  soon.cancel();
  vi.advanceTimersByTime(100);
  expect(run).not.toHaveBeenCalled();
  soon.ask();
  vi.advanceTimersByTime(50);
  expect(run).toHaveBeenCalledTimes(1);
});
