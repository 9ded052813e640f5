// What a start gives: living series, the same flows as the start before, no port of somebody else, either receiver.
import { createSocket, type Socket } from "node:dgram";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { run } from "../lab/command.ts";
import { Lab } from "../lab/lab.ts";
import { type Metrics, scrape } from "../lab/metrics.ts";
import { until } from "../lab/processes.ts";
import { defineLab } from "../lab/topology.ts";
import {
  Exporter,
  type Listener,
  listenOn,
  NEVER,
  probesOf,
  QUICK,
  startCommand,
} from "./exporter.ts";

const BUCKETS = QUICK.flow_buckets;

/** A UDP socket that answers nothing. */
async function silentUdp(host: string): Promise<Socket> {
  const socket = createSocket("udp4");
  await new Promise<void>((bound) => socket.bind(0, host, bound));
  return socket;
}

/** A TCP port that nobody listens at, and that nobody is given for as long as the test holds it. */
async function closedPort(): Promise<number> {
  const listener = await listenOn();
  await listener.close();
  return listener.port;
}

describe.skipIf(inject("labMissing") !== "")("a start", () => {
  let listener: Listener;
  let exporter: Exporter | undefined;
  beforeAll(async () => {
    listener = await listenOn();
  });
  afterAll(() => listener.close());
  afterEach(() => exporter?.stop());

  const tcp = () => ({ name: "tcp", host: "127.0.0.1", port: listener.port });
  const icmp = { name: "icmp", host: "127.0.0.1", protocol: "icmp" };

  it("counts every series that it shows, from the first scrape on and in both formats", async () => {
    exporter = await Exporter.start({ probe: QUICK, targets: [tcp()] });
    for (const accept of ["text/plain", "application/openmetrics-text", "text/plain"]) {
      const { body } = await exporter.get("/metrics", "GET", { accept });
      const samples = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      expect(body).toContain(`\necmp_exporter_series ${samples.length}\n`);
      expect(samples.length).toBeGreaterThan(100);
    }
  });

  it("gives every bucket the ring it had, over TCP, UDP and ICMP", async () => {
    const udp = { name: "udp", host: "127.0.0.1", port: 9, protocol: "udp" };
    const config = { probe: { ...QUICK, flow_buckets: 32 }, targets: [tcp(), udp, icmp] };
    const ports = async () => {
      const started = await Exporter.start(config);
      exporter = started;
      await until(async () => (await started.target("icmp")).flows.length > 0, {
        limitMs: 5000,
        what: "the last target has flows",
      });
      const seen = await Promise.all(["tcp", "udp", "icmp"].map((name) => started.ports(name)));
      expect(await started.stop()).toBe(0);
      return seen;
    };
    const first = await ports();
    expect(first.map((each) => new Set(each).size)).toEqual([32, 32, 32]);
    expect(await ports()).toEqual(first);
  });

  it("passes over source ports that sockets of this host hold, and counts them", async () => {
    // A range that nothing else here is likely to hold, and small, so that every bucket feels a port that is missing.
    const probe = { ...QUICK, flow_buckets: 4, source_ports: "62311-62370" };
    const config = { probe, targets: [tcp(), icmp] };
    const unavailable = "ecmp_exporter_source_ports_unavailable";
    exporter = await Exporter.start(config);
    const free = await exporter.until("probes", (m) => probesOf(m, "tcp") > 4);
    expect(free.value(unavailable)).toBe(0);
    const before = await exporter.ports("tcp");
    await exporter.stop();

    const [first = 0, second = 0] = before;
    const held = await Promise.all([listenOn("127.0.0.1", first), listenOn("127.0.0.9", second)]);
    try {
      exporter = await Exporter.start(config);
      const metrics = await exporter.until("probes", (m) => probesOf(m, "tcp") > 4);
      expect(metrics.value(unavailable)).toBe(2);
      const after = await exporter.ports("tcp");
      expect(after.filter((port) => port === first || port === second)).toEqual([]);
      expect(after.slice(2)).toEqual(before.slice(2));
      expect(metrics.sum("ecmp_flow_up", { target: "tcp" })).toBeGreaterThan(0);
    } finally {
      await Promise.all(held.map((each) => each.close()));
    }
    // A reload looks again; flows that are well stay with what they have.
    const kept = await exporter.ports("tcp");
    await exporter.reload(config);
    expect((await exporter.metrics()).value(unavailable)).toBe(0);
    expect(await exporter.ports("tcp")).toEqual(kept);
  });

  it("rotates by the schedule, and comes to ports of the same bucket that are not held", async () => {
    const probe = { ...QUICK, flow_buckets: 4, rotation: "* * * * * *" };
    exporter = await Exporter.start({ probe, targets: [tcp()] });
    const seen = new Set<number>();
    await until(
      async () => {
        for (const port of (await exporter?.ports("tcp")) ?? []) seen.add(port);
        return seen.size >= 12;
      },
      { limitMs: 10_000, what: () => `twelve ports, of ${[...seen]}` },
    );
    const metrics = await exporter.metrics();
    expect(metrics.sum("ecmp_probe_failures_total")).toBe(0);
  });

  it.each(["auto", "raw"] as const)(
    "with --receiver=%s tells the same of the same targets",
    async (receiver) => {
      const [silent, closed] = [await silentUdp("127.0.0.2"), await closedPort()];
      const host = "127.0.0.1";
      const targets = [
        tcp(),
        icmp,
        { name: "refused", host, port: closed },
        // At an address of its own: a host that answers by port-unreachable may rate-limit what it says of other ports.
        { name: "silent", host: "127.0.0.2", port: silent.address().port, protocol: "udp" },
        // The kernel does not rate-limit port-unreachables on the loopback interface.
        { name: "closed", host, port: closed, protocol: "udp" },
      ];
      try {
        exporter = await Exporter.start({ probe: QUICK, targets }, [`--receiver=${receiver}`]);
        const probed = await exporter.until(
          "every target is probed three times",
          (m) => targets.every(({ name }) => probesOf(m, name) >= 3 * BUCKETS),
          20_000,
        );
        const result = (name: string) => {
          const reasons = probed
            .series("ecmp_probe_failure_reasons_total", { target: name })
            .filter(({ value }) => value > 0)
            .map(({ labels }) => labels["reason"]);
          const lost = probed.sum("ecmp_probe_failures_total", { target: name });
          const ratio = lost / probesOf(probed, name);
          return [ratio, probed.sum("ecmp_flow_up", { target: name }), ...reasons];
        };
        expect(result("tcp")).toEqual([0, BUCKETS]);
        expect(result("icmp")).toEqual([0, BUCKETS]);
        expect(result("refused")).toEqual([1, 0, "refused"]);
        expect(result("silent")).toEqual([1, 0, "timeout"]);
        expect(result("closed")).toEqual([0, BUCKETS]);
        const count = probed.value("ecmp_probe_rtt_seconds_count", { target: "tcp" });
        expect(count).toBe(probesOf(probed, "tcp"));
        const mean = probed.value("ecmp_probe_rtt_seconds_sum", { target: "tcp" }) / count;
        expect(mean).toBeGreaterThan(0);
        expect(mean).toBeLessThan(0.1);
        const through = receiver === "raw" ? "raw sockets" : "a packet ring";
        expect(exporter.process.stderr.includes("receiving through a packet ring")).toBe(
          through === "a packet ring",
        );
      } finally {
        silent.close();
      }
    },
  );

  it("without a schedule's moment in sight still learns the paths of healthy flows", async () => {
    const trace = { survey: NEVER };
    exporter = await Exporter.start({ probe: QUICK, trace, targets: [tcp()] });
    const metrics = await exporter.until(
      "a path is known",
      (m) => m.series("ecmp_path_info", { target: "tcp" }).length > 0,
      20_000,
    );
    const [path] = metrics.series("ecmp_path_info", { target: "tcp" });
    expect(path?.labels["hops"]).toBe("127.0.0.1");
  });
});

