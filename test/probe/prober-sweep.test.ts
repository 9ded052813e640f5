import { describe, expect, test } from "vitest";
import { expiredAt, refusedBy, reset, synAck } from "../support/answers.ts";
import { type EcmpScript, ecmp, pathOf } from "../support/ecmp.ts";
import { tcpPacket, timestamps } from "../support/packet-builder.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import type { SentPacket } from "../support/sent-packet.ts";
import { ENDS, makeTarget } from "../support/target.ts";

const ROUTER = "203.0.113.7";

/** A network of two paths of three routers, the rig on it, and one flow. */
function sweeping(protocol: "tcp" | "udp" | "icmp" = "tcp", family: 4 | 6 = 4) {
  const router = (number: number) => (family === 4 ? `10.0.0.${number}` : `2001:db8::${number}`);
  const script: EcmpScript = {
    paths: [[1, 2, 9].map(router), [1, 3, 9].map(router)],
    service: (sent) => (sent.protocol === "tcp" ? [synAck(sent)] : [refusedBy(sent.to, sent)]),
    rttMs: 8,
    broken: new Set(),
  };
  const rig = new ProberRig(ecmp(script));
  const target = rig.add(makeTarget({ ...ENDS[family], protocol }));
  rig.run(990);
  rig.network.sent.length = 0;
  const [flow] = flowsOf(target);
  if (flow === undefined) throw new Error("no flow");
  return { script, rig, flow };
}

describe("a sweep's packets", () => {
  const kinds = ([4, 6] as const).flatMap((family) =>
    (["tcp", "udp", "icmp"] as const).map((protocol) => ({ family, protocol })),
  );
  test.each(kinds)(
    "of $protocol over IPv$family show the path of the flow, TTL by TTL",
    ({ family, protocol }) => {
      const { script, rig, flow } = sweeping(protocol, family);
      const sent = [1, 2, 3].map((ttl) => rig.prober.sendSweep(flow, ttl));
      rig.run(5);
      const packets = rig.network.sent.slice(0, 3);
      expect(packets.map(({ ttl }) => ttl)).toEqual([1, 2, 3]);
      const ids = family === 4 ? sent.map((packet) => packet?.identification) : [0, 0, 0];
      expect(packets.map(({ id }) => id)).toEqual(ids);
      expect(new Set(packets.map(({ sourcePort }) => sourcePort))).toEqual(
        new Set([flow.sourcePort]),
      );
      if (protocol === "tcp") {
        expect(new Set(packets.map(({ sequence }) => sequence)).size).toBe(1);
      } else {
        expect(new Set(packets.map(({ checksum }) => checksum)).size).toBe(1);
      }
      rig.run(30);
      // An IPv6 error about a SYN tells by its timestamp, all others by the identification.
      const mark = family === 6 && protocol === "tcp" ? "timestamp" : "identification";
      expect(rig.sweepAnswers.map(({ answer }) => [answer[mark], answer.responder.text])).toEqual(
        pathOf(script, flow.sourcePort).map((hop, i) => [sent[i]?.[mark], hop]),
      );
      expect(rig.sweepAnswers.every(({ answer }) => answer.kind === "hop")).toBe(true);
    },
  );

  test("that reach the server are recognised by their timestamp, and change no outcome", () => {
    const { rig, flow } = sweeping();
    const before = rig.outcomes.length;
    const sent = rig.prober.sendSweep(flow, 4);
    rig.run(45);
    expect(rig.sweepAnswers).toHaveLength(1);
    expect(rig.sweepAnswers[0]?.answer).toMatchObject({
      kind: "destination",
      timestamp: sent?.timestamp,
      identification: undefined,
    });
    expect(rig.outcomes.slice(before).filter((ended) => ended.flow === flow)).toHaveLength(1);
    expect(rig.tally()).toEqual({ answered: rig.outcomes.length });
  });

  test("that nobody waits for any more are counted as unmatched", () => {
    const { rig, flow } = sweeping();
    rig.knowsSweeps = false;
    rig.prober.sendSweep(flow, 2);
    rig.run(40);
    expect(rig.prober.counters.ignored.get("unmatched")).toBe(1);
  });

  test("count against the budget of everything sent", () => {
    const rig = new ProberRig(() => [], 100);
    const target = rig.add(makeTarget({ flowBuckets: 1 }));
    rig.run(100);
    const [flow] = flowsOf(target);
    if (flow === undefined) throw new Error("no flow");
    const sent = Array.from({ length: 10 }, () => rig.prober.sendSweep(flow, 1));
    // A burst of 20 ms at 100 packets a second.
    expect(sent.filter((packet) => packet !== undefined)).toHaveLength(2);
    expect(rig.prober.counters.skipped.get("budget")).toBe(8);
  });

  test("that the kernel does not take are not waited for", () => {
    const { rig, flow } = sweeping();
    rig.network.sendError = "EPERM";
    expect(rig.prober.sendSweep(flow, 1)).toBeUndefined();
    expect(rig.prober.counters.sendErrors.get("EPERM")).toBe(1);
  });
});

