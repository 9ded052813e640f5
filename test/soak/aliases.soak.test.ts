// Routers that answer from the interface by which their answer leaves, no inventory, stock ICMP limits: the addresses that share a limit
// become one router, and the paths are counted as what they are. Never are two routers taken for one, whatever they answer from.
import assert from "node:assert/strict";
import { describe, inject, it } from "vitest";
import { inventoryOf } from "../blind/inventory.ts";
import { Looks } from "../blind/looks.ts";
import { Daemon, NEVER } from "../lab/daemon.ts";
import { Lab } from "../lab/lab.ts";
import { startService } from "../lab/services.ts";
import { leafSpine, twoStage, VIP } from "../lab/topologies.ts";

const WITHIN_MS = 260_000;
const PATHS = 16;
const CASES = (["outgoing", "interface", "loopback"] as const).flatMap((answersFrom) => [
  leafSpine(4, 4, { hostAccess: ["client"], answersFrom, seed: 3 }),
  twoStage(4, 4, { hostAccess: ["client"], answersFrom, seed: 5 }),
]);

describe.skipIf(inject("labMissing") !== "").concurrent("aliases", () => {
  for (const topology of CASES) {
    const way = `${topology.spec.name}, ${topology.spec.answersFrom}`;
    it(`are found where there are any, and paths counted over routers: ${way}`, async () => {
      const lab = await Lab.build(topology);
      try {
        await startService(lab, "vip", "tcp", 3306);
        const daemon = await Daemon.start(lab, "client", {
          probe: { rotation: NEVER },
          targets: [{ name: "service", host: VIP, port: 3306, protocol: "tcp" }],
        });
        try {
          const looks = new Looks(daemon, "service");
          const start = performance.now();
          await looks.learnt(WITHIN_MS);
          const learnt = (performance.now() - start) / 1000;
          await looks.until(
            `${PATHS} paths`,
            WITHIN_MS,
            ({ coverage }) => coverage.paths === PATHS,
          );
          const took = (performance.now() - start) / 1000;
          const metrics = await daemon.metrics();
          const joined = metrics.series("ecmp_router_info");
          const packets = metrics.series("ecmp_trace_packets_total", { purpose: "survey" });
          console.log(
            `${way}: every path known after ${learnt.toFixed(0)} s, ${PATHS} paths after ${took.toFixed(0)} s, ${joined.length} addresses joined, ${packets[0]?.value} packets`,
          );
          const routers = inventoryOf(lab);
          const owner = (address: string | undefined): string | undefined =>
            routers.find(({ addresses }) => addresses.includes(address ?? ""))?.name;
          for (const { labels } of joined) {
            assert.equal(owner(labels["hop"]), owner(labels["router"]), JSON.stringify(labels));
            assert.equal(labels["source"], "limit");
          }
          if (topology.spec.answersFrom !== "outgoing") assert.deepEqual(joined, []);
        } finally {
          await daemon.stop();
        }
      } finally {
        await lab.destroy();
      }
    });
  }
});
