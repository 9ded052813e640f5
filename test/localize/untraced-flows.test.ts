import { expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { type Random, seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const FLOWS = 64;
const BROKEN = "10.1.0.5";
const NETWORKS = 25;

const random = seeded(printedSeed("untraced flows"));

/**
 * A target shortly after the start, of 64 flows behind four routers, the second broken: the ways of few are known, none of
 * those that fail is swept, and a part of all has not been probed since the fault, which clears nothing.
 */
function draw(known: number, probed: number, draws: Random): ReturnType<typeof localize> {
  const ways = Array.from({ length: FLOWS }, () => draws.between(0, 3));
  const isKnown = new Set<number>();
  while (isKnown.size < known) isKnown.add(draws.between(0, FLOWS - 1));
  const paths = ways.map((way) => [
    "10.1.0.1",
    `10.1.0.${3 + 2 * way}`,
    `10.1.0.${11 + 2 * way}`,
    "192.0.2.1",
  ]);
  const known_links = [...isKnown].flatMap((flow) => {
    const path = paths[flow] ?? [];
    return path.slice(1).map((hop, at) => [path[at] ?? "", hop] as const);
  });
  const flows = ways.flatMap((way, bucket): FlowEvidence[] => {
    if (!draws.chance(probed)) return [];
    const failures = way === 1 ? 4 : 0;
    const path = isKnown.has(bucket) ? (paths[bucket] ?? null) : null;
    const counts = { probes: 4, failures, streak: failures };
    const port = { bucket, source_port: 61_000 + bucket };
    return [{ ...port, path, seen: [], last_hop: "unknown", ...counts }];
  });
  return localize({ target: "192.0.2.1", flows, known_links });
}

test.each([3, 6, 12, 40])(
  "failing flows that nobody has traced accuse no link that happens to be uncrossed, %i ways known",
  (known) => {
    let right = 0;
    for (let network = 0; network < NETWORKS; network += 1) {
      for (const probed of [0.3, 0.6, 1]) {
        const { verdict, suspects } = draw(known, probed, random);
        expect(["path_fault", "target_down", "healthy", "indeterminate"]).toContain(verdict);
        for (const { from, to, segment } of suspects) {
          expect(segment).toBe("forward");
          expect([from, to]).toContain(BROKEN);
        }
        right += suspects.length;
      }
    }
    // Where the way of one that fails is known, the place is told.
    expect(right).toBeGreaterThanOrEqual(known < 40 ? 1 : 2 * NETWORKS);
  },
);
