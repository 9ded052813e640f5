import { describe, expect, test } from "vitest";
import type { Localization } from "../../src/localize/localize.ts";
import { type ComparedTarget, compareTargets } from "../../src/verdict/compare-targets.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const NOW = 1_000_000;
const DOWN: Localization = { verdict: "target_down", reason: "Every flow fails.", suspects: [] };
const HEALTHY: Localization = { verdict: "healthy", reason: "", suspects: [] };
const IDLE: Localization = { verdict: "indeterminate", reason: "", suspects: [] };

/** Targets at addresses of their own. */
function targets(...all: [Localization | undefined, lastAt: number, intervalMs?: number][]) {
  return new Map(
    all.map(
      (
        [found, lastAt, intervalMs = 1000],
        index,
      ): [ReturnType<typeof makeProbed>, ComparedTarget] => [
        makeProbed({ to: `198.51.100.${index + 2}`, intervalMs }),
        { found, evidence: { lastAt } },
      ],
    ),
  );
}

describe("targets that all fail at once", () => {
  test("are the source's fault where they have two addresses", () => {
    const found = compareTargets(DOWN, targets([DOWN, NOW], [DOWN, NOW - 5000]), NOW);
    expect(found).toMatchObject({ verdict: "source_fault", suspects: [] });
    expect(found.reason).toContain("All 2 targets at 2 addresses");
    expect(compareTargets(DOWN, targets([DOWN, NOW]), NOW)).toBe(DOWN);
  });

  test("are so too beside one that is idle, new or has no valid probe lately", () => {
    const never = Number.NEGATIVE_INFINITY;
    for (const other of [IDLE, HEALTHY, undefined]) {
      for (const lastAt of [never, NOW - 60_001]) {
        const all = targets([DOWN, NOW], [DOWN, NOW], [other, lastAt]);
        expect(compareTargets(DOWN, all, NOW).verdict).toBe("source_fault");
      }
    }
  });

  test("are not beside one that works, nor beside one that is seldom probed and worked", () => {
    expect(compareTargets(DOWN, targets([DOWN, NOW], [DOWN, NOW], [HEALTHY, NOW]), NOW)).toBe(DOWN);
    const seldom = targets([DOWN, NOW], [DOWN, NOW], [HEALTHY, NOW - 100_000, 60_000]);
    expect(compareTargets(DOWN, seldom, NOW)).toBe(DOWN);
  });

  test("are not beside one that refuses its probes: these got there, and answers came back", () => {
    const all = targets([DOWN, NOW], [DOWN, NOW], [DOWN, NOW]);
    const [probed] = [...all.keys()].slice(-1);
    for (let bucket = 0; bucket < 4 && probed !== undefined; bucket += 1) {
      const flow = makeFlowOf(probed, bucket, 61_000 + bucket);
      flow.state = "failing";
      const responder = bucket === 0 ? undefined : probed.target.address;
      const reason = responder === undefined ? "timeout" : "refused";
      flow.lastFailure = { kind: "failed", reason, responder };
      probed.flows.push(flow);
    }
    expect(compareTargets(DOWN, all, NOW)).toBe(DOWN);
  });

  test("say nothing of one that is not down", () => {
    expect(compareTargets(HEALTHY, targets([DOWN, NOW], [DOWN, NOW]), NOW)).toBe(HEALTHY);
  });
});
