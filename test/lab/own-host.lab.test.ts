//           ┌─ u1 ─┬─ p1 ─┐
//  client ──┤      ├─ p2 ─┼─ j ── vip
//           └─ u2 ─┴─ p3 ─┘
// Oddities of the host that probes: none of them is the network's fault. What `nc` meets there is the truth.
import { describe, inject, it } from "vitest";
import { Daemon } from "./daemon.ts";
import { dropForward, rule } from "./faults.ts";
import { Lab } from "./lab.ts";
import { oddView, PORT, QUICK } from "./odd-view.ts";
import {
  answersBySecondUplink,
  BACKEND_PORT,
  connects,
  halfOpen,
  ruleBySource,
  translateOutput,
  twoUplinks,
} from "./own-host.ts";
import { pause, until } from "./processes.ts";
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

    it("a translation of the target's address and port is noted, and everything works", ({
      expect,
    }) =>
      inLab(family, async (lab) => {
        await translateOutput(lab);
        await startService(lab, "vip", "tcp", BACKEND_PORT);
        await startService(lab, "vip", "udp", BACKEND_PORT);
        expect(await connects(lab)).toBe(true);
        const targets = targetsOf(family, method);
        const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets }, [
          `--receiver=${receiver}`,
        ]);
        for (const { name } of targets) {
          const watch = new Watch(daemon, name);
          await watch.allUp(QUICK.flow_buckets, WITHIN_MS);
          await watch.probedAgain(3, WITHIN_MS);
          expect(
            watch.rows.reduce((sum, row) => sum + row.failures, 0),
            watch.report(),
          ).toBe(0);
        }
        await daemon.stop();
      }));
  },
);

const REFUSALS = [
  {
    what: "rp_filter drops every answer",
    says: /rp_filter/,
    prepare: async (lab: Lab) => {
      await answersBySecondUplink(lab);
      await lab.exec("client", ["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1"]);
    },
    family: 4,
    some: false,
  },
  {
    what: "rp_filter drops the answers of some paths",
    says: /rp_filter/,
    prepare: async (lab: Lab) => {
      await answersBySecondUplink(lab, ["p3"]);
      await lab.exec("client", ["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1"]);
    },
    family: 4,
    some: true,
  },
  {
    what: "the input rules drop the answers",
    says: /input rules/,
    prepare: async (lab: Lab) => {
      const answers = "tcp flags & (syn | ack) == syn | ack tcp sport 3306 drop";
      await rule(lab, "client", "input priority 0", answers);
    },
    family: 6,
    some: false,
  },
] as const;

describe.skipIf(inject("labMissing") !== "").concurrent.each(REFUSALS)(
  "a host that does not take answers: $what",
  ({ says, prepare, family, some }) => {
    it("is the source's fault, names it and leaves nothing half open", ({ expect }) =>
      inLab(family, async (lab) => {
        await prepare(lab);
        if (!some) expect(await connects(lab)).toBe(false);
        const [tcp] = targetsOf(family, "raw");
        const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets: [tcp ?? {}] });
        await until(
          async () => {
            const { verdict, reason } = await oddView(daemon, "tcp");
            return verdict === "source_fault" && says.test(reason);
          },
          { limitMs: WITHIN_MS, what: () => daemon.process.stderr },
        );
        const watch = new Watch(daemon, "tcp");
        await watch.probedAgain(3, WITHIN_MS);
        const { flows, suspects, verdict } = await oddView(daemon, "tcp");
        expect(verdict).toBe("source_fault");
        expect(suspects).toEqual([]);
        const failing = flows.filter(({ state }) => state === "failing");
        expect(failing.length).toBeGreaterThan(0);
        expect(failing.length < flows.length, `${failing.length} of ${flows.length}`).toBe(some);
        expect(new Set(failing.map((flow) => flow.last_result))).toEqual(new Set(["unfinished"]));
        // The server would hold a connection for a minute; one that has just begun is over at the next look.
        const begun = await halfOpen(lab);
        await until(
          async () => {
            const still = await halfOpen(lab);
            return begun.every((port) => !still.includes(port));
          },
          { limitMs: 5000, what: () => `none of ${begun.join(", ")} stays half open` },
        );
        await daemon.stop();
      }));
  },
);

/** What makes a host drop answers that it took before. @returns what undoes it */
const LATER = [
  {
    what: "rp_filter becomes strict",
    says: /rp_filter/,
    family: 4,
    begin: async (lab: Lab) => {
      await answersBySecondUplink(lab);
      const set = (mode: number) =>
        lab.exec("client", ["sysctl", "-qw", `net.ipv4.conf.all.rp_filter=${mode}`]);
      await set(1);
      return () => set(0);
    },
  },
  {
    what: "the input rules drop the answers of three protocols",
    says: /input rules/,
    family: 6,
    begin: async (lab: Lab) => {
      const answers = `ip6 saddr ${vipOf({ family: 6 })} meta l4proto { tcp, udp, icmpv6 } drop`;
      const fault = await rule(lab, "client", "input priority 0", answers);
      return () => fault.heal();
    },
  },
] as const;

/** For so long a new target is looked at more closely than later on. */
const NEW_MS = 20_000;

describe.skipIf(inject("labMissing") !== "").concurrent.each(LATER)(
  "a host that stops taking answers: $what",
  ({ says, family, begin }) => {
    it("is the source's fault for each target until it takes them again", ({ expect }) =>
      inLab(family, async (lab) => {
        const targets = targetsOf(family, "raw");
        const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets });
        const all = (wanted: string, reason: RegExp): Promise<unknown> =>
          until(
            async () => {
              const views = await Promise.all(targets.map(({ name }) => oddView(daemon, name)));
              return views.every((view) => view.verdict === wanted && reason.test(view.reason));
            },
            { limitMs: WITHIN_MS, what: () => `all ${wanted}: ${daemon.process.stderr}` },
          );
        await pause(NEW_MS);
        await all("healthy", /./);
        const heal = await begin(lab);
        await all("source_fault", says);
        for (const { name } of targets) {
          expect((await oddView(daemon, name)).suspects, name).toEqual([]);
        }
        await heal();
        await all("healthy", /./);
        await daemon.stop();
      }));
  },
);

describe.skipIf(inject("labMissing") !== "").concurrent.each([4, 6] as const)(
  "a host whose firewall does not let resets out, over IPv%s,",
  (family) => {
    it("is the source's fault and is named, though the server repeats its SYN-ACK", ({ expect }) =>
      inLab(family, async (lab) => {
        await rule(lab, "client", "output priority 0", "tcp flags & rst == rst drop");
        const [tcp] = targetsOf(family, "raw");
        const daemon = await Daemon.start(lab, "client", { probe: QUICK, targets: [tcp ?? {}] });
        const view = await until(
          async () => {
            const now = await oddView(daemon, "tcp");
            return now.verdict === "source_fault" ? now : undefined;
          },
          { limitMs: WITHIN_MS, what: () => daemon.process.stderr },
        );
        expect(view.reason).toMatch(/does not let the resets out.*EPERM.*output rules/);
        expect(view.suspects).toEqual([]);
        await daemon.stop();
      }));
  },
);
