import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressText } from "../../../src/packet/address.ts";
import { type NoReply, type ReceivedReply, readReply } from "../../../src/probe/reply/reply.ts";
import { datagram, expiredAt, pong, refusedBy, reset, synAck } from "../../support/answers.ts";
import {
  echoRequest,
  icmpPacket,
  ipPacket,
  tcpPacket,
  udpPacket,
} from "../../support/packet-builder.ts";
import { makeFlow, probePacket } from "../../support/probed-flow.ts";
import { printedSeed } from "../../support/seed.ts";

const ROUTER = "203.0.113.7";
const ENDS = { from: "198.51.100.2", to: "192.0.2.1" };
const V6 = { from: "2001:db8:2::2", to: "2001:db8::1" };

const syn = probePacket(makeFlow());
const query = probePacket(makeFlow({ protocol: "udp" }));
const ping = probePacket(makeFlow({ protocol: "icmp" }));

/** Reads a packet that lies somewhere in a larger buffer. */
function read(packet: Uint8Array): ReceivedReply | NoReply {
  const bytes = Uint8Array.from([1, 2, 3, ...packet, 4, 5]);
  const reply = readReply(bytes, 3, 3 + packet.length);
  if (typeof reply !== "string") {
    expect(addressText(bytes, reply.localOffset, reply.family)).toBe(
      reply.family === 4 ? ENDS.to : V6.to,
    );
    expect(addressText(bytes, reply.remoteOffset, reply.family)).toBe(
      reply.family === 4 ? ENDS.from : V6.from,
    );
    if (reply.kind === "icmp_error" && reply.family === 4) {
      expect(addressText(bytes, reply.responderOffset, 4)).toBe(ROUTER);
    }
  }
  return reply;
}

