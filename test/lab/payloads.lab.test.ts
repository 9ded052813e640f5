//                ┌─ r2 ─┐
//  client ── r1 ─┼─ …  ─┼─ r6 ── vip (192.0.2.10: dnsmasq, chronyd, a QUIC server, our reflector, an echo service)
//                └─ r5 ─┘
// UDP probes that real servers answer, side by side: one router breaks, and each target names its own flows and the last
// hop. Then what a reflector's counts add: on which way packets are lost.
import assert from "node:assert/strict";
import { describe, expect, inject, it } from "vitest";
import { Daemon, NEVER } from "./daemon.ts";
import { dropForward, dropReplies, type Fault } from "./faults.ts";
import { Findings, type TargetView } from "./findings.ts";
import { Lab } from "./lab.ts";
import type { Metrics } from "./metrics.ts";
import { startService } from "./services.ts";
import { story, VIP, VIP6 } from "./topologies.ts";
import { SERVER_PORTS, serversAreMissing, startServer, type UdpProtocol } from "./udp-servers.ts";
import { Watch } from "./watch.ts";

const BUCKETS = 12;
const PATIENCE_MS = 60_000;
const BROKEN = "r4";
const PROBE = { interval: "2s", timeout: "1s", flow_buckets: BUCKETS, rotation: NEVER };

/** A target of its own source ports, so that the routers' records tell the targets apart. */
interface Case {
  readonly name: UdpProtocol | "hex";
  readonly port: number;
  readonly first: number;
  readonly payload: Readonly<Record<string, string>>;
}

const CASES: readonly Case[] = [
  { name: "dns", port: SERVER_PORTS.dns, first: 61_000, payload: { dns: "www.example.net" } },
  { name: "ntp", port: SERVER_PORTS.ntp, first: 62_000, payload: {} },
  { name: "quic", port: SERVER_PORTS.quic, first: 63_000, payload: {} },
  { name: "stamp", port: SERVER_PORTS.stamp, first: 64_000, payload: {} },
  { name: "hex", port: 7, first: 65_000, payload: { hex: "01 02 03", expect: "0102" } },
];

const targetOf = ({ name, port, first, payload }: Case, family: 4 | 6) => ({
  name,
  host: family === 4 ? VIP : VIP6,
  port,
  protocol: "udp",
  payload: name,
  ...payload,
  source_ports: `${first}-${first + 499}`,
});

/** Builds the network, starts servers and exporter, and cleans up. */
async function withLab(
  cases: readonly Case[],
  family: 4 | 6,
  run: (lab: Lab, daemon: Daemon) => Promise<void>,
): Promise<void> {
  const lab = await Lab.build(story(4, { family, hostAccess: ["client"] }));
  try {
    await Promise.all(
      cases.map(({ name, port }) =>
        name === "hex" ? startService(lab, "vip", "udp", port) : startServer(lab, "vip", name),
      ),
    );
    const config = { probe: PROBE, targets: cases.map((each) => targetOf(each, family)) };
    const daemon = await Daemon.start(lab, "client", config);
    try {
      await run(lab, daemon);
    } finally {
      await daemon.stop();
    }
  } finally {
    await lab.destroy();
  }
}

const stampOnly = CASES.filter(({ name }) => name === "stamp");

/** Whether paths are at fault, and every suspect lies on this part of the way. */
function allOf(segment: string): (view: TargetView) => boolean {
  return ({ verdict, suspects }) =>
    verdict === "path_fault" &&
    suspects.length > 0 &&
    suspects.every((suspect) => suspect.segment === segment);
}

/** Losses that the reflector's counts have shown. */
function lossesOf(metrics: Metrics, direction: string): number {
  return metrics.value("ecmp_one_way_losses_total", { target: "stamp", direction });
}

