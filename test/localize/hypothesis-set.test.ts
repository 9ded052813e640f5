import { describe, expect, test } from "vitest";
import type { Hypothesis } from "../../src/localize/hypothesis.ts";
import { flow, locationAt, sceneOf } from "../support/scene.ts";

const DEAD = { extent: "all", kind: "dead" } as const;

function laid() {
  const found = sceneOf([
    flow("ab", 20, 20),
    flow("ab", 20, 20),
    flow("ac", 0, 20),
    flow(null, 20, 20),
  ]);
  const hypothesis = (hop: string): Hypothesis => ({
    location: locationAt(found, "link", hop),
    effect: DEAD,
    cost: 6,
    share: 1,
    loss: 1,
  });
  return { ...found, hypothesis };
}

describe("HypothesisSet", () => {
  test("costs less with a hypothesis that explains what fails, and more with one that kills what works", () => {
    const { set, hypothesis } = laid();
    const before = set.cost;
    set.add(hypothesis("b"));
    expect(set.cost).toBeLessThan(before - 30);
    const right = set.cost;
    set.add(hypothesis("c"));
    expect(set.cost).toBeGreaterThan(right);
  });

  test("is as it was once a hypothesis is removed, or a moment restored", () => {
    const { set, hypothesis } = laid();
    const before = set.cost;
    const moment = set.save();
    const added = hypothesis("b");
    set.add(added);
    set.remove(added);
    expect(set.cost).toBeCloseTo(before, 9);
    set.add(added);
    set.restore(moment);
    expect(set.cost).toBe(before);
    expect(set.hypotheses).toEqual([]);
  });

  test("holds that nothing is gained any more on a flow that is explained", () => {
    const { set, hypothesis } = laid();
    expect(set.excessOf(0)).toBeGreaterThan(20);
    expect(set.passOf(0)).toBe(1);
    set.add(hypothesis("b"));
    expect(set.excessOf(0)).toBeLessThan(0.1);
    expect(set.passOf(0)).toBeLessThan(0.001);
  });

  test("says at once of a hypothesis that clears itself that it cannot gain", () => {
    const found = sceneOf([
      flow("ab", 20, 20),
      flow("ac", 0, 20),
      ...Array.from({ length: 6 }, () => flow("ab", 0, 20)),
    ]);
    expect(found.set.mayGain(locationAt(found, "link", "b"), DEAD, 6)).toBe(false);
    expect(laid().set.mayGain(laid().hypothesis("b").location, DEAD, 6)).toBe(true);
  });

  test("gives a flow that may cross either of two links in a row no second chance to meet a fault", () => {
    const known = Array.from({ length: 24 }, () => [
      flow("abd", 0, 20),
      flow("abe", 0, 20),
      flow("ac", 0, 20),
      flow("ac", 0, 20),
    ]).flat();
    const found = sceneOf([...known, flow(null, 20, 20)]);
    const at = (hop: string): Hypothesis => ({
      location: locationAt(found, "link", hop),
      effect: DEAD,
      cost: 6,
      share: 1,
      loss: 1,
    });
    const unknown = (hop: string) =>
      at(hop).location.members.find(({ flow: index }) => index === known.length);
    const [before, behind, beside] = [unknown("b"), unknown("d"), unknown("c")];
    if (!before || !behind || !beside) throw new Error("the flow may cross all of them");
    expect(found.set.weightOf(behind)).toBeCloseTo(before.weight / 2, 1);
    found.set.add(at("b"));
    expect(found.set.weightOf(behind)).toBeCloseTo(0, 2);
    // The way beside it is the only other one.
    expect(found.set.weightOf(beside)).toBeGreaterThan(0.95);
  });
});
