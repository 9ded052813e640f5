import { describe, expect, test } from "vitest";
import { type Match, matchReply } from "../../src/probe/match.ts";
import { identify } from "../../src/probe/probe-id.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { readReply } from "../../src/probe/reply.ts";
import { datagram, expiredAt, pong, refusedBy, reset, synAck } from "../support/answers.ts";
import { makeFlow, probePacket, sweepPacket } from "../support/probed-flow.ts";
import { readSent, type SentPacket } from "../support/sent-packet.ts";

const ROUTER = "203.0.113.7";
const TARGET = "198.51.100.2";
const ANSWERED = { what: "probe", result: { kind: "answered", rationed: false } };
const ignored = (reason: string) => ({ what: "ignored", reason });

function match(flow: ProbedFlow, packet: Uint8Array): Match {
  const reply = readReply(packet, 0, packet.length);
  if (typeof reply === "string") throw new Error(reply);
  return matchReply(flow, reply, packet);
}

/** A failed probe and who said so. */
function failed(reason: string, responder: string): object {
  return { what: "probe", result: { kind: "failed", reason, responder: { text: responder } } };
}

function sweepAnswer(answer: object): object {
  return { what: "sweep", answer };
}

/** A sent packet with some bytes changed, as a forger who did not see it would quote it. */
function forged(sent: SentPacket, at: number): Uint8Array {
  const bytes = Uint8Array.from(sent.bytes);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  return bytes;
}

describe("an answer to a TCP probe", () => {
  test("is the SYN-ACK that echoes its timestamp", () => {
    const flow = makeFlow();
    expect(match(flow, synAck(probePacket(flow)))).toEqual(ANSWERED);
  });

  test("is a SYN-ACK without timestamps while the probe is in flight", () => {
    const flow = makeFlow();
    const sent = probePacket(flow);
    expect(match(flow, synAck(sent, { echo: null }))).toEqual(ANSWERED);
    flow.inFlight = false;
    expect(match(flow, synAck(sent, { echo: null }))).toMatchObject(
      sweepAnswer({ identification: undefined, timestamp: undefined, kind: "destination" }),
    );
  });

  test("is still told from a sweep's by its timestamp when nothing is in flight", () => {
    const flow = makeFlow();
    const sent = probePacket(flow);
    flow.inFlight = false;
    expect(match(flow, synAck(sent))).toEqual(ANSWERED);
  });

  test("is a sweep's answer where it echoes another timestamp", () => {
    const flow = makeFlow();
    probePacket(flow);
    const sweep = sweepPacket(flow, 9);
    expect(match(flow, synAck(sweep))).toMatchObject(
      sweepAnswer({
        identification: undefined,
        timestamp: sweep.timestamp,
        kind: "destination",
        responder: { text: TARGET },
        rationed: false,
      }),
    );
  });

  test("is a reset that acknowledges the SYN or, from stacks that do not count it, its sequence number", () => {
    for (const acknowledges of [0, 1]) {
      const flow = makeFlow();
      const sent = probePacket(flow);
      expect(match(flow, reset(sent, { acknowledges }))).toMatchObject(failed("refused", TARGET));
    }
  });

  test("is nothing that acknowledges another number", () => {
    const flow = makeFlow();
    const sent = probePacket(flow);
    const wrong = ignored("wrong_acknowledgement");
    for (const acknowledges of [0, 2, 1000, 2 ** 31]) {
      expect(match(flow, synAck(sent, { acknowledges }))).toEqual(wrong);
    }
    for (const acknowledges of [2, 2 ** 32 - 1]) {
      expect(match(flow, reset(sent, { acknowledges }))).toEqual(wrong);
    }
  });
});

