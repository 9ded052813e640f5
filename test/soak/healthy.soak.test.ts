// Every healthy network of the labs for ten minutes, two at a time: no alarm may be raised.
import assert from "node:assert/strict";
import { afterAll, describe, inject, it } from "vitest";
import { healthyCases, runHealthyCase } from "../lab/healthy-cases.ts";
import { table } from "./table.ts";

/** Shorter for a try: `SOAK_SECONDS=60 npm run soak`. */
const WATCHED_MS = Number(process.env["SOAK_SECONDS"] ?? 600) * 1000;

describe.skipIf(inject("labMissing") !== "").concurrent("a healthy network, for long", () => {
  const rows: (string | number)[][] = [];
  afterAll(() => {
    const heads = "network,alarms,healthy after s,probes,failures,paths,path changes,rehashes";
    console.log(`healthy networks, ${WATCHED_MS / 1000} s each\n${table(heads.split(","), rows)}`);
  });

  for (const told of healthyCases()) {
    it(`raises no alarm: ${told.name}`, async () => {
      const facts = await runHealthyCase(told, WATCHED_MS);
      const { alarms, healthyAfter, probes, failures, paths, pathChanges, rehashes } = facts;
      rows.push([
        told.name,
        alarms.length,
        Math.round(healthyAfter),
        probes,
        failures,
        paths,
        pathChanges,
        rehashes,
      ]);
      assert.deepEqual(alarms, [], facts.timeline);
    });
  }
});
