// Leaf-spine and two stages of four by four, fully meshed; routers answer an expired TTL from the interface that the probe
// came in by, or from one that the answer leaves by. Default settings, stock ICMP limits. Whatever breaks is one suspect
// of the right place, with a name that stays.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { briefPlace, runPlaceCase } from "../blind/place-case.ts";
import { placeCases } from "../blind/place-networks.ts";

const ONLY = process.env["PLACE_CASES"] ?? "";

describe.skipIf(inject("labMissing") !== "").concurrent("the place of a fault", () => {
  const all = [
    ...placeCases("interface"),
    ...placeCases("outgoing"),
    ...placeCases("outgoing", true),
  ];
  for (const told of all.filter(({ name }) => name.includes(ONLY))) {
    it(`is one suspect: ${told.name}`, async () => {
      const facts = await runPlaceCase(told);
      console.log(briefPlace(told.name, facts));
      assert.ok(Number.isFinite(facts.foundAfter), `stands in the end\n${facts.timeline}`);
      assert.deepEqual(facts.wrong, [], facts.timeline);
      assert.equal(facts.names.length, 1, facts.timeline);
      assert.deepEqual(facts.unreasoned, []);
    });
  }
});
