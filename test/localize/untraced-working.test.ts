import { expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";

const TARGET = "198.51.100.22";
const DEAD = 18;
const WORKING = 39;

/** A flow of which nothing but its counts is known. */
function untraced(bucket: number, probes: number, failures: number): FlowEvidence {
  const counts = { probes, failures, streak: failures };
  return {
    bucket,
    source_port: 60_000 + bucket,
    path: null,
    seen: [],
    last_hop: "unknown",
    ...counts,
  };
}

/** Shortly after a start: eighteen flows are dead, one of them has been swept, and no flow that works has been traced. */
function shortlyAfterStart(swept: Pick<FlowEvidence, "seen" | "last_hop">): FlowEvidence[] {
  const dead = Array.from({ length: DEAD }, (_, at) =>
    untraced(at, at < 11 ? 7 : 1, at < 11 ? 4 : 1),
  );
  const working = Array.from({ length: WORKING }, (_, at) => untraced(DEAD + at, 4, 0));
  const [first, ...others] = dead;
  return [...(first === undefined ? [] : [{ ...first, ...swept }]), ...others, ...working];
}

const SWEEPS = {
  "to the broken router": { seen: ["10.0.0.1", "10.0.0.3"], last_hop: "10.0.0.3" },
  "to the router before it": { seen: ["10.0.0.1"], last_hop: "10.0.0.1" },
} as const;
const SHARED = {
  "the first router": [["10.0.0.1"]],
  "a way by another router": [["10.0.0.1", "10.0.0.2"]],
} as const;

for (const [swept, sweep] of Object.entries(SWEEPS)) {
  for (const [known, paths] of Object.entries(SHARED)) {
    test(`flows that work and were never traced make no bundle of a link: swept ${swept}, others have shown ${known}`, () => {
      const flows = shortlyAfterStart(sweep);
      const { verdict, suspects } = localize(
        { target: TARGET, flows, known_links: [] },
        { faults: [], paths },
      );
      expect(verdict).toBe("path_fault");
      expect(suspects.filter(({ place }) => place === "bundle")).toEqual([]);
    });
  }
}
