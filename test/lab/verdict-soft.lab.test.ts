// One and two stages of parallel routers, a leaf-spine mesh, and ways of unequal length (topologies.ts draws them).
// Faults that spare some packets or lie at the ends: loss, replies that die, the last router, the source itself.
// Some of them: the soak has every fault in every network.
import { describe, inject, it } from "vitest";
import { runVerdictCase } from "./verdict-case.ts";
import { briefVerdict, judgeVerdict } from "./verdict-judge.ts";
import { pick } from "./verdict-networks.ts";

const CASES = pick([
  ["two stages", "loses 10 %"],
  ["leaf and spine", "loses 30 %"],
  ["two stages", "drops replies"],
  ["two stages", "last router drops"],
  ["leaf and spine", "own firewall drops"],
]);

describe
  .skipIf(inject("labMissing") !== "")
  .concurrent("the verdict on loss and on the ends", () => {
    for (const { network, breakage } of CASES) {
      it(`is right in the case "${breakage.name}", ${network.name}`, async () => {
        const facts = await runVerdictCase(network, breakage, { interval: "3s" });
        console.log(briefVerdict(network.name, breakage, facts));
        judgeVerdict(facts, breakage);
      });
    }
  });