describe("forged packets", () => {
  /** A silent network in which a probe of every flow is in flight, and one of those probes. */
  function waiting() {
    const rig = new ProberRig(() => []);
    const target = rig.add(makeTarget({ timeoutMs: 900 }));
    rig.run(890);
    const [sent] = rig.network.sent;
    if (sent === undefined) throw new Error("nothing sent");
    return { rig, target, sent };
  }

  const bent = (sent: SentPacket, at: number): Uint8Array => {
    const bytes = Uint8Array.from(sent.bytes);
    bytes[at] = (bytes[at] ?? 0) ^ 0x40;
    return bytes;
  };

  test.each([
    ["wrong_acknowledgement", (sent: SentPacket) => synAck(sent, { acknowledges: 2 })],
    ["wrong_acknowledgement", (sent: SentPacket) => reset(sent, { acknowledges: 12_345 })],
    ["unknown_flow", (sent: SentPacket) => synAck({ ...sent, sourcePort: 60_999 })],
    ["unknown_flow", (sent: SentPacket) => synAck({ ...sent, destinationPort: 3307 })],
    ["unknown_flow", (sent: SentPacket) => synAck({ ...sent, to: "198.51.100.3" })],
    ["unknown_flow", (sent: SentPacket) => synAck({ ...sent, from: "192.0.2.9" })],
    ["wrong_quote", (s: SentPacket) => expiredAt(ROUTER, s, { quoted: bent(s, 24) })],
    [
      "wrong_quote",
      // Neither the sequence number nor the timestamp of the probe in flight.
      (s: SentPacket) =>
        refusedBy(ROUTER, s, { quoted: bent({ ...s, bytes: bent(s, 48) }, 27), code: 13 }),
    ],
    ["unmatched", (s: SentPacket) => expiredAt(ROUTER, s, { quoted: bent(s, 5) })],
    [
      "unknown_flow",
      (s: SentPacket) => expiredAt(ROUTER, s, { quoted: bent({ ...s, bytes: bent(s, 20) }, 24) }),
    ],
    ["malformed", (s: SentPacket) => expiredAt(ROUTER, s, { quoteBytes: 24 })],
    ["malformed", (s: SentPacket) => synAck(s).slice(0, 30)],
    ["irrelevant", (s: SentPacket) => s.bytes],
  ] as const)("count as %s and change nothing (%#)", (reason, forge) => {
    const { rig, target, sent } = waiting();
    rig.network.inject(forge(sent));
    rig.run(25);
    expect([...rig.prober.counters.ignored]).toEqual([[reason, 1]]);
    expect(rig.prober.counters.received).toBe(1);
    expect(rig.outcomes).toEqual([]);
    expect(rig.sweepAnswers).toEqual([]);
    expect(flowsOf(target).every((flow) => flow.state === "unknown")).toBe(true);
  });

  test("with a guessed acknowledgement fail however many they are", () => {
    const { rig, sent } = waiting();
    for (let guess = 2; guess < 2000; guess += 1) {
      rig.network.inject(
        tcpPacket({
          from: sent.to,
          to: sent.from,
          sourcePort: sent.destinationPort,
          destinationPort: sent.sourcePort,
          acknowledgement: (sent.sequence + guess * 0x01010101) % 2 ** 32,
          flags: ["syn", "ack"],
          options: timestamps(1, sent.timestamp),
        }),
      );
    }
    rig.run(25);
    expect(rig.prober.counters.ignored.get("wrong_acknowledgement")).toBe(1998);
    expect(rig.outcomes).toEqual([]);
  });
});
