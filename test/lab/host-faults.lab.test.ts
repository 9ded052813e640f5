//  client ── r1 ─┬─ r2 ─┬─ r6 ── vip (192.0.2.10:3306, TCP)
//                └─ r3 ─┘
// Faults of the host that probes: each is counted as the exporter's own, named, and over as soon as it is mended; none is
// told as the network's.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Daemon, NEVER } from "./daemon.ts";
import { blockOutput } from "./faults.ts";
import { Lab } from "./lab.ts";
import { until } from "./processes.ts";
import { startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";
import { interfaceTo } from "./topology.ts";
import { Watch } from "./watch.ts";

const BUCKETS = 16;
const WITHIN_MS = 30_000;
const STOP_MS = 2000;
const CONFIG = {
  probe: { interval: "1s", timeout: "300ms", flow_buckets: BUCKETS, rotation: NEVER },
  trace: { survey: NEVER },
  targets: [{ name: "service", host: VIP, port: 3306, protocol: "tcp" }],
};

/** What the API says, as far as these tests look. */
interface Told {
  readonly verdict: string;
  readonly reason: string;
  readonly suspects: readonly unknown[];
  readonly flows: readonly { readonly bucket: number; readonly source_port: number }[];
}

/** Bytes of a queue in which everything has room. */
const ROOM = 1_000_000;

describe.skipIf(inject("labMissing") !== "")("a host in trouble", () => {
  let lab: Lab;
  let daemon: Daemon;
  let watch: Watch;
  beforeAll(async () => {
    lab = await Lab.build(story(2, { hostAccess: ["client"] }));
    await startService(lab, "vip", "tcp", 3306);
    // Between two queues the kernel drops packets without a word to the sender, so that the queue stays and only its limit changes.
    await queue("add", ROOM);
    daemon = await Daemon.start(lab, "client", CONFIG);
    watch = new Watch(daemon, "service");
    await watch.allUp(BUCKETS, WITHIN_MS);
  });
  afterAll(async () => {
    await daemon?.stop();
    await lab?.destroy();
  });

  /** The queue of the interface that probes leave by. @param limit its room in bytes */
  function queue(change: "add" | "change", limit: number): Promise<string> {
    const { name } = interfaceTo(lab.topology, "client", "r1");
    const words = `qdisc ${change} dev ${name} root bfifo limit ${limit}`;
    return lab.exec("client", ["tc", ...words.split(" ")]);
  }

  const told = async () => (await daemon.target("service")) as Told;
  const failures = () => watch.rows.reduce((sum, row) => sum + row.failures, 0);

  /** Breaks the host, sees it told as its own fault, mends it, sees it over; no probe may count as failed. */
  async function isItsOwn(
    what: string,
    {
      begin,
      end,
      code,
      unsaid = 0,
    }: {
      begin: () => Promise<unknown>;
      end: () => Promise<unknown>;
      code: RegExp;
      /** Packets that the kernel may drop without a word while it breaks or is mended. */
      unsaid?: number;
    },
  ): Promise<void> {
    await watch.look();
    const before = failures();
    await begin();
    try {
      await watch.until(`${what}: counted as an error of sending`, WITHIN_MS, (_, metrics) =>
        metrics
          .series("ecmp_exporter_send_errors_total")
          .some(({ labels, value }) => code.test(labels["code"] ?? "") && value > 0),
      );
      await until(async () => (await told()).verdict === "source_fault", {
        limitMs: WITHIN_MS,
        what: `${what}: source_fault`,
      });
      const { reason, suspects } = await told();
      expect(reason).toMatch(/this host/i);
      expect(suspects).toEqual([]);
    } finally {
      await end();
    }
    await until(async () => (await told()).verdict === "healthy", {
      limitMs: 2 * WITHIN_MS,
      what: `${what}: healthy again`,
    });
    await watch.probedAgain(2, WITHIN_MS);
    expect(failures(), watch.report()).toBeLessThanOrEqual(before + unsaid);
  }

  it("whose firewall drops what it sends: source_fault, no failure", () => {
    let heal = async (): Promise<void> => {};
    return isItsOwn("own firewall", {
      begin: async () => {
        const fault = await blockOutput(lab, "client");
        heal = () => fault.heal();
      },
      end: () => heal(),
      code: /^EPERM$/,
    });
  });

  it("that loses its route, and gets it back: source_fault, no failure", () => {
    const { peerAddress, name } = interfaceTo(lab.topology, "client", "r1");
    return isItsOwn("route removed", {
      begin: () => lab.batch("client", [`route del ${VIP}/32`]),
      end: () =>
        lab.batch("client", [
          `route add ${VIP}/32 via ${peerAddress} dev ${name} src ${lab.address("client")}`,
        ]),
      code: /^(?:ENETUNREACH|EHOSTUNREACH)$/,
    });
  });

  it("whose interface goes down and comes up again: source_fault, no failure", () => {
    const { name } = interfaceTo(lab.topology, "client", "r1");
    return isItsOwn("interface down", {
      begin: () => lab.batch("client", [`link set ${name} down`]),
      end: async () => {
        await lab.batch("client", [`link set ${name} up`]);
        await lab.reroute();
      },
      code: /^(?:ENETUNREACH|EHOSTUNREACH|ENETDOWN|ENXIO|EADDRNOTAVAIL)$/,
    });
  });

  it("whose interface has a queue without room: source_fault, no failure", () => {
    return isItsOwn("queue without room", {
      // Of one byte, so that no packet ever has room.
      begin: () => queue("change", 1),
      end: () => queue("change", ROOM),
      code: /^ENOBUFS$/,
      // What is in the queue at that moment is dropped, and so are the host's own answers to neighbours that look for it.
      unsaid: 1,
    });
  });

  it("that kills it: a new one has the same ports, and ends within two seconds when asked to", async () => {
    const portsOf = ({ flows }: Told) =>
      new Map(flows.map(({ bucket, source_port }) => [bucket, source_port]));
    const before = portsOf(await told());
    await daemon.stop("SIGKILL");
    daemon = await Daemon.start(lab, "client", CONFIG);
    watch = new Watch(daemon, "service");
    await watch.allUp(BUCKETS, WITHIN_MS);
    expect(portsOf(await told())).toEqual(before);
    const scrapes = Array.from({ length: 20 }, () => daemon.metrics().catch(() => undefined));
    const start = performance.now();
    expect(await daemon.stop()).toBe(0);
    expect(performance.now() - start).toBeLessThan(STOP_MS);
    await Promise.all(scrapes);
  });

  it("whose log has no room left: it probes on, and still ends as asked", async () => {
    await daemon.stop();
    daemon = await Daemon.start(
      lab,
      "client",
      CONFIG,
      ["--log.level", "debug"],
      ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"],
    );
    watch = new Watch(daemon, "service");
    await watch.allUp(BUCKETS, WITHIN_MS);
    await daemon.reload({ ...CONFIG, probe: { ...CONFIG.probe, interval: "2s" } });
    await watch.probedAgain(2, WITHIN_MS);
    const lost = (await daemon.metrics()).series("ecmp_exporter_log_lines_lost_total");
    expect(lost.map(({ value }) => value > 0)).toEqual([true]);
    expect(await daemon.stop()).toBe(0);
  });
});
