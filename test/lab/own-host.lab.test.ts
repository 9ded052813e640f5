//           ┌─ u1 ─┬─ p1 ─┐
//  client ──┤      ├─ p2 ─┼─ j ── vip
//           └─ u2 ─┴─ p3 ─┘
// Oddities of the host that probes: none of them is the network's fault. What `nc` meets there is the truth.
import { describe, inject, it } from "vitest";
import { Daemon } from "./daemon.ts";
import { dropForward } from "./faults.ts";
import { Lab } from "./lab.ts";
import { PORT, QUICK } from "./odd-view.ts";
import { connects, ruleBySource, twoUplinks } from "./own-host.ts";
import { startService } from "./services.ts";
import { vipOf } from "./topologies.ts";
import { Watch } from "./watch.ts";

const WITHIN_MS = 30_000;

/** A network of its own for one test, with the service running. */
async function inLab(family: 4 | 6, test: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await Lab.build(twoUplinks(family));
  try {
    await startService(lab, "vip", "tcp", PORT);
    await startService(lab, "vip", "udp", PORT);
    await test(lab);
  } finally {
    await lab.destroy();
  }
}

/** Every way of probing the service; one way by TCP only, for the two would have the same flows. */
function targetsOf(family: 4 | 6, method: "raw" | "connect") {
  const host = vipOf({ family });
  return [
    { name: "tcp", host, port: PORT, protocol: "tcp", method },
    { name: "udp", host, port: PORT, protocol: "udp", payload: "hex", hex: "00" },
    { name: "icmp", host, protocol: "icmp" },
  ];
}

const CASES = ([4, 6] as const).flatMap((family) => [
  { family, receiver: "auto", method: "raw" } as const,
  { family, receiver: "raw", method: "connect" } as const,
]);

describe.skipIf(inject("labMissing") !== "").concurrent.each(CASES)(
  "the host's own rules over IPv$family, receiver $receiver, TCP by $method:",
  ({ family, receiver, method }) => {
    it("a rule by source sends probes and traces where it sends connections", ({ expect }) =>
      inLab(family, async (lab) => {
        await dropForward(lab, "u1");
        await ruleBySource(lab);
        expect(await connects(lab)).toBe(true);
        const targets = targetsOf(family, method);
        const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets }, [
          `--receiver=${receiver}`,
        ]);
        for (const { name } of targets) {
          const watch = new Watch(daemon, name);
          await watch.allUp(QUICK.flow_buckets, WITHIN_MS);
          expect(
            watch.rows.reduce((sum, row) => sum + row.failures, 0),
            name,
          ).toBe(0);
        }
        // Not even a packet of a trace went by the other uplink.
        expect(await lab.truth("u1").ports()).toEqual(new Set());
        await daemon.stop();
      }));
  },
);
