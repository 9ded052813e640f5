//                       ┌─ r2 ─┐
//  client ── r1 (NAT) ──┼─ r3 ─┼─ r6 ── vip (192.0.2.10, TCP and UDP 3306)
//                       ├─ r4 ─┤
//                       └─ r5 ─┘
// A translation on the way: routers behind it quote packets that we did not send like that.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, inject, it } from "vitest";
import { Daemon, NEVER } from "./daemon.ts";
import { dropForward } from "./faults.ts";
import { Findings } from "./findings.ts";
import { Lab } from "./lab.ts";
import { programPath, startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";
import { Watch } from "./watch.ts";

const BUCKETS = 16;
const WITHIN_MS = 60_000;
/** Class selector 1 (RFC 2474). */
const MARK = 8;

/** What the API says beside what other labs look at. */
interface OnPath {
  readonly nat: unknown;
  readonly dscp_change: unknown;
  readonly hops: readonly { address: string; name: string | null; translated: boolean | null }[];
}

/** r1 gives the client its own address, packet by packet without any state, and marks what it passes on. */
async function translateStatelessly(lab: Lab): Promise<void> {
  const [inside, outside] = [lab.address("client"), lab.address("r1")];
  await lab.nft(
    "r1",
    `table ip translation {
  chain there {
    type filter hook postrouting priority 0
    oifname != "to-client" ip saddr ${inside} ip dscp set ${MARK} ip saddr set ${outside}
  }
  chain back {
    type filter hook prerouting priority -350
    iifname != "to-client" ip daddr ${outside} ip daddr set ${inside}
  }
}
`,
  );
}

/** r1 translates as Linux does, remembering connections, and takes other ports. */
async function translateConnections(lab: Lab): Promise<void> {
  const outside = lab.address("r1");
  await lab.nft(
    "r1",
    `table ip translation {
  chain there {
    type nat hook postrouting priority 100
    oifname != "to-client" ip protocol { tcp, udp } snat to ${outside}:20000-40000
    oifname != "to-client" ip protocol icmp snat to ${outside}
  }
}
`,
  );
}

async function inLab(test: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await Lab.build(story(4, { hostAccess: ["client"] }));
  try {
    await startService(lab, "vip", "tcp", 3306);
    await startService(lab, "vip", "udp", 3306);
    await test(lab);
  } finally {
    await lab.destroy();
  }
}

const CONFIG = {
  probe: { interval: "3s", timeout: "1s", flow_buckets: BUCKETS, rotation: NEVER },
  hops: { resolve: true },
  targets: [
    { name: "tcp", host: VIP, port: 3306 },
    { name: "udp", host: VIP, port: 3306, protocol: "udp", flow_buckets: 4 },
    { name: "icmp", host: VIP, protocol: "icmp", flow_buckets: 4 },
  ],
};

describe.skipIf(inject("labMissing") !== "").concurrent("a NAT on the way", () => {
  it("without state is seen in quotes, which still tell whose packet they are", ({ expect }) =>
    inLab(async (lab) => {
      await translateStatelessly(lab);
      const wrapper = await ownNameServer(lab);
      const daemon = await Daemon.start(lab, "client", CONFIG, [], wrapper);
      const watch = new Watch(daemon, "tcp");
      const findings = new Findings(daemon, "tcp");
      await findings.learnt(BUCKETS, WITHIN_MS);
      const middle = ["r2", "r3", "r4", "r5"].map((router) => lab.address(router));
      const { view } = await findings.look();
      for (const { hops } of view.paths) {
        expect(hops).toEqual([lab.address("r1"), expect.any(String), lab.address("r6"), VIP]);
        expect(middle).toContain(hops[1]);
      }
      for (const target of ["tcp", "udp", "icmp"]) {
        await watch.until(`the NAT is detected by ${target}`, WITHIN_MS, (_, metrics) => {
          return metrics.value("ecmp_target_nat_detected", { target }) === 1;
        });
        const seen = (await daemon.target(target)) as OnPath;
        expect(seen.nat).toMatchObject({
          from_ttl: 2,
          source: { address: lab.address("r1") },
          destination: null,
        });
        expect(seen.dscp_change).toEqual({ sent: 0, received: MARK, from_ttl: 2 });
        const translated = new Map(seen.hops.map((hop) => [hop.address, hop.translated]));
        expect(translated.get(lab.address("r1"))).toBe(false);
        expect(translated.get(lab.address("r6"))).toBe(true);
      }

      const named = await watch.look();
      const r6 = {
        hop: lab.address("r6"),
        name: `host-${lab.address("r6").replaceAll(".", "-")}.lab.example`,
      };
      expect(named.value("ecmp_hop_info", r6)).toBe(1);
      const { hops } = (await daemon.target("tcp")) as OnPath;
      expect(hops.find(({ address }) => address === r6.hop)?.name).toBe(r6.name);

      await expectFault(lab, watch);
      await daemon.stop();
    }));

  it("of Linux's own restores what is quoted: nobody can see it, and everything matches", ({
    expect,
  }) =>
    inLab(async (lab) => {
      await translateConnections(lab);
      const daemon = await Daemon.start(lab, "client", CONFIG);
      const watch = new Watch(daemon, "tcp");
      await new Findings(daemon, "tcp").learnt(BUCKETS, WITHIN_MS);
      const metrics = await watch.look();
      expect(metrics.sum("ecmp_target_nat_detected")).toBe(0);
      expect(metrics.sum("ecmp_exporter_packets_ignored_total", { reason: "wrong_quote" })).toBe(0);
      await daemon.stop();
    }));
});

/** Breaks r4 and waits until exactly its flows fail there. */
async function expectFault(lab: Lab, watch: Watch): Promise<void> {
  await dropForward(lab, "r4");
  const truth = lab.truth("r4");
  await truth.reset();
  await watch.probedAgain(2, WITHIN_MS);
  const own = new Set(watch.rows.map((row) => row.sourcePort));
  await watch.until("the flows of r4 fail there, and no others", WITHIN_MS, async (rows) => {
    const failing = rows.filter((row) => !row.up);
    const crossing = [...(await truth.ports())].filter((port) => own.has(port));
    return (
      failing.length > 0 &&
      failing.length === crossing.length &&
      failing.every((row) => crossing.includes(row.sourcePort) && row.lastHop === lab.address("r4"))
    );
  });
}

/** Starts a name server in the client, and returns what lets a command believe in it alone. */
async function ownNameServer(lab: Lab): Promise<string[]> {
  const server = lab.spawn("client", [
    process.execPath,
    programPath("ptr-server.mjs"),
    "127.0.0.1",
  ]);
  await server.said("listening");
  const file = join(lab.temporaryDirectory(), "resolv.conf");
  writeFileSync(file, "nameserver 127.0.0.1\n");
  // A namespace of `ip netns exec` has mounts of its own.
  return ["sh", "-c", `mount --bind ${file} /etc/resolv.conf && exec "$@"`, "sh"];
}
