import { expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { AnsweredTally } from "../../src/verdict/answered-tally.ts";
import { FlowWindows } from "../../src/verdict/flow-windows.ts";

/** Two flows that are probed every ten seconds, and the tally beside their windows. */
function rig() {
  const tally = new AnsweredTally();
  const windows = new FlowWindows();
  const flows = [0, 1].map((bucket) => ({ bucket, active: true }) as ProbedFlow);
  const probe = (at: number) => {
    for (const flow of flows) {
      windows.of(flow, at).add(false, at);
      tally.add(at);
    }
  };
  const forgotten: ProbedFlow[] = [];
  let looks = 0;
  const read = function* () {
    looks += 1;
    yield* windows;
  };
  const counts = (now: number) => tally.counts(read(), now, (flow) => forgotten.push(flow));
  const looked = () => {
    const before = looks;
    looks = 0;
    return before;
  };
  return { tally, flows, probe, counts, forgotten, looked };
}

test("probes are counted from the windows once, then by number, and forgotten after five minutes", () => {
  const { probe, counts } = rig();
  probe(0);
  expect(counts(5000)).toEqual({ probes: 2, flows: 2 });
  for (let at = 10_000; at <= 600_000; at += 10_000) {
    probe(at);
    expect(counts(at + 5000)).toEqual({ probes: Math.min(60, 2 * (at / 10_000 + 1)), flows: 2 });
  }
});

test("windows are read when the tally was dropped, and when one may have run empty", () => {
  const { tally, flows, probe, counts, looked } = rig();
  probe(0);
  counts(0);
  const first = flows[0] as ProbedFlow;
  probe(10_000);
  expect(looked()).toBeGreaterThan(0);
  tally.drop();
  (first as { active: boolean }).active = false;
  expect(counts(11_000)).toEqual({ probes: 2, flows: 1 });
  expect(counts(400_000)).toEqual({ probes: 0, flows: 0 });
});

test("flows without a probe for five minutes are told", () => {
  const { probe, counts, forgotten, flows } = rig();
  probe(0);
  counts(0);
  counts(299_000);
  expect(forgotten).toEqual([]);
  counts(301_000);
  expect(forgotten).toEqual(flows);
});