/** The last host drops the probes of every third source port, before its service sees them. */
async function dropAtTheEnd(lab: Lab): Promise<Fault> {
  const chain = "chain c { type filter hook input priority 0; udp sport & 3 == 1 drop; }";
  await lab.nft("vip", `table ip ecl_fault_end {\n  ${chain}\n}\n`);
  return { heal: async () => void (await lab.nft("vip", "delete table ip ecl_fault_end\n")) };
}

const skipped = inject("labMissing") !== "" || serversAreMissing();

describe.skipIf(skipped).concurrent("UDP probes with a payload", () => {
  it.each([
    [4, CASES],
    [6, CASES.filter(({ name }) => name !== "ntp" && name !== "hex")],
  ] as const)(
    "find the flows of a broken router through real servers over IPv%d",
    async (family, cases) => {
      await withLab(cases, family, async (lab, daemon) => {
        const vip = family === 4 ? VIP : VIP6;
        const watches = cases.map((each) => ({ ...each, watch: new Watch(daemon, each.name) }));
        await Promise.all(watches.map(({ watch }) => watch.allUp(BUCKETS, PATIENCE_MS)));
        const truth = lab.truth(BROKEN);
        const fault = await dropForward(lab, BROKEN);
        await truth.reset();
        const hop = lab.answerAddress(BROKEN, "r1");
        await Promise.all(watches.map(({ watch }) => watch.probedAgain(2, PATIENCE_MS)));
        await Promise.all(
          watches.map(({ name, first, watch }) =>
            watch.until(`${name} ends at ${hop}`, PATIENCE_MS, async (rows) => {
              const ports = [...(await truth.ports())].filter((p) => p >= first && p < first + 500);
              const failing = rows.filter(({ up }) => !up);
              assert.deepEqual(
                failing.map(({ sourcePort }) => sourcePort).sort((a, b) => a - b),
                ports.sort((a, b) => a - b),
              );
              return ports.length > 0 && failing.every(({ lastHop }) => lastHop === hop);
            }),
          ),
        );
        for (const { watch } of watches) {
          expect(watch.rows.filter(({ up }) => up).every(({ lastHop }) => lastHop === vip)).toBe(
            true,
          );
        }
        const findings = new Findings(daemon, "stamp");
        await findings.until("every suspect is forward", PATIENCE_MS, allOf("forward"));
        await fault.heal();
        await Promise.all(watches.map(({ watch }) => watch.allUp(BUCKETS, PATIENCE_MS)));
        const metrics = await daemon.metrics();
        expect(lossesOf(metrics, "forward")).toBeGreaterThan(0);
        expect(lossesOf(metrics, "return")).toBe(0);
        const ignored = (reason: string) =>
          metrics.value("ecmp_exporter_packets_ignored_total", { reason });
        expect(ignored("malformed") + ignored("wrong_answer") + ignored("wrong_quote")).toBe(0);
        expect(metrics.sum("ecmp_probe_failure_reasons_total", { reason: "timeout" })).toBe(
          metrics.sum("ecmp_probe_failures_total", {}),
        );
      });
    },
  );

  it.each([
    ["replies are lost behind a router", "return", (lab: Lab) => dropReplies(lab, BROKEN)],
    ["requests are lost behind the last router", "forward", dropAtTheEnd],
  ] as const)("know by the reflector's counts that %s: %s", async (_, segment, breakIt) => {
    await withLab(stampOnly, 4, async (lab, daemon) => {
      const watch = new Watch(daemon, "stamp");
      const findings = new Findings(daemon, "stamp");
      await watch.allUp(BUCKETS, PATIENCE_MS);
      await breakIt(lab);
      await findings.until(`every suspect is ${segment}`, PATIENCE_MS, allOf(segment));
      const metrics = await watch.look();
      expect(lossesOf(metrics, segment)).toBeGreaterThan(0);
      expect(lossesOf(metrics, segment === "forward" ? "return" : "forward")).toBe(0);
      console.log(`${segment}: ${findings.report()}`);
    });
  });
});
