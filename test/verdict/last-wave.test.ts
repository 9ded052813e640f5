import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { lastWave } from "../../src/verdict/last-wave.ts";

const ROUND_MS = 10_000;

function flow(since: number, over: Partial<FlowEvidence> = {}): FlowEvidence {
  return {
    bucket: 0,
    source_port: 50_000,
    path: ["10.0.0.1", "198.51.100.1"],
    seen: [],
    probes: 5,
    failures: 5,
    streak: 5,
    last_hop: "unknown",
    failing_since: since,
    ...over,
  };
}

describe("the last of several faults", () => {
  test("began with the first of the flows that died within a round of the last ones", () => {
    const flows = [flow(1000), flow(2000), flow(30_000), flow(33_000), flow(38_000)];
    expect(lastWave(flows, ROUND_MS)).toBe(30_000);
  });

  test("is the only one where all flows died within a round", () => {
    expect(lastWave([flow(4000), flow(1000), flow(9000)], ROUND_MS)).toBe(1000);
  });

  test("is not told from one flow, from flows that lose a part, or from those that never worked", () => {
    const others = [
      flow(50_000),
      flow(51_000, { path: null }),
      flow(52_000, { failures: 3, streak: 1, probes: 20 }),
    ];
    expect(lastWave([flow(1000), flow(2000), ...others], ROUND_MS)).toBe(1000);
    expect(lastWave(others, ROUND_MS)).toBe(Number.NEGATIVE_INFINITY);
  });
});
