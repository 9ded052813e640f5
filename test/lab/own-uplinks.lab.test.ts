//           ┌─ u1 ─┬─ p1 ─┐
//  client ──┤      ├─ p2 ─┼─ j ── vip
//           └─ u2 ─┴─ p3 ─┘
// The host that probes has two uplinks and chooses between them by more than addresses. Which of them a connection of its kernel
// is handed to is the truth.
import { describe, inject, it } from "vitest";
import { Daemon } from "./daemon.ts";
import { dropEarly, rule } from "./faults.ts";
import { Lab } from "./lab.ts";
import { oddView, PORT, QUICK } from "./odd-view.ts";
import { twoUplinks } from "./own-host.ts";
import { changeRule, kernelPortsBy, type OwnRoutes, routeClient } from "./own-uplinks.ts";
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

const TARGETS = PROTOCOLS.map((protocol) => ({
  name: protocol,
  port: PORT,
  protocol,
  ...(protocol === "udp" && { payload: "hex", hex: "00" }),
}));

/** Starts the exporter and waits until every flow of every target has had a result. */
async function probe(lab: Lab, family: 4 | 6): Promise<Daemon> {
  const targets = TARGETS.map((target) => ({ ...target, host: vipOf({ family }) }));
  const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets });
  for (const { name } of targets) {
    await states(daemon, name, (state) => state !== "unknown");
  }
  return daemon;
}

/** Waits until all flows of a target are in such a state. */
function states(
  daemon: Daemon,
  target: string,
  such: (state: string) => boolean,
): Promise<unknown> {
  const all = async (): Promise<boolean> => {
    const { flows } = await oddView(daemon, target);
    return flows.length === QUICK.flow_buckets && flows.every(({ state }) => such(state));
  };
  return until(all, { limitMs: WITHIN_MS, what: () => daemon.process.stderr });
}

/** Source ports of a target's flows: all of them, and those that fail. */
async function portsOf(daemon: Daemon, target: string) {
  const { flows } = await oddView(daemon, target);
  const failing = flows.filter(({ state }) => state === "failing");
  return {
    all: flows.map((flow) => flow.source_port),
    failing: failing.map((flow) => flow.source_port).sort(),
  };
}

const BY_PORT = `ipproto tcp dport ${PORT}`;
const CASES: readonly (OwnRoutes & { family: 4 | 6; broken: "u1" | "u2"; spreads: boolean })[] = [
  { family: 6, rule: "ipproto tcp sport 61000-63200", broken: "u1", spreads: true },
  { family: 4, hashPolicy: 1, broken: "u2", spreads: true },
  { family: 6, hashPolicy: 1, broken: "u2", spreads: true },
  { family: 4, rule: BY_PORT, broken: "u1", spreads: false },
  { family: 4, rule: BY_PORT, broken: "u2", spreads: false },
  { family: 6, hashPolicy: 0, broken: "u1", spreads: false },
];

describe.skipIf(inject("labMissing") !== "").concurrent("a host with two uplinks", () => {
  it("probes and traces follow a rule that comes and goes, and go no other way meanwhile", ({
    expect,
  }) =>
    inLab(4, { rule: BY_PORT }, async (lab) => {
      const daemon = await probe(lab, 4);
      const { all } = await portsOf(daemon, "tcp");
      await states(daemon, "tcp", (state) => state === "up");
      // UDP goes by the first uplink, with the same ports.
      await dropEarly(lab, "u1");
      await states(daemon, "udp", (state) => state === "failing");
      await states(daemon, "tcp", (state) => state === "up");
      await changeRule(lab, "del", BY_PORT);
      await states(daemon, "tcp", (state) => state === "failing");
      expect((await kernelPortsBy(lab, "u1", "tcp", all)).size).toBe(all.length);
      await changeRule(lab, "add", BY_PORT);
      await states(daemon, "tcp", (state) => state === "up");
      await daemon.stop();
    }));

  it.for(CASES)(
    "IPv$family, rule $rule, hash policy $hashPolicy: flows fail exactly where its connections take the broken $broken",
    ({ family, broken, spreads, ...routes }, { expect }) =>
      inLab(family, routes, async (lab) => {
        const { peerAddress } = interfaceTo(lab.topology, "client", broken);
        await dropEarly(lab, broken);
        const daemon = await probe(lab, family);
        const found = [await portsOf(daemon, "tcp"), await portsOf(daemon, "udp")] as const;
        if (spreads) {
          // Nothing has ever answered by way of it, traces included: this host's own routes name it.
          const named = { from: null, to: peerAddress, place: "link" };
          const placed = async (): Promise<boolean> => {
            const view = await oddView(daemon, "tcp");
            if (view.suspects.length > 0) expect(view.suspects).toMatchObject([named]);
            return view.verdict === "path_fault" && view.suspects.length > 0;
          };
          await until(placed, { limitMs: WITHIN_MS, what: () => daemon.process.stderr });
        }
        await daemon.stop();
        for (const [at, protocol] of PROTOCOLS.entries()) {
          const { all, failing } = found[at] ?? found[0];
          if (spreads && protocol === "tcp") {
            expect(failing.length).toBeGreaterThan(0);
            expect(failing.length).toBeLessThan(all.length);
          }
          const kernels = await kernelPortsBy(lab, broken, protocol, all);
          expect(failing, `${protocol}\n${daemon.process.stderr}`).toEqual([...kernels].sort());
        }
      }),
  );

  it("it is said where a rule cannot be followed without passing by a NAT", ({ expect }) =>
    inLab(4, { rule: BY_PORT }, async (lab) => {
      await rule(lab, "client", "output priority 0", "ct state invalid drop");
      const daemon = await probe(lab, 4);
      const { peerAddress, name } = interfaceTo(lab.topology, "client", "u2");
      const said = `Connections leave this host by ${peerAddress} on ${name}, probes do not: `;
      const { reason } = await oddView(daemon, "tcp");
      expect(reason).toContain(`For ${QUICK.flow_buckets} of ${QUICK.flow_buckets} flows`);
      expect(reason).toContain(said);
      expect((await oddView(daemon, "udp")).reason).not.toContain(said);
      expect(daemon.process.stderr.split("do not go the way of connections").length).toBe(2);
      await daemon.stop();
    }));
});
