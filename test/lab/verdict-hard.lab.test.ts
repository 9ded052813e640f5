// One and two stages of parallel routers, a leaf-spine mesh, and ways of unequal length (topologies.ts draws them).
// Faults that kill flows for good: the exporter names the verdict and accuses what is broken, and nothing else.
// Some of them: the soak has every fault in every network.
import { describe, inject, it } from "vitest";
import { runVerdictCase } from "./verdict-case.ts";
import { briefVerdict, judgeVerdict } from "./verdict-judge.ts";
import { pick } from "./verdict-networks.ts";

const CASES = pick([
  ["two stages", "drops after the TTL check"],
  ["leaf and spine", "loses a LAG member"],
  ["one stage", "drops before the TTL check"],
  ["one stage", "two faults at once"],
]);

describe.skipIf(inject("labMissing") !== "").concurrent("the verdict on dead paths", () => {
  for (const { network, breakage } of CASES) {
    it(`is right in the case "${breakage.name}", ${network.name}`, async () => {
      const facts = await runVerdictCase(network, breakage, { interval: "3s" });
      console.log(briefVerdict(network.name, breakage, facts));
      judgeVerdict(facts, breakage);
    });
  }
});
