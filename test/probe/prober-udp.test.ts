import { describe, expect, test } from "vitest";
import { datagram, refusedBy } from "../support/answers.ts";
import type { MemoryNetwork } from "../support/memory-network.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import { rateLimitingHost } from "../support/rate-limiting-host.ts";
import { makeTarget } from "../support/target.ts";

const BURST = 6;
const RTT_MS = 7;

/** 64 flows every ten seconds, as configured by default. */
const target = (settings: Parameters<typeof makeTarget>[0] = {}) =>
  makeTarget({
    protocol: "udp",
    intervalMs: 10_000,
    timeoutMs: 1000,
    flowBuckets: 64,
    ...settings,
  });

/** The shortest time between two packets to a port after a moment. */
function closest(network: MemoryNetwork, after: number): number {
  const times = network.sent.filter(({ at }) => at > after).map(({ at }) => at);
  return Math.min(...times.slice(1).map((at, i) => at - (times[i] ?? 0)));
}

const failures = (rig: ProberRig) =>
  rig.outcomes.filter(({ outcome }) => outcome.kind === "failed");

describe("UDP probes of a host that rate-limits port-unreachable", () => {
  test.each([300, 1000, 2000, 5000, 9000])(
    "never count as failed, with a timeout of %d ms, and slow down to what it answers",
    (timeoutMs) => {
      const rig = new ProberRig(rateLimitingHost(BURST, RTT_MS));
      rig.add(target({ timeoutMs }));
      rig.run(60_000);
      expect(failures(rig)).toEqual([]);
      expect(rig.tally()["invalid icmp_rate_limit"]).toBeGreaterThan(0);
      const slow = rig.clock.monotonic() - 40_000;
      expect(closest(rig.network, slow)).toBeGreaterThan(1000);
      // Once slow, every probe is answered.
      expect(Object.keys(rig.tally(rig.outcomes.slice(-20)))).toEqual(["answered"]);
      expect(rig.outcomes.length).toBeGreaterThan(40);
    },
  );

  test("count as failed on a broken path even at the slow pace, whatever the loop's jitter", () => {
    const host = rateLimitingHost(BURST, RTT_MS);
    const dead = new Set<number>();
    const rig = new ProberRig((sent) => (dead.has(sent.sourcePort) ? [] : host(sent)));
    const probed = rig.add(target());
    rig.run(30_000);
    const broken = flowsOf(probed).filter((flow) => flow.bucket % 4 === 1);
    for (const flow of broken) dead.add(flow.sourcePort);
    rig.outcomes.length = 0;
    const end = rig.clock.monotonic() + 150_000;
    for (let turn = 0; rig.clock.monotonic() < end; turn += 1) rig.run(((turn * 7) % 13) + 2, 20);
    const failed = failures(rig).map(({ flow }) => flow);
    expect(new Set(failed)).toEqual(new Set(broken));
    expect(Object.keys(rig.tally()).sort()).toEqual(["answered", "failed timeout"]);
  });

  test("take turns where two targets share the host, so that neither starves", () => {
    // The strictest host: nothing saved up for a burst.
    const rig = new ProberRig(rateLimitingHost(1, RTT_MS));
    const first = rig.add(target());
    const second = rig.add(target({ name: "other", port: 5353 }));
    rig.run(30_000);
    rig.outcomes.length = 0;
    rig.run(60_000);
    expect(failures(rig)).toEqual([]);
    for (const one of [first, second]) {
      const ended = rig.outcomes.filter(({ flow }) => flow.target === one);
      expect(ended.length).toBeGreaterThan(20);
      expect(Object.keys(rig.tally(ended))).toEqual(["answered"]);
    }
  });

  test("lose their answer to a sweep's answer too", () => {
    const rig = new ProberRig(rateLimitingHost(1, RTT_MS));
    const probed = rig.add(target({ flowBuckets: 1, intervalMs: 5000 }));
    rig.run(4900);
    const [flow] = flowsOf(probed);
    if (flow === undefined) throw new Error("no flow");
    const sent = rig.prober.sendSweep(flow, 9);
    if (sent === undefined) throw new Error("not sent");
    rig.run(50);
    expect(rig.sweepAnswers.map(({ answer }) => answer.rateLimited)).toEqual([true]);
    rig.prober.noteRateLimited(flow, sent.sentAt);
    rig.run(1500);
    expect(rig.tally()).toEqual({ answered: 1, "invalid icmp_rate_limit": 1 });
  });

  test("do not excuse a host that never answered", () => {
    const rig = new ProberRig(() => []);
    rig.add(target({ flowBuckets: 8 }));
    rig.run(9000);
    expect(Object.keys(rig.tally())).toEqual(["failed timeout"]);
  });
});

describe("UDP probes", () => {
  test("of a service that echoes or says something else are answered at full pace", () => {
    const answers = [undefined, new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(500)];
    for (const payload of answers) {
      const rig = new ProberRig((sent) => [
        { afterMs: RTT_MS, packet: datagram(sent, payload ?? sent.payload) },
      ]);
      rig.add(target());
      rig.run(20_000);
      expect(Object.keys(rig.tally())).toEqual(["answered"]);
      expect(rig.outcomes.length).toBeGreaterThanOrEqual(127);
    }
  });

  test("are not answered by the port-unreachable of another host", () => {
    const rig = new ProberRig((sent) => [
      { afterMs: RTT_MS, packet: refusedBy("203.0.113.7", sent) },
    ]);
    rig.add(target());
    rig.run(9000);
    expect(Object.keys(rig.tally())).toEqual(["failed unreachable"]);
    expect(rig.outcomes[0]?.outcome).toMatchObject({ responder: { text: "203.0.113.7" } });
  });

  test("are answered by the port-unreachable of an address that accept_from names, if it quotes the probe", () => {
    const rig = new ProberRig((sent) => [
      { afterMs: RTT_MS, packet: refusedBy("203.0.113.7", sent) },
    ]);
    rig.add({ ...target(), acceptFrom: ["2001:db8::/32", "203.0.113.0/29"] });
    rig.run(9000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });
});
