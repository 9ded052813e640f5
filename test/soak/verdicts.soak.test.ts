// Every fault in every network of the labs, probed every ten seconds as the exporter does by itself.
import { afterAll, describe, inject, it } from "vitest";
import { runVerdictCase } from "../lab/verdict-case.ts";
import { briefVerdict, judgeVerdict } from "../lab/verdict-judge.ts";
import { verdictNetworks } from "../lab/verdict-networks.ts";
import { table } from "./table.ts";

describe.skipIf(inject("labMissing") !== "").concurrent("the verdict, every 10 s", () => {
  const rows: (string | number)[][] = [];
  afterAll(() => {
    const heads = "network,fault,found after s,healed after s,wrong suspect s,other verdict s";
    console.log(`faults, probed every 10 s\n${table(heads.split(","), rows)}`);
  });

  for (const network of verdictNetworks()) {
    for (const breakage of network.breakages) {
      it(`is right in the case "${breakage.name}", ${network.name}`, async () => {
        const facts = await runVerdictCase(network, breakage, { interval: "10s" });
        const { foundAfter, healedAfter, wrongFor, otherFor } = facts;
        const seconds = [foundAfter, healedAfter, wrongFor, otherFor].map(Math.round);
        rows.push([network.name, breakage.name, ...seconds]);
        console.log(briefVerdict(network.name, breakage, facts));
        judgeVerdict(facts, breakage);
      });
    }
  }
});
