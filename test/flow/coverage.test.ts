import { describe, expect, test } from "vitest";
import { flowsNeeded, pathCoverage } from "../../src/flow/coverage.ts";

/** Whether `flows` flows that each pick one of `width` at random leave one out, counted over all their picks. */
function missesByCounting(width: number, flows: number): number {
  let misses = 0;
  for (let picks = 0; picks < width ** flows; picks += 1) {
    const seen = new Set<number>();
    for (let flow = 0, rest = picks; flow < flows; flow += 1, rest = Math.floor(rest / width)) {
      seen.add(rest % width);
    }
    if (seen.size < width) misses += 1;
  }
  return misses / width ** flows;
}

describe("flowsNeeded", () => {
  test("gives the stopping points of the Multipath Detection Algorithm at 95 %", () => {
    const widths = [2, 3, 4, 5, 6, 7, 8];
    expect(widths.map((width) => flowsNeeded(width, 0.95))).toEqual([6, 11, 16, 21, 27, 33, 38]);
  });

  test("is the least number that counting all picks allows", () => {
    for (const [width, confidence] of [
      [2, 0.9],
      [3, 0.5],
      [3, 0.9],
      [4, 0.5],
    ] as const) {
      const least = flowsNeeded(width, confidence);
      expect(missesByCounting(width, least)).toBeLessThanOrEqual(1 - confidence);
      expect(missesByCounting(width, least - 1)).toBeGreaterThan(1 - confidence);
    }
  });

  test("is one for a single next hop", () => {
    expect(flowsNeeded(1, 0.99)).toBe(1);
  });
});

describe("pathCoverage", () => {
  test("knows nothing without a node", () => {
    expect(pathCoverage([])).toBe(0);
  });

  test("multiplies over the branching points what each may hide", () => {
    const one = { nextHops: 1, flows: 6 };
    const four = { nextHops: 4, flows: 40 };
    expect(pathCoverage([one])).toBeCloseTo(1 - 2 / 64, 12);
    expect(pathCoverage([four])).toBeCloseTo(1 - 5 * 0.8 ** 40, 12);
    expect(pathCoverage([one, four])).toBeCloseTo((1 - 2 / 64) * (1 - 5 * 0.8 ** 40), 12);
  });

  test("never promises less than nothing", () => {
    expect(pathCoverage([{ nextHops: 8, flows: 1 }])).toBe(0);
  });
});