describe("a payload that comes back", () => {
  test("answers the UDP probe whose counter it repeats", () => {
    const flow = makeFlow({ protocol: "udp" });
    expect(match(flow, datagram(probePacket(flow)))).toEqual(ANSWERED);
  });

  test("answers the UDP probe in flight where the service does not echo", () => {
    const flow = makeFlow({ protocol: "udp" });
    const sent = probePacket(flow);
    for (const length of [0, 3, 8, 9, 40]) {
      expect(match(flow, datagram(sent, new Uint8Array(length)))).toEqual(ANSWERED);
    }
    // The key without the counter behind it does not tell which packet is answered.
    expect(match(flow, datagram(sent, sent.payload.slice(0, 9)))).toEqual(ANSWERED);
  });

  test("answers the sweep whose identification it repeats", () => {
    const flow = makeFlow({ protocol: "udp" });
    probePacket(flow);
    const sweep = sweepPacket(flow, 9);
    expect(match(flow, datagram(sweep))).toMatchObject(
      sweepAnswer({ identification: sweep.id, kind: "destination", rationed: false }),
    );
  });

  test("answers the ping or the sweep whose sequence number it has", () => {
    const flow = makeFlow({ protocol: "icmp" });
    expect(match(flow, pong(probePacket(flow)))).toEqual(ANSWERED);
    const sweep = sweepPacket(flow, 9);
    expect(match(flow, pong(sweep))).toMatchObject(
      sweepAnswer({ identification: sweep.id, kind: "destination", responder: { text: TARGET } }),
    );
  });

  test("is no answer to a ping without the keyed bytes", () => {
    const flow = makeFlow({ protocol: "icmp" });
    const sent = probePacket(flow);
    expect(match(flow, pong(sent, { payload: new Uint8Array(10) }))).toEqual(
      ignored("wrong_quote"),
    );
    expect(match(flow, pong(sent, { payload: sent.payload.slice(0, 7) }))).toEqual(
      ignored("wrong_quote"),
    );
  });
});

describe.each(["tcp", "udp", "icmp"] as const)("an ICMP error about a %s packet", (protocol) => {
  test("fails the probe it quotes, and names who said so", () => {
    const flow = makeFlow({ protocol });
    const sent = probePacket(flow);
    expect(match(flow, expiredAt(ROUTER, sent))).toMatchObject(failed("ttl_exceeded", ROUTER));
    expect(match(flow, refusedBy(ROUTER, sent, { code: 1 }))).toMatchObject(
      failed("unreachable", ROUTER),
    );
    for (const code of [9, 10, 13]) {
      expect(match(flow, refusedBy(ROUTER, sent, { code }))).toMatchObject(
        failed("prohibited", ROUTER),
      );
    }
  });

  test("is a hop or a rejection where it quotes a packet of a sweep", () => {
    const flow = makeFlow({ protocol });
    probePacket(flow);
    const sweep = sweepPacket(flow, 3);
    const identification = sweep.id;
    expect(match(flow, expiredAt(ROUTER, sweep))).toMatchObject(
      sweepAnswer({ identification, kind: "hop", responder: { text: ROUTER }, rationed: false }),
    );
    expect(match(flow, refusedBy(ROUTER, sweep, { code: 13 }))).toMatchObject(
      sweepAnswer({ identification, kind: "rejected", rationed: false }),
    );
    expect(match(flow, refusedBy(TARGET, sweep))).toMatchObject(
      sweepAnswer({ identification, kind: "destination", rationed: true }),
    );
  });

  test("is ignored where it quotes what was never sent", () => {
    const flow = makeFlow({ protocol });
    const sent = probePacket(flow);
    // Sequence number of TCP; checksum of UDP; of ICMP the checksum, the sequence number and the identification.
    const places = { tcp: [24, 27], udp: [26, 27], icmp: [22, 26, 5] }[protocol];
    for (const at of places) {
      const quoted = forged(sent, at);
      expect(match(flow, expiredAt(ROUTER, sent, { quoted }))).toEqual(ignored("wrong_quote"));
    }
  });

  test("is ignored where it quotes an earlier probe of the flow", () => {
    const flow = makeFlow({ protocol });
    const earlier = probePacket(flow, 10);
    probePacket(flow, 11);
    expect(flow.identification).toBe(identify(0, 11));
    expect(match(flow, expiredAt(ROUTER, earlier))).toEqual(ignored("unmatched"));
  });

  test("says as much with the 28 bytes that RFC 792 asks for", () => {
    const flow = makeFlow({ protocol });
    const sent = readSent(probePacket(flow).bytes);
    expect(match(flow, expiredAt(ROUTER, sent, { quoteBytes: 28 }))).toMatchObject(
      failed("ttl_exceeded", ROUTER),
    );
  });
});

describe("port unreachable", () => {
  test("of the target itself is what a UDP probe without a payload hopes for, and is rationed", () => {
    const flow = makeFlow({ protocol: "udp" });
    expect(match(flow, refusedBy(TARGET, probePacket(flow)))).toEqual({
      what: "probe",
      result: { kind: "answered", rationed: true },
    });
  });

  test("of another host is a failure", () => {
    const flow = makeFlow({ protocol: "udp" });
    expect(match(flow, refusedBy(ROUTER, probePacket(flow)))).toMatchObject(
      failed("unreachable", ROUTER),
    );
  });

  test("of the target refuses a TCP probe", () => {
    const flow = makeFlow();
    expect(match(flow, refusedBy(TARGET, probePacket(flow)))).toMatchObject(
      failed("refused", TARGET),
    );
  });
});
