import { describe, expect, test } from "vitest";
import type { FlowWindow } from "../../src/verdict/flow-window.ts";
import { Recovering } from "../../src/verdict/recovering.ts";

const ROUND_MS = 10_000;

/** A flow that has failed so often in a row, since then. */
const failing = (streak: number, streakSince: number): FlowWindow =>
  ({ streak, streakSince }) as FlowWindow;

describe("flows that come back one after the other", () => {
  const back = (): Recovering => {
    const recovering = new Recovering();
    recovering.began(1000);
    recovering.revived(30_000);
    recovering.revived(33_000);
    return recovering;
  };

  test("do so for a round after the last that did", () => {
    const left = [failing(5, 1000), failing(5, 2000), failing(5, 2500)];
    expect(back().isUnderWay(left, 34_000, ROUND_MS)).toBe(true);
    expect(back().isUnderWay(left, 43_001, ROUND_MS)).toBe(false);
  });

  test("no longer do where one has begun to fail since", () => {
    const recovering = back();
    recovering.began(34_000);
    expect(recovering.isUnderWay([], 34_000, ROUND_MS)).toBe(false);
  });

  test("are of a fault that another has followed where two have died since the first came back", () => {
    const recovering = back();
    recovering.began(31_000);
    recovering.revived(35_000);
    const died = [failing(4, 30_500), failing(4, 31_000)];
    expect(recovering.isUnderWay(died, 36_000, ROUND_MS)).toBe(false);
    expect(recovering.isUnderWay(died.slice(1), 36_000, ROUND_MS)).toBe(true);
    expect(recovering.isUnderWay([failing(3, 31_000), ...died.slice(1)], 36_000, ROUND_MS)).toBe(
      true,
    );
  });

  test("begin anew where none has come back for a while", () => {
    const recovering = back();
    recovering.began(50_000);
    recovering.revived(90_000);
    const before = [failing(9, 50_000), failing(9, 51_000)];
    expect(recovering.isUnderWay(before, 91_000, ROUND_MS)).toBe(true);
  });
});
