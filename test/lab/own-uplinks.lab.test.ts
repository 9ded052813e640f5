//           ┌─ u1 ─┬─ p1 ─┐
//  client ──┤      ├─ p2 ─┼─ j ── vip
//           └─ u2 ─┴─ p3 ─┘
// The host that probes has two uplinks and chooses between them by more than addresses. Which of them a connection of its kernel
// is handed to is the truth.
import { describe, inject, it } from "vitest";
import { Daemon } from "./daemon.ts";
import { dropEarly } from "./faults.ts";
import { Lab } from "./lab.ts";
import { oddView, PORT, QUICK } from "./odd-view.ts";
import { twoUplinks } from "./own-host.ts";
import { kernelPortsBy, type OwnRoutes, routeClient } from "./own-uplinks.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { vipOf } from "./topologies.ts";
import { interfaceTo } from "./topology.ts";

const WITHIN_MS = 30_000;
const PROTOCOLS = ["tcp", "udp"] as const;

async function inLab(
  family: 4 | 6,
  routes: OwnRoutes,
  test: (lab: Lab) => Promise<void>,
): Promise<void> {
  const lab = await Lab.build(twoUplinks(family));
  try {
    for (const protocol of PROTOCOLS) await startService(lab, "vip", protocol, PORT);
    await routeClient(lab, routes);
    await test(lab);
  } finally {
    await lab.destroy();
  }
}

/** Starts the exporter and waits until every flow of every target has had a result. */
async function probe(lab: Lab, family: 4 | 6): Promise<Daemon> {
  const host = vipOf({ family });
  const targets = [
    { name: "tcp", host, port: PORT, protocol: "tcp" },
    { name: "udp", host, port: PORT, protocol: "udp", payload: "hex", hex: "00" },
  ];
  const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets });
  await until(
    async () => {
      const views = await Promise.all(targets.map(({ name }) => oddView(daemon, name)));
      return views.every(
        ({ flows }) =>
          flows.length === QUICK.flow_buckets && flows.every(({ state }) => state !== "unknown"),
      );
    },
    { limitMs: WITHIN_MS, what: () => daemon.process.stderr },
  );
  return daemon;
}

/** Source ports of a target's flows, all of them and those that fail. */
async function portsOf(daemon: Daemon, target: string) {
  const { flows } = await oddView(daemon, target);
  const failing = flows.filter(({ state }) => state === "failing");
  return {
    all: flows.map((flow) => flow.source_port),
    failing: failing.map((flow) => flow.source_port).sort(),
  };
}

const CASES: readonly (OwnRoutes & { family: 4 | 6; broken: "u1" | "u2"; spreads: boolean })[] = [
  { family: 4, rule: `ipproto tcp dport ${PORT}`, broken: "u1", spreads: false },
  { family: 4, rule: `ipproto tcp dport ${PORT}`, broken: "u2", spreads: false },
  { family: 6, rule: "ipproto tcp sport 61000-63200", broken: "u1", spreads: true },
  { family: 4, hashPolicy: 1, broken: "u2", spreads: true },
  { family: 6, hashPolicy: 1, broken: "u2", spreads: true },
  { family: 6, hashPolicy: 0, broken: "u1", spreads: false },
];

describe.skipIf(inject("labMissing") !== "").concurrent.each(CASES)(
  "a host with two uplinks over IPv$family, rule $rule, hash policy $hashPolicy, $broken broken:",
  ({ family, broken, spreads, ...routes }) => {
    it("flows fail exactly where the kernel's own connections take the broken one", ({ expect }) =>
      inLab(family, routes, async (lab) => {
        await dropEarly(lab, broken);
        const daemon = await probe(lab, family);
        const [tcp, udp] = [await portsOf(daemon, "tcp"), await portsOf(daemon, "udp")];
        if (spreads) {
          expect(tcp.failing.length).toBeGreaterThan(0);
          expect(tcp.failing.length).toBeLessThan(tcp.all.length);
          await until(
            async () => (await oddView(daemon, "tcp")).suspects.some(({ from }) => from === null),
            { limitMs: WITHIN_MS, what: () => daemon.process.stderr },
          );
          const { verdict, suspects } = await oddView(daemon, "tcp");
          expect(verdict).toBe("path_fault");
          expect(suspects).toHaveLength(1);
          console.log(
            family,
            JSON.stringify(suspects),
            interfaceTo(lab.topology, "client", broken).peerAddress,
          );
        }
        await daemon.stop();
        // Traces and confirmations included: no packet of a flow went by the other uplink.
        for (const [protocol, { all, failing }] of [
          ["tcp", tcp],
          ["udp", udp],
        ] as const) {
          const kernels = await kernelPortsBy(lab, broken, protocol, all);
          expect(failing, `${protocol}\n${daemon.process.stderr}`).toEqual([...kernels].sort());
        }
      }));
  },
);
