import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeriesBudget } from "../../src/metrics/series-budget.ts";
import { printedSeed } from "../support/seed.ts";

describe("SeriesBudget", () => {
  test("gives until the limit is full, all or nothing", () => {
    const budget = new SeriesBudget(10);
    expect([budget.reserve(6), budget.reserve(5), budget.reserve(4), budget.reserve(1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(budget.used).toBe(10);
    budget.release(1);
    expect(budget.reserve(1)).toBe(true);
  });

  test("takes past the limit what must exist, and gives nothing more then", () => {
    const budget = new SeriesBudget(10);
    budget.take(12);
    expect(budget.used).toBe(12);
    expect(budget.reserve(1)).toBe(false);
    budget.limit = 13;
    expect(budget.reserve(1)).toBe(true);
  });

  test("leaves what is there when the limit is lowered", () => {
    const budget = new SeriesBudget(10);
    budget.reserve(8);
    budget.limit = 4;
    expect(budget.used).toBe(8);
    budget.release(5);
    expect(budget.reserve(1)).toBe(true);
    expect(budget.reserve(1)).toBe(false);
  });

  test("counts folds when it is told to", () => {
    const budget = new SeriesBudget(0);
    budget.reserve(1);
    expect(budget.folded).toBe(0);
    budget.fold();
    budget.fold();
    expect(budget.folded).toBe(2);
  });

  test("never holds more than the limit by reserving, nor less than nothing", () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 })));
    const property = fc.property(fc.nat(40), steps, (limit, list) => {
      const budget = new SeriesBudget(limit);
      const held: number[] = [];
      for (const [reserve, series] of list) {
        if (reserve && budget.reserve(series)) held.push(series);
        if (!reserve) budget.release(held.pop() ?? 0);
        expect(budget.used).toBe(held.reduce((sum, each) => sum + each, 0));
        expect(budget.used).toBeLessThanOrEqual(limit);
      }
    });
    fc.assert(property, { seed: printedSeed("series budget") });
  });
});
