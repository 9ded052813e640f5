import fc from "fast-check";
import { expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { contributionOf } from "../../src/localize/pooled-flows.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { allAnswered, answeredCase } from "../../src/verdict/all-answered.ts";
import { Evidence } from "../../src/verdict/evidence.ts";
import { printedSeed } from "../support/seed.ts";

const TARGET = "198.51.100.1";

/** Flows as localisation is told of them, with ways of their own. */
function told(evidence: Evidence, now: number): FlowEvidence[] {
  return [...evidence.telling(now, 10_000)].map(([{ bucket }, counts]) => ({
    bucket,
    source_port: 61_000 + bucket,
    path: ["10.0.0.1", `10.0.1.${bucket % 4}`, TARGET],
    seen: [],
    last_hop: TARGET,
    ...counts,
  }));
}

test("of a target none of whose probes failed the same is said with and without its ways", () => {
  const step = fc.record({
    bucket: fc.nat(5),
    gap: fc.constantFrom(100, 5000, 60_000, 200_000),
    fails: fc.nat(40).map((one) => one === 0),
    retires: fc.nat(10).map((one) => one === 0),
    judged: fc.boolean(),
  });
  let quiet = 0;
  const agrees = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const evidence = new Evidence();
    const flows = Array.from({ length: 6 }, (_, bucket) => ({ bucket, active: true }));
    let now = 0;
    for (const { bucket, gap, fails, retires, judged } of steps) {
      now += gap;
      if (judged) evidence.allAnswered(now);
      const flow = flows[bucket] ?? { bucket, active: true };
      evidence.add(flow as ProbedFlow, fails, now);
      if (retires) {
        flow.active = false;
        evidence.retired();
        flows[bucket] = { bucket, active: true };
      }
    }
    now += 1000;
    const counts = evidence.allAnswered(now);
    const flowsTold = told(evidence, now);
    if (counts === undefined) return;
    quiet += 1;
    const input = { target: TARGET, flows: flowsTold, known_links: [] };
    expect(allAnswered(counts)).toEqual(localize(input));
    expect(contributionOf(answeredCase(TARGET))).toBeNull();
  });
  fc.assert(agrees, { seed: printedSeed("all answered"), numRuns: 500 });
  expect(quiet).toBeGreaterThan(50);
});

test("a target is not told to have answered everything while a probe of the window failed", () => {
  const evidence = new Evidence();
  const flow = { bucket: 0, active: true } as ProbedFlow;
  evidence.add(flow, true, 0);
  evidence.add(flow, false, 10_000);
  expect(evidence.allAnswered(20_000)).toBeUndefined();
});