describe.skipIf(inject("labMissing") !== "")("the shipped configuration", () => {
  let lab: Lab;
  beforeAll(async () => {
    const nodes = { solo: {} };
    lab = await Lab.build(defineLab({ name: "solo", nodes, links: [], hostAccess: ["solo"] }));
  });
  afterAll(() => lab?.destroy());

  it("shows living series within an interval of the first start", async () => {
    const wrapper = ["ip", "netns", "exec", lab.namespace("solo")];
    const daemon = startCommand(["serve"], { wrapper });
    try {
      await daemon.said("msg=serving");
      const url = `http://${lab.hostAddress("solo")}:10190/metrics`;
      const when = (what: string, limitMs: number, check: (metrics: Metrics) => boolean) =>
        until(
          async () => {
            const now = await scrape(url);
            return check(now) && now;
          },
          { limitMs, what: () => `${what}; it said:\n${daemon.stderr}` },
        );
      const self = { target: "self" };
      await when("half of the flows", 10_000, (m) => m.sum("ecmp_flow_up", self) >= 32);
      // A flow whose probe this machine made invalid has to wait for its next one.
      const metrics = await when("all flows", 25_000, (m) => m.sum("ecmp_flow_up", self) === 64);
      expect(metrics.sum("ecmp_probe_failures_total")).toBe(0);
      expect(daemon.stderr).toContain("page=http://127.0.0.1:10190/");
      expect(daemon.stderr).not.toContain("level=error");
    } finally {
      expect(await daemon.stop()).toBe(0);
    }
    // Nothing of it stays: neither a socket nor a half-open connection.
    const sockets = await run("ip", ["netns", "exec", lab.namespace("solo"), "ss", "-Htan"]);
    const left = sockets.split("\n").filter((line) => line !== "" && !line.startsWith("TIME-WAIT"));
    expect(left).toEqual([]);
  });
});
