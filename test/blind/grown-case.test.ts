import { describe, expect, test } from "vitest";
import { seeded } from "../support/random.ts";
import { knownWays, passes } from "./crossing.ts";
import { drawGrownCase } from "./grown-case.ts";
import { GROWN_KINDS } from "./grown-kinds.ts";

const SEED = 20_261_129;

describe.each(Object.entries(GROWN_KINDS))("a case of the fifth generator: %s", (name, kind) => {
  const random = seeded(SEED);
  const cases = Array.from({ length: 4 }, () => drawGrownCase(name, kind, random));

  test("is the same for the same seed", () => {
    expect(drawGrownCase(name, kind, seeded(SEED))).toEqual(cases[0]);
  });

  test("has failures on the flows that its faults hit and a truth that lies on their ways", () => {
    for (const judged of cases) {
      const ways = knownWays(judged);
      for (const { flows, links, loss } of judged.truth.faults) {
        expect(flows.length).toBeGreaterThan(0);
        for (const index of flows) {
          const { failures = 0, probes = 0, streak } = judged.case.flows[index] ?? {};
          if (loss === 1) expect(streak ?? failures).toBe(streak === undefined ? probes : failures);
        }
        for (const hop of links.flat()) {
          if (hop === null) continue;
          expect(flows.some((index) => passes(ways[index], hop) === true)).toBe(true);
        }
      }
    }
  });

  test("shows of a flow only hops of its way, each in its place", () => {
    for (const { case: told, truth } of cases) {
      told.flows.forEach(({ path, seen }, index) => {
        for (const shown of [path ?? [], seen ?? []]) {
          shown.forEach((hop, ttl) => {
            if (hop !== null) expect(hop).toBe(truth.ways?.[index]?.[ttl]);
          });
        }
      });
    }
  });
});
