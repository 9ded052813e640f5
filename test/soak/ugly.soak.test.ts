// Networks that look as bad as they can while every connection works (test/blind/ugly-networks.ts), for ten minutes each:
// nobody is accused.
import assert from "node:assert/strict";
import { afterAll, describe, inject, it } from "vitest";
import { uglyCases } from "../blind/ugly-networks.ts";
import { runHealthyCase } from "../lab/healthy-cases.ts";
import { table } from "./table.ts";

/** Shorter for a try: `SOAK_SECONDS=60 npm run soak`. */
const WATCHED_MS = Number(process.env["SOAK_SECONDS"] ?? 600) * 1000;

describe.skipIf(inject("labMissing") !== "").concurrent("an ugly network, for long", () => {
  const rows: (string | number)[][] = [];
  afterAll(() => {
    const heads = "network,alarms,healthy after s,probes,failures,paths,path changes".split(",");
    console.log(`ugly networks, ${WATCHED_MS / 1000} s each\n${table(heads, rows)}`);
  });

  for (const told of uglyCases()) {
    it(`raises no alarm: ${told.name}`, async () => {
      const facts = await runHealthyCase(told, WATCHED_MS);
      const { alarms, healthyAfter, probes, failures, paths, pathChanges } = facts;
      rows.push([
        told.name,
        alarms.length,
        Math.round(healthyAfter),
        probes,
        failures,
        paths,
        pathChanges,
      ]);
      assert.deepEqual(alarms, [], facts.timeline);
      assert.ok(Number.isFinite(healthyAfter), facts.timeline);
      // While routes move the network itself may lose a packet.
      assert.ok(failures <= (told.flapping === undefined ? 0 : probes / 500), `${failures} failed`);
    });
  }
});
