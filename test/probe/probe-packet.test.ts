import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FlowLabel, flowLabelOf } from "../../src/flow/flow-label.ts";
import type { Protocol } from "../../src/flow/target.ts";
import { readQuote } from "../../src/packet/quote.ts";
import { identify } from "../../src/probe/probe-id.ts";
import { END_TO_END_TTL, ProbePacket, protocolNumber } from "../../src/probe/probe-packet.ts";
import { address } from "../support/address.ts";
import { printedSeed } from "../support/seed.ts";
import { checksumsAreRight, readSent } from "../support/sent-packet.ts";
import { ENDS, makeTarget } from "../support/target.ts";
import { dissect, tsharkIsMissing } from "../support/tshark.ts";

const PROTOCOLS: readonly Protocol[] = ["tcp", "udp", "icmp"];

/** Severity of tshark's "warning" (epan/proto.h, PI_WARN). */
const EXPERT_WARNING = 0x600000;
const HEADER = { 4: 20, 6: 40 } as const;
const CASES = ([4, 6] as const).flatMap((family) =>
  PROTOCOLS.map((protocol) => ({ family, protocol })),
);

/** Bytes of the IP header that may differ between the packets of a flow: TTL, identification and their checksum. */
const VARIABLE_IP = { 4: [4, 5, 8, 10, 11], 6: [7] } as const;
/** Bytes behind the IP header that may differ: what tells packets apart. */
const VARIABLE: Record<Protocol, readonly number[]> = {
  // The timestamp, and the checksum that routers do not hash in TCP.
  tcp: [16, 17, 28, 29, 30, 31],
  // Counter and complement behind 8 bytes of header and 8 of key.
  udp: [16, 17, 18, 19],
  // Sequence number, and its complement behind 8 bytes of key.
  icmp: [6, 7, 16, 17],
};

/** Bytes behind the IPv6 header that a quote must have to tell which packet it is. */
const ENOUGH: Record<Protocol, number> = { tcp: 36, udp: 20, icmp: 8 };

