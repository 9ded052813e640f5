// Networks with one oddity each (odd-networks.ts): hops that answer with the target's address or with one another's, a
// router that lets only SYN through, one that balances by packet, one that limits what it lets through. Default settings.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { oddCases } from "../blind/odd-networks.ts";
import { briefPlace, runPlaceCase } from "../blind/place-case.ts";

const ONLY = process.env["ODD_CASES"] ?? "";

describe.skipIf(inject("labMissing") !== "").concurrent("an odd network", () => {
  for (const told of oddCases().filter(({ name }) => name.includes(ONLY))) {
    it(`does not mislead: ${told.name}`, async () => {
      const facts = await runPlaceCase(told);
      console.log(`${briefPlace(told.name, facts)}\n${facts.timeline}`);
      assert.deepEqual(facts.wrong, [], facts.timeline);
      if (!told.places.includes("endpoint")) {
        assert.ok(Number.isFinite(facts.foundAfter), `stands in the end\n${facts.timeline}`);
        assert.equal(facts.names.length, 1, facts.timeline);
      }
      assert.deepEqual(facts.unreasoned, []);
    });
  }
});
