import { expect, test } from "vitest";
import { hopInfoFamily } from "../../src/metrics/hop-info.ts";
import { SeriesBudget } from "../../src/metrics/series-budget.ts";

/** Labels of everything that is shown. */
function shown(family: ReturnType<typeof hopInfoFamily>): string[] {
  const lines: string[] = [];
  family.collect((labels, value) => lines.push(`${labels} ${value}`));
  return lines;
}

test("every hop with a name is shown while it has one, and its room is given back", () => {
  const names = new Map([
    ["10.0.0.1", "r1.example.net"],
    ["10.0.0.2", "r2.example.net"],
  ]);
  const budget = new SeriesBudget(10);
  const family = hopInfoFamily(() => names, budget);
  expect(shown(family)).toEqual([
    'hop="10.0.0.1",name="r1.example.net" 1',
    'hop="10.0.0.2",name="r2.example.net" 1',
  ]);
  shown(family);
  expect(budget.used).toBe(2);
  names.delete("10.0.0.1");
  names.set("10.0.0.2", "renamed.example.net");
  expect(shown(family)).toEqual(['hop="10.0.0.2",name="renamed.example.net" 1']);
  expect(budget.used).toBe(1);
});

test("hops past the limit on series are left out and counted once each", () => {
  const names = new Map([1, 2, 3].map((at) => [`10.0.0.${at}`, `r${at}`]));
  const budget = new SeriesBudget(2);
  const family = hopInfoFamily(() => names, budget);
  for (let scrape = 0; scrape < 3; scrape += 1) expect(shown(family)).toHaveLength(2);
  expect(budget.folded).toBe(1);
});
