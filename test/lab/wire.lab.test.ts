//                ┌─ r2 ─┐
//  client ── r1 ─┼─ r3 ─┼─ r6 ── vip (192.0.2.10:3306, TCP)
//                ├─ r4 ─┤
//                └─ r5 ─┘
// What the exporter puts on the wire, and what it makes of packets that somebody forged.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type CapturedPacket, startCapture } from "./capture.ts";
import { Daemon, NEVER } from "./daemon.ts";
import { dropForward } from "./faults.ts";
import { Lab } from "./lab.ts";
import { icmpError, TCP_FLAGS, tcpPacket } from "./packets.ts";
import { until } from "./processes.ts";
import { sendPackets, startService } from "./services.ts";
import { story, VIP } from "./topologies.ts";
import { Watch } from "./watch.ts";

const PORT = 3306;
const BUCKETS = 64;
const INTERVAL_MS = 2000;
const TARGET = "mysql-vip";
const WINDOW_SECONDS = 0.1;
/** TTL-limited packets of sweeps go up to 30; probes leave with the usual 64. */
const LOWEST_PROBE_TTL = 60;
const TIME_EXCEEDED = 11;
const UNREACHABLE = 3;
/** Nobody's address: a real router of the lab would drop a packet that claims to come from itself. */
const FORGER = "10.0.0.199";

/** The most packets in any window of a tenth of a second. */
function busiestWindow(packets: readonly CapturedPacket[]): number {
  let first = 0;
  return packets.reduce((most, packet, index) => {
    while (packet.time - (packets[first]?.time ?? 0) >= WINDOW_SECONDS) first++;
    return Math.max(most, index - first + 1);
  }, 0);
}

