import { describe, expect, it } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { Evidence } from "../../src/verdict/evidence.ts";

const INTERVAL_MS = 10_000;

/** Evidence of one flow a text: `.` answered, `x` failed, one every ten seconds from 0. */
function evidenceOf(...flows: readonly string[]): { evidence: Evidence; end: number } {
  const evidence = new Evidence();
  flows.forEach((results, bucket) => {
    const flow = { bucket } as ProbedFlow;
    [...results].forEach((result, at) => {
      evidence.add(flow, result === "x", at * INTERVAL_MS);
    });
  });
  const longest = Math.max(...flows.map(({ length }) => length));
  return { evidence, end: (longest - 1) * INTERVAL_MS };
}

function showsLoss(...flows: readonly string[]): boolean {
  const { evidence, end } = evidenceOf(...flows);
  return evidence.showsLoss(end);
}

describe("Evidence", () => {
  it("counts each flow apart and forgets flows that were not probed for five minutes", () => {
    const { evidence } = evidenceOf("..x", ".");
    expect([...evidence.counts(20_000).values()]).toEqual([
      { probes: 3, failures: 1, streak: 1 },
      { probes: 1, failures: 0, streak: 0 },
    ]);
    expect([...evidence.counts(310_000).values()]).toHaveLength(1);
    expect(evidence.counts(400_000).size).toBe(0);
  });

  it("leaves out flows that were retired before anything failed, unless they failed themselves", () => {
    const evidence = new Evidence();
    const probe = (flow: ProbedFlow, results: string, from: number) => {
      [...results].forEach((result, at) => {
        evidence.add(flow, result === "x", from + at * INTERVAL_MS);
      });
      return flow;
    };
    const flow = (bucket: number, active: boolean) => ({ bucket, active }) as ProbedFlow;
    const before = probe(flow(0, false), "....", 0);
    const spared = probe(flow(1, false), ".......", 0);
    const current = probe(flow(2, true), "...", 40_000);
    expect([...evidence.telling(60_000).keys()]).toEqual([current]);
    const failing = probe(flow(3, true), ".xx", 40_000);
    expect([...evidence.telling(60_000).keys()]).toEqual([spared, current, failing]);
    evidence.add(before, true, 35_000);
    expect([...evidence.telling(60_000).keys()]).toEqual([before, spared, current, failing]);
  });

  it("shows no loss while flows that began to fail have not answered again", () => {
    expect(showsLoss("....x", "....x", ".....")).toBe(false);
    expect(showsLoss("...xx", "..x..", "...xx")).toBe(false);
  });

  it("shows loss once most flows that failed have answered since", () => {
    expect(showsLoss("..x..", ".x.x.", "....x")).toBe(true);
  });

  it("does not take flows that revive after they were dead for lossy ones", () => {
    expect(showsLoss("..xxxxx.", "..xxxxx.", "..xxxxxx")).toBe(false);
  });
});
