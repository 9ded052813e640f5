import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Protocol } from "../../src/flow/target.ts";
import { identify } from "../../src/probe/probe-id.ts";
import { END_TO_END_TTL, ProbePacket, protocolNumber } from "../../src/probe/template.ts";
import { address } from "../support/address.ts";
import { printedSeed } from "../support/seed.ts";
import { checksumsAreRight, readSent } from "../support/sent-packet.ts";
import { makeTarget } from "../support/target.ts";
import { dissect, tsharkIsMissing } from "../support/tshark.ts";

const PROTOCOLS: readonly Protocol[] = ["tcp", "udp", "icmp"];

/** Bytes that may differ between the packets of a flow: TTL, identification and their checksum, and what tells packets apart. */
const VARIABLE: Record<Protocol, readonly number[]> = {
  // The timestamp, and the checksum that routers do not hash in TCP.
  tcp: [4, 5, 8, 10, 11, 36, 37, 48, 49, 50, 51],
  // Counter and complement behind 8 bytes of header and 8 of key.
  udp: [4, 5, 8, 10, 11, 36, 37, 38, 39],
  // Sequence number, and its complement behind 8 bytes of key.
  icmp: [4, 5, 8, 10, 11, 26, 27, 36, 37],
};

const octet = fc.integer({ min: 1, max: 254 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join("."));
const port = fc.integer({ min: 1, max: 65_535 });
const flows = fc.record({
  to: ipv4,
  from: ipv4,
  port,
  sourcePort: port,
  dscp: fc.nat(63),
  digest: fc.uint8Array({ minLength: 12, maxLength: 12 }),
});
const stamps = fc.record({
  ttl: fc.integer({ min: 1, max: 127 }),
  count: fc.nat(),
  // The edges of both halves are where carries go wrong.
  timestamp: fc.oneof(
    fc.nat(2 ** 31 - 1),
    fc.constantFrom(0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffff0000, 0xffffffff),
  ),
});

function packetOf(
  protocol: Protocol,
  flow: typeof flows extends fc.Arbitrary<infer T> ? T : never,
) {
  const { to, from, dscp } = flow;
  const target = makeTarget({
    protocol,
    to,
    from,
    dscp,
    ...(protocol === "icmp" ? {} : { port: flow.port }),
  });
  return new ProbePacket(target, flow.sourcePort, Buffer.from(flow.digest));
}

describe.each(PROTOCOLS)("a stamped %s packet", (protocol) => {
  test("has right checksums, and carries what it was stamped with", () => {
    const right = fc.property(flows, fc.array(stamps, { minLength: 1 }), (flow, all) => {
      const packet = packetOf(protocol, flow);
      for (const { ttl, count, timestamp } of all) {
        const id = identify(ttl, count);
        packet.stamp(ttl, id, timestamp);
        const bytes = packet.bytes.subarray(0, packet.length);
        expect(checksumsAreRight(bytes)).toEqual({ ip: true, transport: true });
        const sent = readSent(bytes);
        expect(sent).toMatchObject({ from: flow.from, to: flow.to, ttl, id, protocol });
        expect(sent.sourcePort).toBe(flow.sourcePort);
        expect(bytes.readUInt16BE(2)).toBe(packet.length);
        expect(bytes.readUInt8(1) >> 2).toBe(flow.dscp);
        if (protocol === "tcp") expect(sent.timestamp).toBe(timestamp);
        if (protocol === "udp") expect(Buffer.from(sent.payload).readUInt16BE(8)).toBe(id);
        if (protocol === "icmp") expect(sent.sequence).toBe(id);
      }
    });
    fc.assert(right, { seed: printedSeed(`${protocol} checksums`), numRuns: 150 });
  });

  test("differs from the flow's others in nothing that a router may hash", () => {
    const constant = fc.property(flows, fc.array(stamps, { minLength: 2 }), (flow, all) => {
      const packet = packetOf(protocol, flow);
      const rest = all.map(({ ttl, count, timestamp }) => {
        packet.stamp(ttl, identify(ttl, count), timestamp);
        const bytes = Buffer.from(packet.bytes.subarray(0, packet.length));
        for (const at of VARIABLE[protocol]) bytes[at] = 0;
        return bytes.toString("hex");
      });
      expect(new Set(rest).size).toBe(1);
    });
    fc.assert(constant, { seed: printedSeed(`${protocol} constant`), numRuns: 100 });
  });

  test("says of itself what the matching goes by", () => {
    const digest = Buffer.from("000102030405060708090a0b", "hex");
    const packet = new ProbePacket(makeTarget({ protocol }), 61_000, digest);
    packet.stamp(END_TO_END_TTL, identify(0, 77), 99);
    const sent = readSent(packet.bytes.subarray(0, packet.length));
    if (protocol === "tcp") expect(sent.sequence).toBe(0x08090a0b);
    else {
      expect(sent.checksum).toBe(packet.checksum);
      expect([...sent.payload.subarray(0, 8)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
    expect(packet.sequence).toBe(0x08090a0b);
  });
});

test("a protocol has its number, ICMP one for each family", () => {
  const v4 = address("192.0.2.1");
  const v6 = address("2001:db8::1");
  expect(protocolNumber({ protocol: "tcp", address: v4 })).toBe(6);
  expect(protocolNumber({ protocol: "udp", address: v6 })).toBe(17);
  expect(protocolNumber({ protocol: "icmp", address: v4 })).toBe(1);
  expect(protocolNumber({ protocol: "icmp", address: v6 })).toBe(58);
});

test.skipIf(tsharkIsMissing())("tshark finds nothing wrong with stamped packets", () => {
  const digest = Buffer.from("f0e1d2c3b4a5968778695a4b", "hex");
  const packets = PROTOCOLS.flatMap((protocol) => {
    const packet = new ProbePacket(makeTarget({ protocol, dscp: 46 }), 61_000, digest);
    return [1, 7, 64].map((ttl, i) => {
      packet.stamp(ttl, identify(ttl, i * 300), 0xfffffff0 + i * 7);
      return Uint8Array.from(packet.bytes.subarray(0, packet.length));
    });
  });
  const statuses = ["ip", "tcp", "udp", "icmp"].map((name) => `${name}.checksum.status`);
  const dissected = dissect(packets, [...statuses, "_ws.malformed", "ip.dsfield.dscp", "ip.ttl"]);
  dissected.forEach((packet, i) => {
    expect(packet["_ws.malformed"]).toBe("");
    expect(packet["ip.dsfield.dscp"]).toBe("46");
    expect(packet["ip.ttl"]).toBe(String([1, 7, 64][i % 3]));
    // 1 is "good"; the fields of the other protocols are empty.
    const said = statuses.map((name) => packet[name] ?? "").filter((status) => status !== "");
    expect(said).toEqual(["1", "1"]);
  });
});
