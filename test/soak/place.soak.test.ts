// Leaf-spine and two stages of four by four, fully meshed; routers answer an expired TTL from the interface that the probe
// came in by, or from one that the answer leaves by. Default settings, stock ICMP limits. Whatever breaks is one suspect
// of the right place, with a name that stays, and all is over soon after it.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { briefPlace, runPlaceCase } from "../blind/place-case.ts";
import { placeCases } from "../blind/place-networks.ts";

const ONLY = process.env["PLACE_CASES"] ?? "";
/** Each fault lasts so long where it is given: `SOAK_SECONDS=300` shows that names stay. */
const LASTS_S = process.env["SOAK_SECONDS"];
const WATCHED_MS = LASTS_S === undefined ? undefined : Number(LASTS_S) * 1000;

describe.skipIf(inject("labMissing") !== "").concurrent("the place of a fault", () => {
  const all = [
    ...placeCases("interface"),
    ...placeCases("outgoing"),
    ...placeCases("outgoing", true),
  ];
  for (const told of all.filter(({ name }) => name.includes(ONLY))) {
    it(`is one suspect: ${told.name}`, async () => {
      const facts = await runPlaceCase(told, WATCHED_MS);
      console.log(briefPlace(told.name, facts));
      assert.ok(Number.isFinite(facts.foundAfter), `stands in the end\n${facts.timeline}`);
      assert.deepEqual(facts.wrong, [], facts.timeline);
      assert.equal(facts.names.length, 1, facts.timeline);
      assert.deepEqual(facts.unreasoned, []);
      assert.ok(Number.isFinite(facts.healthyAfter), "healthy within two minutes of its end");
    });
  }
});