const octet = fc.integer({ min: 1, max: 254 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join("."));
const group = fc.integer({ min: 1, max: 0xffff });
const ipv6 = fc
  .array(group, { minLength: 7, maxLength: 7 })
  .map((groups) => ["2001", ...groups.map((word) => word.toString(16))].join(":"));
const port = fc.integer({ min: 1, max: 65_535 });
const flowsOf = (family: 4 | 6) =>
  fc.record({
    to: family === 4 ? ipv4 : ipv6,
    from: family === 4 ? ipv4 : ipv6,
    port,
    sourcePort: port,
    dscp: fc.nat(63),
    flowLabel: fc.constantFrom<FlowLabel>("port", 0),
    digest: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  });
type Flow = ReturnType<typeof flowsOf> extends fc.Arbitrary<infer T> ? T : never;
const stamps = fc.record({
  ttl: fc.integer({ min: 1, max: 127 }),
  count: fc.nat(),
  // The edges of both halves are where carries go wrong.
  timestamp: fc.oneof(
    fc.nat(2 ** 31 - 1),
    fc.constantFrom(0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffff0000, 0xffffffff),
  ),
});

function packetOf(protocol: Protocol, flow: Flow): ProbePacket {
  const { to, from, dscp, flowLabel } = flow;
  const target = makeTarget({
    protocol,
    to,
    from,
    dscp,
    flowLabel,
    ...(protocol === "icmp" ? {} : { port: flow.port }),
  });
  return new ProbePacket(target, flow.sourcePort, Buffer.from(flow.digest));
}

describe.each(CASES)("a stamped $protocol packet over IPv$family", ({ family, protocol }) => {
  const flows = flowsOf(family);
  const body = HEADER[family];

  test("has right checksums, and carries what it was stamped with", () => {
    const right = fc.property(flows, fc.array(stamps, { minLength: 1 }), (flow, all) => {
      const packet = packetOf(protocol, flow);
      for (const { ttl, count, timestamp } of all) {
        const id = identify(ttl, count);
        packet.stamp(ttl, id, timestamp);
        const bytes = packet.bytes.subarray(0, packet.length);
        expect(checksumsAreRight(bytes)).toEqual({ ip: true, transport: true });
        const sent = readSent(bytes);
        const { from, to, sourcePort } = flow;
        expect(sent).toMatchObject({ family, from, to, ttl, sourcePort, protocol });
        if (family === 4) {
          expect(sent.id).toBe(id);
          expect(bytes.readUInt16BE(2)).toBe(packet.length);
          expect(bytes.readUInt8(1) >> 2).toBe(flow.dscp);
        } else {
          expect(bytes.readUInt16BE(4)).toBe(packet.length - body);
          expect((bytes.readUInt16BE(0) >> 6) & 63).toBe(flow.dscp);
          expect(sent.flowLabel).toBe(flowLabelOf(flow.flowLabel, sourcePort));
        }
        if (protocol === "tcp") expect(sent.timestamp).toBe(timestamp);
        if (protocol === "udp") expect(Buffer.from(sent.payload).readUInt16BE(8)).toBe(id);
        if (protocol === "icmp") expect(sent.sequence).toBe(id);
      }
    });
    fc.assert(right, { seed: printedSeed(`${protocol} checksums, IPv${family}`), numRuns: 150 });
  });

  test("differs from the flow's others in nothing that a router may hash", () => {
    const constant = fc.property(flows, fc.array(stamps, { minLength: 2 }), (flow, all) => {
      const packet = packetOf(protocol, flow);
      const rest = all.map(({ ttl, count, timestamp }) => {
        packet.stamp(ttl, identify(ttl, count), timestamp);
        const bytes = Buffer.from(packet.bytes.subarray(0, packet.length));
        for (const at of VARIABLE_IP[family]) bytes[at] = 0;
        for (const at of VARIABLE[protocol]) bytes[body + at] = 0;
        return bytes.toString("hex");
      });
      expect(new Set(rest).size).toBe(1);
    });
    fc.assert(constant, { seed: printedSeed(`${protocol} constant, IPv${family}`), numRuns: 100 });
  });

  test("says of itself what the matching goes by", () => {
    const digest = Buffer.from("000102030405060708090a0b", "hex");
    const packet = new ProbePacket(makeTarget({ ...ENDS[family], protocol }), 61_000, digest);
    packet.stamp(END_TO_END_TTL, identify(0, 77), 99);
    const sent = readSent(packet.bytes.subarray(0, packet.length));
    if (protocol === "tcp") expect(sent.sequence).toBe(0x08090a0b);
    else {
      expect(sent.checksum).toBe(packet.checksum);
      expect([...sent.payload.subarray(0, 8)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
    expect(packet.sequence).toBe(0x08090a0b);
  });

  test("is known again from any quote that is long enough, and never taken for another", () => {
    const known = fc.property(flows, fc.array(stamps, { minLength: 1 }), (flow, all) => {
      const packet = packetOf(protocol, flow);
      for (const { ttl, count, timestamp } of all) {
        const id = identify(ttl, count);
        packet.stamp(ttl, id, timestamp);
        const bytes = packet.bytes.subarray(0, packet.length);
        const told =
          family === 6 && protocol === "tcp"
            ? { identification: undefined, timestamp }
            : { identification: id, timestamp: undefined };
        for (let end = body + 8; end <= packet.length; end += 4) {
          const quote = readQuote(bytes, 0, end);
          if (quote === undefined) throw new Error(`no quote of ${end} bytes`);
          const long = family === 4 || end >= body + ENOUGH[protocol];
          const nothing = { identification: undefined, timestamp: undefined };
          expect(packet.identityIn(quote, bytes)).toEqual(long ? told : nothing);
        }
      }
    });
    fc.assert(known, { seed: printedSeed(`${protocol} quotes, IPv${family}`), numRuns: 50 });
  });
});

test("a UDP counter that is not beside its complement is no counter", () => {
  const target = makeTarget({ ...ENDS[6], protocol: "udp" });
  const packet = new ProbePacket(target, 61_000, Buffer.alloc(12));
  packet.stamp(3, identify(3, 5), 0);
  const bytes = Uint8Array.from(packet.bytes.subarray(0, packet.length));
  bytes.fill(0, 40 + 16, 40 + 20);
  const quote = readQuote(bytes, 0, bytes.length);
  expect(quote && packet.identityIn(quote, bytes).identification).toBeUndefined();
});

test("a protocol has its number, ICMP one for each family", () => {
  const v4 = address("192.0.2.1");
  const v6 = address("2001:db8::1");
  expect(protocolNumber({ protocol: "tcp", address: v4 })).toBe(6);
  expect(protocolNumber({ protocol: "udp", address: v6 })).toBe(17);
  expect(protocolNumber({ protocol: "icmp", address: v4 })).toBe(1);
  expect(protocolNumber({ protocol: "icmp", address: v6 })).toBe(58);
});

test.skipIf(tsharkIsMissing()).each([4, 6] as const)(
  "tshark finds nothing wrong with stamped IPv%d packets",
  (family) => {
    const digest = Buffer.from("f0e1d2c3b4a5968778695a4b", "hex");
    const packets = PROTOCOLS.flatMap((protocol) => {
      const target = makeTarget({ ...ENDS[family], protocol, dscp: 46 });
      const packet = new ProbePacket(target, 61_000, digest);
      return [1, 7, 64].map((ttl, i) => {
        packet.stamp(ttl, identify(ttl, i * 300), 0xfffffff0 + i * 7);
        return Uint8Array.from(packet.bytes.subarray(0, packet.length));
      });
    });
    const names = family === 4 ? ["ip", "tcp", "udp", "icmp"] : ["tcp", "udp", "icmpv6"];
    const statuses = names.map((name) => `${name}.checksum.status`);
    const header =
      family === 4
        ? { dscp: "ip.dsfield.dscp", ttl: "ip.ttl" }
        : { dscp: "ipv6.tclass.dscp", ttl: "ipv6.hlim" };
    const fields = [...statuses, "_ws.malformed", "_ws.expert.severity", header.dscp, header.ttl];
    const dissected = dissect(packets, [...fields, "ipv6.flow"]);
    dissected.forEach((packet, i) => {
      expect(packet["_ws.malformed"]).toBe("");
      const severities = (packet["_ws.expert.severity"] ?? "").split(";").map(Number);
      expect(Math.max(...severities)).toBeLessThan(EXPERT_WARNING);
      expect(packet[header.dscp]).toBe("46");
      expect(packet[header.ttl]).toBe(String([1, 7, 64][i % 3]));
      if (family === 6) expect(Number(packet["ipv6.flow"])).toBe(flowLabelOf("port", 61_000));
      // 1 is "good"; the fields of the other protocols are empty, and an IPv6 header has no checksum.
      const said = statuses.map((name) => packet[name] ?? "").filter((status) => status !== "");
      expect(said).toEqual(family === 4 ? ["1", "1"] : ["1"]);
    });
  },
);
