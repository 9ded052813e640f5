import { expect, test } from "vitest";
import { routerInfoFamily } from "../../src/metrics/router-info.ts";
import { SeriesBudget } from "../../src/metrics/series-budget.ts";
import { Topology } from "../../src/topology/topology.ts";
import { makeFlow } from "../support/probed-flow.ts";

test("every hop whose router is known is shown once, from where it is known, within the limit", () => {
  const [one, two] = [new Topology(), new Topology()];
  one.learn(makeFlow(), ["10.0.0.1", "10.0.0.8", "192.0.2.10"], 0);
  two.learn(makeFlow(), ["10.0.0.1", "10.0.1.8", "192.0.2.11"], 0);
  const budget = new SeriesBudget(100);
  const routerOf = (address: string) =>
    address.endsWith(".8") ? ({ router: "r8", source: "inventory" } as const) : undefined;
  const family = routerInfoFamily(() => [one, two], routerOf, budget);
  const shown = (): string[] => {
    const lines: string[] = [];
    family.collect((labels) => lines.push(labels));
    return lines.sort();
  };
  const all = [
    'hop="10.0.0.8",router="r8",source="inventory"',
    'hop="10.0.1.8",router="r8",source="inventory"',
  ];
  expect(shown()).toEqual(all);
  expect(shown()).toEqual(all);
  expect(budget.used).toBe(2);
  two.prune(3_600_001);
  expect(shown()).toEqual(all.slice(0, 1));
  expect(budget.used).toBe(1);
});
