// The networks of topologies.ts with nothing wrong in them, though some look odd: a hop that never answers, one that
// answers one TTL in five, uneven weights, ports that rotate every 30 s, a router that routing leaves out and takes
// back. For a minute each: nobody is accused, and no verdict is told but `healthy`, or `indeterminate` at the start.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { healthyCases, runHealthyCase } from "./healthy-cases.ts";

const WATCHED_MS = 60_000;
const HEALTHY_WITHIN_S = 30;
/** Left to the soak, which watches all of them for longer: the others have the same in them, and something more. */
const SOAK_ONLY: ReadonlySet<string> = new Set([
  "one stage",
  "two stages",
  "leaf and spine",
  "uneven weights",
]);

describe.skipIf(inject("labMissing") !== "").concurrent("a healthy network", () => {
  for (const told of healthyCases().filter(({ name }) => !SOAK_ONLY.has(name))) {
    it(`raises no alarm: ${told.name}`, async () => {
      const facts = await runHealthyCase(told, WATCHED_MS);
      assert.deepEqual(facts.alarms, [], facts.timeline);
      assert.ok(facts.healthyAfter <= HEALTHY_WITHIN_S, facts.timeline);
      assert.ok(facts.probes > 0 && facts.failures === 0, `${facts.failures} probes failed`);
      if (told.flapping !== undefined) {
        assert.ok(facts.rehashes >= 2 && facts.pathChanges > 0, "flows changed their paths");
      }
    });
  }
});
