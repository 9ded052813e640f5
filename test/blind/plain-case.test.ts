import { describe, expect, test } from "vitest";
import { seeded } from "../support/random.ts";
import { knownWays, passes } from "./crossing.ts";
import { drawPlainCase } from "./plain-case.ts";
import { PLAIN_KINDS } from "./plain-faults.ts";

const SEED = 20_261_128;

describe.each(Object.entries(PLAIN_KINDS))(
  "a case of the fourth generator: %s",
  (kind, breaking) => {
    const random = seeded(SEED);
    const cases = Array.from({ length: 4 }, () => drawPlainCase(kind, breaking, random));

    test("is the same for the same seed", () => {
      expect(drawPlainCase(kind, breaking, seeded(SEED))).toEqual(cases[0]);
    });

    test("has failures on the flows that its faults hit and a truth that lies on their ways", () => {
      for (const judged of cases) {
        const ways = knownWays(judged);
        for (const { flows, links, loss } of judged.truth.faults) {
          expect(flows.length).toBeGreaterThan(0);
          for (const index of flows) {
            const { failures = 0, probes = 0 } = judged.case.flows[index] ?? {};
            if (loss === 1) expect(failures).toBe(probes);
          }
          for (const hop of links.flat()) {
            if (hop === null) continue;
            expect(flows.some((index) => passes(ways[index], hop) === true)).toBe(true);
          }
        }
      }
    });
  },
);