describe("readReply", () => {
  test("knows a SYN-ACK with and without timestamps", () => {
    const tuple = { family: 4, protocol: 6, localPort: 61_000, remotePort: 3306 };
    const acknowledgement = (syn.sequence + 1) >>> 0;
    expect(read(synAck(syn))).toMatchObject({
      ...tuple,
      kind: "syn_ack",
      acknowledgement,
      timestampEcho: syn.timestamp,
    });
    expect(read(synAck(syn, { echo: null }))).toMatchObject({
      kind: "syn_ack",
      timestampEcho: undefined,
    });
  });

  test("knows a reset, whatever other flags it has", () => {
    const ports = { sourcePort: 3306, destinationPort: 61_000 };
    expect(read(reset(syn))).toMatchObject({ kind: "reset", localPort: 61_000, remotePort: 3306 });
    for (const flags of [["rst"], ["rst", "ack", "syn"], ["rst", "psh"]] as const) {
      expect(read(tcpPacket({ ...ENDS, ...ports, flags }))).toMatchObject({ kind: "reset" });
    }
  });

  test("knows a datagram and where its payload is", () => {
    const packet = datagram(query, Uint8Array.of(5, 6, 7));
    const reply = read(packet);
    expect(reply).toMatchObject({
      kind: "datagram",
      protocol: 17,
      localPort: 61_000,
      remotePort: 3306,
      payloadOffset: 3 + 28,
      payloadEnd: 3 + 31,
    });
  });

  test("knows an echo reply by its identifier", () => {
    expect(read(pong(ping))).toMatchObject({
      kind: "echo_reply",
      protocol: 1,
      localPort: 61_000,
      remotePort: 0,
      sequence: ping.sequence,
    });
  });

  test.each([
    ["a SYN", syn, 6, 3306],
    ["a datagram", query, 17, 3306],
    ["a ping", ping, 1, 0],
  ] as const)(
    "takes the tuple of an ICMP error from the quote of %s",
    (_, sent, protocol, port) => {
      const tuple = { family: 4, protocol, localPort: 61_000, remotePort: port };
      const kinds = [
        [expiredAt(ROUTER, sent), "time_exceeded"],
        [refusedBy(ROUTER, sent), "port"],
        [refusedBy(ROUTER, sent, { code: 1 }), "other"],
        [refusedBy(ROUTER, sent, { code: 9 }), "prohibited"],
        [refusedBy(ROUTER, sent, { code: 10 }), "prohibited"],
        [refusedBy(ROUTER, sent, { code: 13, quoteBytes: 28 }), "prohibited"],
      ] as const;
      for (const [packet, error] of kinds) {
        expect(read(packet)).toMatchObject({ ...tuple, kind: "icmp_error", error });
      }
    },
  );

  test("reads IPv6 as well", () => {
    const packet = udpPacket({ ...V6, sourcePort: 53, destinationPort: 61_000 });
    expect(read(packet)).toMatchObject({ kind: "datagram", family: 6, localPort: 61_000 });
  });

  test("calls everything that answers no probe irrelevant", () => {
    const ports = { sourcePort: 3306, destinationPort: 61_000 };
    const others = [
      tcpPacket({ ...ENDS, ...ports, flags: ["syn"] }),
      tcpPacket({ ...ENDS, ...ports, flags: ["ack"] }),
      tcpPacket({ ...ENDS, ...ports, flags: ["fin", "ack"] }),
      echoRequest({ ...ENDS, identifier: 61_000, sequence: 1 }),
      icmpPacket({ ...ENDS, type: 5, rest: new Array<number>(40).fill(0) }),
      ipPacket({ ...ENDS, protocol: 47, payload: [0, 0, 8, 0] }),
      udpPacket({ ...ENDS, ...ports, fragmentOffset: 10, payload: new Uint8Array(20) }),
    ];
    for (const packet of others) expect(read(packet)).toBe("irrelevant");
  });

  test("calls an error whose quote cannot be read malformed", () => {
    expect(read(expiredAt(ROUTER, syn, { quoteBytes: 27 }))).toBe("malformed");
    expect(read(expiredAt(ROUTER, syn, { quoted: Uint8Array.of(1, 2, 3) }))).toBe("malformed");
    const wrong = Uint8Array.from(expiredAt(ROUTER, syn));
    wrong[22] = (wrong[22] ?? 0) ^ 1;
    expect(read(wrong)).toBe("malformed");
  });

  const corpus = [
    synAck(syn),
    reset(syn),
    datagram(query),
    pong(ping),
    ...[syn, query, ping].flatMap((sent) => [expiredAt(ROUTER, sent), refusedBy(ROUTER, sent)]),
    tcpPacket({ ...V6, sourcePort: 1, destinationPort: 61_000, flags: ["syn", "ack"] }),
  ];

  test("never throws at a packet that is cut, and reads nothing behind the cut", () => {
    for (const packet of corpus) {
      for (let length = 0; length < packet.length; length += 1) {
        const cut = packet.slice(0, length);
        const padded = Uint8Array.from([...cut, ...new Array<number>(100).fill(0xff)]);
        expect(readReply(padded, 0, length)).toEqual(readReply(cut, 0, length));
      }
    }
  });

  test("never throws at a packet with changed bytes, or at noise", () => {
    const damage = fc.record({
      packet: fc.constantFrom(...corpus),
      changes: fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
      length: fc.nat(120),
    });
    const survives = fc.property(damage, fc.uint8Array(), ({ packet, changes, length }, noise) => {
      const bytes = Uint8Array.from(packet);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const end = Math.min(length, bytes.length);
      for (const reply of [readReply(bytes, 0, end), readReply(noise, 0, noise.length)]) {
        if (typeof reply === "string")
          expect(["malformed", "irrelevant", "bad_checksum"]).toContain(reply);
        else expect(reply.localPort).toBeLessThan(65_536);
      }
    });
    fc.assert(survives, { seed: printedSeed("readReply"), numRuns: 2000 });
  });
});
