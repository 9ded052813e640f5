//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r10 ── vip (192.0.2.10:3306, TCP)
//                └─ r9 ─┘
// A fault soon after a rotation: what the flows before it did, minutes of answers across the router that breaks now,
// is still in the window, and must not clear it; once it is healed, what they lost must not accuse it.
import { describe, inject, it } from "vitest";
import { runVerdictCase } from "../lab/verdict-case.ts";
import { briefVerdict, judgeVerdict } from "../lab/verdict-judge.ts";
import { pick } from "../lab/verdict-networks.ts";

const CASES = pick([
  ["one stage", "drops after the TTL check"],
  ["one stage", "loses 30 %"],
]);
/** The paths are known before. */
const ROTATE_AFTER_MS = 75_000;

describe.skipIf(inject("labMissing") !== "").concurrent("the verdict after a rotation", () => {
  for (const { network, breakage } of CASES) {
    it(`is right in the case "${breakage.name}", ${network.name}`, async () => {
      const probing = { interval: "3s", rotateAfterMs: ROTATE_AFTER_MS };
      const facts = await runVerdictCase(network, breakage, probing);
      console.log(briefVerdict(network.name, breakage, facts));
      judgeVerdict(facts, breakage);
    });
  }
});