describe.skipIf(inject("labMissing") !== "")("on the wire", () => {
  let lab: Lab;
  let daemon: Daemon;
  let watch: Watch;
  let sent: readonly CapturedPacket[] = [];
  let sentToHost: readonly CapturedPacket[] = [];

  beforeAll(async () => {
    lab = await Lab.build(story(4, { hostAccess: ["client"] }));
    await startService(lab, "vip", "tcp", PORT);
    const capture = await startCapture(lab, "client", "to-r1", "out");
    const aside = await startCapture(lab, "client", "host", "out", "ip and not tcp src port 10190");
    daemon = await Daemon.start(lab, "client", {
      probe: {
        interval: `${INTERVAL_MS}ms`,
        timeout: "1s",
        flow_buckets: BUCKETS,
        rotation: NEVER,
      },
      trace: { survey: "*/5 * * * * *" },
      targets: [{ name: TARGET, host: VIP, port: PORT, protocol: "tcp" }],
    });
    watch = new Watch(daemon, TARGET);
    await watch.allUp(BUCKETS, 10_000);
    // A fault in the middle, so that what failing flows cause is captured as well.
    const fault = await dropForward(lab, "r4");
    await watch.probedAgain(3, 30_000);
    await fault.heal();
    await watch.probedAgain(3, 30_000);
    sent = await capture.stop();
    sentToHost = await aside.stop();
  });
  afterAll(() => lab?.destroy());

  it("sends to the configured destination only", () => {
    expect(new Set(sent.map((packet) => packet.destination))).toEqual(new Set([VIP]));
    const ports = sent.filter((packet) => packet.protocol === "tcp").map((p) => p.destinationPort);
    expect(new Set(ports)).toEqual(new Set([PORT]));
    expect(sentToHost).toEqual([]);
  });

  it("spreads probes evenly, from the first one on", () => {
    const probes = sent.filter((p) => p.flags === TCP_FLAGS.syn && p.ttl >= LOWEST_PROBE_TTL);
    const seconds = (probes.at(-1)?.time ?? 0) - (probes[0]?.time ?? 0);
    expect(probes.length).toBeGreaterThan(6 * BUCKETS);
    const evenShare = (probes.length / seconds) * WINDOW_SECONDS;
    // 64 flows in 2 s; the fault adds confirming probes of the flows that fail.
    expect(evenShare).toBeGreaterThan(3);
    expect(busiestWindow(probes)).toBeLessThanOrEqual(3 * evenShare);
  });

  it("keeps one initial sequence number a source port, in probes and sweeps", () => {
    const numbers = new Map<number, Set<number | undefined>>();
    for (const packet of sent.filter((p) => p.flags === TCP_FLAGS.syn)) {
      const seen = numbers.get(packet.sourcePort) ?? new Set();
      numbers.set(packet.sourcePort, seen.add(packet.sequence));
    }
    expect(numbers.size).toBe(BUCKETS);
    const changing = [...numbers].filter(([, seen]) => seen.size !== 1);
    expect(changing).toEqual([]);
    expect(sent.some((p) => p.flags === TCP_FLAGS.syn && p.ttl < LOWEST_PROBE_TTL)).toBe(true);
    // Numbers are keyed by the flow, so no two are alike by more than chance.
    expect(new Set([...numbers.values()].flatMap((seen) => [...seen])).size).toBe(BUCKETS);
  });

  it("ignores and counts forged answers to a failing flow", async () => {
    const fault = await dropForward(lab, "r4");
    await watch.probedAgain(2, 30_000);
    const failing = watch.rows.filter((row) => !row.up);
    expect(failing.length, watch.report()).toBeGreaterThan(0);
    const ignored = (await watch.look()).sum("ecmp_exporter_packets_ignored_total");
    const before = new Map(watch.rows.map((row) => [row.bucket, row]));
    const client = lab.address("client");
    const forged = failing.flatMap((row) => {
      const back = { source: VIP, destination: client, sourcePort: PORT };
      const answer = { ...back, destinationPort: row.sourcePort, sequence: 7 };
      const acknowledgement = 0x1234_5678;
      const neverSent = tcpPacket({
        source: client,
        destination: VIP,
        sourcePort: row.sourcePort,
        destinationPort: PORT,
        sequence: 0x0bad_5eed,
      });
      const router = { source: FORGER, destination: client };
      return [
        tcpPacket({ ...answer, acknowledgement, flags: TCP_FLAGS.syn | TCP_FLAGS.ack }),
        tcpPacket({ ...answer, acknowledgement, flags: TCP_FLAGS.rst | TCP_FLAGS.ack }),
        icmpError(router, TIME_EXCEEDED, 0, neverSent),
        icmpError(router, UNREACHABLE, 13, neverSent),
      ];
    });
    await sendPackets(lab, "vip", forged);
    await watch.until(
      `all ${forged.length} forged packets are counted as ignored`,
      5000,
      (_, metrics) => metrics.sum("ecmp_exporter_packets_ignored_total") >= ignored + forged.length,
    );
    // Again and again while probes are in flight: none of them may answer one.
    await until(
      async () => {
        await sendPackets(lab, "vip", forged);
        await watch.look();
        return failing.every(
          (row) =>
            (watch.rows[row.bucket]?.probes ?? 0) >= (before.get(row.bucket)?.probes ?? 0) + 2,
        );
      },
      { limitMs: 20_000, what: () => `two more probes of the failing flows\n${watch.report()}` },
    );
    for (const row of watch.rows) {
      const was = before.get(row.bucket);
      const probes = row.probes - (was?.probes ?? 0);
      const failures = row.failures - (was?.failures ?? 0);
      expect({ up: row.up, failures }, watch.report()).toEqual({
        up: was?.up,
        failures: was?.up ? 0 : probes,
      });
    }
    const reasons = (await watch.look()).series("ecmp_probe_failure_reasons_total");
    const named = reasons.filter((sample) => sample.value > 0).map((s) => s.labels["reason"]);
    expect(named).toEqual(["timeout"]);
    await fault.heal();
    await watch.recovered(BUCKETS, INTERVAL_MS);
  });

  it("leaves no half-open connection at the server", async () => {
    expect(await daemon.stop()).toBe(0);
    const halfOpen = async () => await lab.exec("vip", ["ss", "-Htn", "state", "syn-recv"]);
    // A SYN may just be crossing; one that nobody resets would stay for a minute.
    await until(async () => (await halfOpen()) === "", { limitMs: 1000, what: "no half-open one" });
    expect(await halfOpen()).toBe("");
  });
});
