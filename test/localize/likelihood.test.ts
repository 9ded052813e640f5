import { describe, expect, test } from "vitest";
import { BEHIND, flowCost, sweepRatio } from "../../src/localize/likelihood.ts";
import { logChoose } from "../../src/localize/log-choose.ts";

const GAP = 0.1;
const NOISE = 0.001;

const counts = (failures: number, probes: number) => ({
  probes,
  failures,
  alike: 1,
  logWays: logChoose(probes, failures),
  deadCost: failures === probes ? 0.02 : 40,
});
const hit = (loss: number, answered: number, missing: number, depth = 2) => ({
  chance: 1,
  loss,
  depth,
  beyond: { answered, missing, trailing: missing },
});

describe("flowCost", () => {
  test("is least for the loss that the counts show", () => {
    const costs = [0.1, 0.3, 0.6].map((loss) =>
      flowCost(counts(9, 30), [{ ...hit(loss, 0, 0), beyond: null }], null, NOISE, GAP),
    );
    expect(costs[1]).toBeLessThan(Math.min(costs[0] ?? 0, costs[2] ?? 0));
  });

  test("of a loss that fits stays small however many probes there are", () => {
    const cost = flowCost(counts(150, 300), [{ ...hit(0.5, 0, 0), beyond: null }], null, 0, GAP);
    expect(cost).toBeGreaterThan(2);
    expect(cost).toBeLessThan(4);
  });

  test("does not depend on the order in which faults are told", () => {
    const [near, far] = [hit(1, 0, 3, 1), hit(0.5, 0, 1, 3)];
    expect(flowCost(counts(30, 30), [near], far, NOISE, GAP)).toBeCloseTo(
      flowCost(counts(30, 30), [far], near, NOISE, GAP),
    );
  });
});

describe("sweepRatio", () => {
  test("speaks for the place right behind the last hop that answered", () => {
    const ratios = [hit(1, 1, 2), hit(1, 0, 2), hit(1, 0, 1)].map((each) =>
      sweepRatio([each], GAP),
    );
    expect(ratios[1]).toBeGreaterThan(2 * (ratios[2] ?? 0));
    expect(ratios[0]).toBeLessThan(0.01);
  });

  test("says nothing without a sweep, and little of loss that three attempts overcome", () => {
    expect(sweepRatio([{ ...hit(1, 0, 0), beyond: null }], GAP)).toBe(1);
    expect(sweepRatio([hit(0.1, 3, 0)], GAP)).toBeGreaterThan(0.85);
  });

  test("says of one sweep no more than what speaks against its having been given up", () => {
    const silent = [2, 3, 5].map((missing) => sweepRatio([hit(1, 0, missing)], GAP));
    for (const ratio of silent) expect(ratio).toBeLessThan(1 / (0.03 * GAP));
    expect(silent[2]).toBeLessThan(2 * (silent[1] ?? 0));
    const gotPast = { ...hit(1, 1, 2), beyond: { answered: 1, missing: 2, trailing: 2 } };
    expect(sweepRatio([gotPast], GAP)).toBeLessThan(0.01);
  });

  test("counts silent hops once, whichever of two faults silences them", () => {
    const beyond = { answered: 0, missing: 3, trailing: 4 };
    const near = { ...hit(1, 0, 2), beyond: { answered: 0, missing: 2, trailing: 4 } };
    const far = { ...hit(1, 0, 3, BEHIND), beyond };
    expect(sweepRatio([near, far], GAP)).toBeLessThanOrEqual(
      sweepRatio([{ ...far, depth: 1 }], GAP),
    );
  });

  test("leaves a fault behind the last router possible where the destination answered", () => {
    expect(sweepRatio([hit(1, 1, 0, BEHIND)], GAP)).toBeGreaterThan(0.2);
  });
});
