import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { withoutEarlierSweeps } from "../../src/verdict/earlier-sweeps.ts";

const ROUND_MS = 10_000;
const WAY = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "198.51.100.1"];

/** A dead flow whose last sweep met so many hops of its way. */
function dead(hops: number, since: number, sweptAt: number, path = true): FlowEvidence {
  const seen = WAY.slice(0, hops);
  return {
    bucket: 0,
    source_port: 50_000,
    path: path ? WAY : null,
    seen,
    probes: 5,
    failures: 5,
    streak: 5,
    last_hop: seen.at(-1) ?? "none",
    failing_since: since,
    swept_at: sweptAt,
  };
}

const endsOf = (flows: readonly FlowEvidence[]): string[] =>
  withoutEarlierSweeps(flows, ROUND_MS).map(({ last_hop }) => last_hop);

describe("sweeps that ended before another fault began on the way of their flows", () => {
  const later = [dead(2, 20_000, 24_000), dead(2, 21_000, 25_000)];

  test("say nothing of it", () => {
    expect(endsOf([dead(4, 1000, 5000), ...later])).toEqual(["unknown", "10.0.0.2", "10.0.0.2"]);
  });

  test("stand where they were made anew since", () => {
    expect(endsOf([dead(4, 1000, 23_000), ...later])).toEqual(["10.0.0.4", "10.0.0.2", "10.0.0.2"]);
  });

  test("stand where they ended before the other fault, or at it", () => {
    expect(endsOf([dead(1, 1000, 5000), dead(2, 1000, 5000), ...later])).toEqual([
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.2",
      "10.0.0.2",
    ]);
  });

  test("stand where one flow alone died there later, or within the round in which the first did", () => {
    const [one] = later;
    expect(endsOf([dead(4, 1000, 5000), ...(one ? [one] : [])])[0]).toBe("10.0.0.4");
    const soon = [dead(2, 9000, 12_000), dead(2, 9500, 12_000)];
    expect(endsOf([dead(4, 1000, 5000), ...soon])[0]).toBe("10.0.0.4");
  });

  test("stand where those that ended there never worked: a rotation has begun them", () => {
    const begun = [dead(2, 20_000, 24_000, false), dead(2, 21_000, 25_000, false)];
    expect(endsOf([dead(4, 1000, 5000), ...begun])[0]).toBe("10.0.0.4");
  });
});
