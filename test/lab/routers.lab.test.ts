//                ┌─ a1 ─┬─ b1 ─┐
//  client ── r1 ─┤      ╳      ├─ r2 ── vip (192.0.2.10:3306, TCP)
//                └─ a2 ─┴─ b2 ─┘
// Routers that answer from the interface that the answer leaves by, so that b1, b2 and r2 show two addresses each, and an
// inventory of all of them: the four paths are told as four, and a rotation takes nothing away from coverage.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { Daemon, NEVER } from "./daemon.ts";
import { Findings } from "./findings.ts";
import { Lab } from "./lab.ts";
import { startService } from "./services.ts";
import { twoStage, VIP } from "./topologies.ts";

const BUCKETS = 32;
const KNOWN_WITHIN_MS = 60_000;
/** Every half minute, so that the test sees one. */
const ROTATION = "*/30 * * * * *";

it.skipIf(inject("labMissing") !== "")(
  "four paths over routers of an inventory are four",
  async () => {
    const topology = twoStage(2, 2, { hostAccess: ["client"], answersFrom: "outgoing" });
    const lab = await Lab.build(topology);
    try {
      await startService(lab, "vip", "tcp", 3306);
      const inventory = join(lab.temporaryDirectory(), "routers.json");
      const routers = [...topology.nodes.values()].filter(({ router }) => router);
      const listed = routers.map(({ name, address, interfaces }) => ({
        name,
        addresses: [address, ...interfaces.map((each) => each.address)],
      }));
      writeFileSync(inventory, JSON.stringify(listed));
      const daemon = await Daemon.start(lab, "client", {
        probe: { interval: "5s", timeout: "1s", flow_buckets: BUCKETS, rotation: ROTATION },
        trace: { survey: NEVER },
        routers: { files: [inventory] },
        targets: [{ name: "service", host: VIP, port: 3306, protocol: "tcp" }],
      });
      const findings = new Findings(daemon, "service");
      let coverage = 0;
      let rotated = false;
      let ports = "";
      await findings.until(
        "four paths are known, before and after a rotation",
        KNOWN_WITHIN_MS,
        ({ flows, coverage: now }) => {
          expect(now.paths, findings.report()).toBeLessThanOrEqual(4);
          expect(now.confidence, findings.report()).toBeGreaterThanOrEqual(rotated ? coverage : 0);
          coverage = now.confidence;
          const current = flows.map((flow) => flow.source_port).join();
          rotated ||= ports !== "" && current !== ports && coverage > 0;
          ports = current;
          return now.paths === 4 && rotated && coverage > 0.9;
        },
      );
      const metrics = await daemon.metrics();
      expect(metrics.sum("ecmp_target_paths")).toBe(4);
      expect(metrics.sum("ecmp_router_info", { router: "b1", source: "inventory" })).toBe(2);
      await daemon.stop();
    } finally {
      await lab.destroy();
    }
  },
);
