import { expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { flow, sceneOf } from "../support/scene.ts";

/** Chance that the first flow crosses the hop of this letter. */
function chanceOf(flows: readonly FlowEvidence[], letter: string): number {
  const { scene } = sceneOf(flows);
  const id = scene.network.answering(letter);
  const into = scene.routes[0]?.crossings.filter(({ to }) => to === id) ?? [];
  return into.reduce((sum, { weight }) => sum + weight, 0);
}

const times = (count: number, hops: string): FlowEvidence[] =>
  Array.from({ length: count }, () => flow(hops, 0, 10));

test("one gap where all others met the same hop is that hop, whose answer was lost", () => {
  expect(chanceOf([flow("a.c", 0, 10), ...times(30, "abc")], "b")).toBeGreaterThan(0.8);
});

test("the same gap of a third of the flows is a router that never answers", () => {
  const flows = [...times(10, "a.c"), ...times(10, "abc"), ...times(10, "adc")];
  expect(chanceOf(flows, "b") + chanceOf(flows, "d")).toBeLessThan(0.2);
});

test("a gap that no known hop fits is silence", () => {
  const { scene } = sceneOf(times(3, "a.c"));
  const through = scene.routes[0]?.crossings.map(({ to }) => scene.network.hops[to]?.address);
  expect(through).toEqual(["a", null, "c", "t"]);
});

test("the gap in a failing sweep is more likely a lost answer than one in a survey", () => {
  const sweep = flow(null, 10, 10, { seen: ["a", null, "c"], last_hop: "c" });
  expect(chanceOf([sweep, ...times(10, "abc")], "b")).toBeGreaterThan(0.8);
});
