// Real paths counted as what they are: four, eight and twelve, where routers answer from the interface that a probe came in
// by, or from one that the answer leaves by with an inventory that says which addresses are one router. Ports rotate
// every 20 s: coverage never falls at a rotation. It may where another path is found, since there were more than had been seen.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, inject, it } from "vitest";
import { inventoryOf } from "../blind/inventory.ts";
import { Looks, timeline } from "../blind/looks.ts";
import { Daemon } from "../lab/daemon.ts";
import { Lab } from "../lab/lab.ts";
import { startService } from "../lab/services.ts";
import { story, twoStage, VIP } from "../lab/topologies.ts";
import type { Topology } from "../lab/topology.ts";

const COUNTED_WITHIN_MS = 60_000;
const ROTATIONS_MS = 45_000;
const incoming = { hostAccess: ["client"], answersFrom: "interface" } as const;
const outgoing = { hostAccess: ["client"], answersFrom: "outgoing" } as const;

const CASES: readonly { paths: number; topology: Topology; inventory: boolean }[] = [
  { paths: 4, topology: story(4, incoming), inventory: false },
  { paths: 8, topology: story(8, incoming), inventory: false },
  { paths: 12, topology: twoStage(3, 4, incoming), inventory: false },
  { paths: 4, topology: twoStage(2, 2, outgoing), inventory: true },
  { paths: 8, topology: twoStage(2, 4, outgoing), inventory: true },
  { paths: 12, topology: twoStage(4, 3, outgoing), inventory: true },
];

describe.skipIf(inject("labMissing") !== "").concurrent("real paths", () => {
  for (const { paths, topology, inventory } of CASES) {
    const way = `${topology.spec.name}, ${topology.spec.answersFrom}`;
    it(`are ${paths}, counted as ${paths}, and coverage never falls: ${way}`, async () => {
      const lab = await Lab.build(topology);
      try {
        await startService(lab, "vip", "tcp", 3306);
        const directory = lab.temporaryDirectory();
        writeFileSync(join(directory, "routers.json"), JSON.stringify(inventoryOf(lab)));
        const daemon = await Daemon.start(lab, "client", {
          probe: { rotation: "*/20 * * * * *" },
          ...(inventory ? { routers: { files: [join(directory, "*.json")] } } : {}),
          targets: [{ name: "service", host: VIP, port: 3306, protocol: "tcp" }],
        });
        try {
          const looks = new Looks(daemon, "service");
          const counted = async () => (await daemon.metrics()).value("ecmp_target_paths");
          const start = performance.now();
          await looks.until(
            `${paths} paths`,
            COUNTED_WITHIN_MS,
            ({ coverage }) => coverage.paths === paths,
          );
          const took = (performance.now() - start) / 1000;
          await looks.during(ROTATIONS_MS);
          const told = looks.all.map(({ view }) => view.coverage);
          const falls = told.flatMap((now, index) => {
            const before = told[index - 1];
            if (before === undefined || before.paths !== now.paths) return [];
            const { confidence } = before;
            return now.confidence < confidence - 1e-9 ? [`${confidence} to ${now.confidence}`] : [];
          });
          const most = Math.max(...told.map((each) => each.paths));
          console.log(
            `${way}: ${paths} paths after ${took.toFixed(0)} s, at most ${most}, coverage at last ${told.at(-1)?.confidence}, falls [${falls}]`,
          );
          assert.deepEqual(falls, [], "coverage falls");
          assert.equal(most, paths, "no more than there are");
          assert.equal(await counted(), paths);
          const alarms = looks.all.filter(({ view }) => view.suspects.length > 0);
          assert.equal(alarms.length, 0, timeline(looks.all));
        } finally {
          await daemon.stop();
        }
      } finally {
        await lab.destroy();
      }
    });
  }
});
