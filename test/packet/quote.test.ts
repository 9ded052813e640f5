import { describe, expect, test } from "vitest";
import { addressText } from "../../src/packet/address.ts";
import { readIcmp } from "../../src/packet/icmp.ts";
import { readIp } from "../../src/packet/ip.ts";
import { readQuote } from "../../src/packet/quote.ts";
import {
  echoReply,
  echoRequest,
  icmpPacket,
  ipPacket,
  tcpPacket,
  timeExceeded,
  u16,
  u32,
  udpPacket,
} from "../support/packet-builder.ts";

const families = [
  { family: 4 as const, header: 20, ends: { from: "192.0.2.1", to: "198.51.100.2" } },
  { family: 6 as const, header: 40, ends: { from: "2001:db8::1", to: "2001:db8:2::2" } },
];

describe.each(families)("readQuote of IPv$family", ({ family, header, ends }) => {
  const least = header + 8;
  const tcp = { ...ends, sourcePort: 61000, destinationPort: 443, sequence: 0xfedcba98 };

  test("reads a TCP quote of 8 bytes behind the IP header", () => {
    const quote = readQuote(tcpPacket({ ...tcp, ttl: 1, id: 7 }), 0, least);
    expect(quote).toMatchObject({
      ip: {
        family,
        hopLimit: 1,
        id: family === 4 ? 7 : 0,
        payloadOffset: header,
        payloadEnd: least,
      },
      sourcePort: 61000,
      destinationPort: 443,
      sequence: 0xfedcba98,
      udpLength: undefined,
      udpChecksum: undefined,
    });
  });

  test("reads the timestamp of a SYN that is quoted far enough, and of no shorter quote", () => {
    const options = [2, 4, 5, 180, 4, 2, 8, 10, ...u32(0xfeedface), ...u32(0), 1, 3, 3, 7];
    const packet = tcpPacket({ ...tcp, flags: ["syn"], options });
    const whole = header + 20 + 16;
    for (let end = least; end <= packet.length; end++) {
      const timestamp = end < whole ? undefined : 0xfeedface;
      expect(readQuote(packet, 0, end)).toMatchObject({ timestamp, sequence: 0xfedcba98 });
    }
    // Zeros that a router pads its quote with (RFC 4884) are no part of it.
    const padded = Uint8Array.from([...packet.subarray(0, least), ...new Uint8Array(72)]);
    expect(readQuote(padded, 0, padded.length)?.timestamp).toBeUndefined();
  });

  test("reads length and checksum of a UDP quote", () => {
    const packet = udpPacket({
      ...ends,
      sourcePort: 61000,
      destinationPort: 53,
      payload: new Uint8Array(500),
    });
    expect(readQuote(packet, 0, least)).toMatchObject({
      sourcePort: 61000,
      destinationPort: 53,
      sequence: undefined,
      udpLength: 508,
      udpChecksum: (packet[header + 6] ?? 0) * 256 + (packet[header + 7] ?? 0),
    });
  });

  test("reads identifier and sequence of an echo request", () => {
    const packet = echoRequest({ ...ends, identifier: 0xbeef, sequence: 0xcafe });
    expect(readQuote(packet, 0, packet.length)).toMatchObject({
      sourcePort: 0xbeef,
      destinationPort: 0,
      sequence: 0xcafe,
      udpLength: undefined,
      udpChecksum: undefined,
    });
  });

  test("needs 8 bytes behind the IP header, whatever lies behind the end", () => {
    const packet = tcpPacket(tcp);
    for (let end = 0; end < least; end++) expect(readQuote(packet, 0, end)).toBeUndefined();
  });

  test("knows no quote but TCP, UDP and echo requests", () => {
    const reply = echoReply({ ...ends, identifier: 1, sequence: 1 });
    expect(readQuote(reply, 0, reply.length)).toBeUndefined();
    const otherFamilysIcmp = family === 4 ? 58 : 1;
    for (const protocol of [otherFamilysIcmp, 47, 132]) {
      const packet = ipPacket({ ...ends, protocol, payload: [128, 0, 0, 0, 0, 0, 0, 0] });
      expect(readQuote(packet, 0, packet.length)).toBeUndefined();
    }
  });

  test("finds its way from the received packet, also through an RFC 4884 extension", () => {
    for (const extension of [undefined, [0x20, 0, 0, 0, 0, 8, 1, 1, 0, 0, 0x11, 0xff]]) {
      const packet = timeExceeded({
        from: family === 4 ? "203.0.113.9" : "2001:db8:f::9",
        to: ends.from,
        quoted: tcpPacket({ ...tcp, ttl: 1 }),
        extension,
      });
      const outer = readIp(packet, 0, packet.length);
      const icmp = readIcmp(packet, outer?.payloadOffset ?? 0, outer?.payloadEnd ?? 0, family);
      if (icmp?.kind !== "time_exceeded") throw new Error(`read as ${icmp?.kind}`);
      const quote = readQuote(packet, icmp.quoteOffset, icmp.quoteEnd);
      expect(quote).toMatchObject({ sourcePort: 61000, sequence: 0xfedcba98, ip: { hopLimit: 1 } });
      expect(addressText(packet, quote?.ip.destinationOffset ?? 0, family)).toBe(ends.to);
    }
  });
});

describe("readQuote", () => {
  const ends = { from: "192.0.2.1", to: "198.51.100.2", sourcePort: 61000, destinationPort: 443 };

  test.each([0, 0x2800, 0x1400])(
    "reads a quoted total length of %i for what it is: wrong",
    (wrong) => {
      const packet = tcpPacket({ ...ends, sequence: 5 });
      packet.set(u16(wrong), 2);
      expect(readQuote(packet, 0, 28)).toMatchObject({ sourcePort: 61000, sequence: 5 });
    },
  );

  test("reads a first fragment and no later one", () => {
    const first = tcpPacket({ ...ends, moreFragments: true });
    const later = tcpPacket({ ...ends, fragmentOffset: 1 });
    expect(readQuote(first, 0, first.length)?.sourcePort).toBe(61000);
    expect(readQuote(later, 0, later.length)).toBeUndefined();
  });

  test("reads no later fragment of IPv6", () => {
    const quoted = (offset: number): Uint8Array =>
      tcpPacket({
        ...ends,
        from: "2001:db8::1",
        to: "2001:db8::2",
        extensions: [{ type: 44, body: [0, ...u16(8 * offset), 0, 0, 0, 1] }],
      });
    expect(readQuote(quoted(0), 0, 56)?.sourcePort).toBe(61000);
    expect(readQuote(quoted(1), 0, 56)).toBeUndefined();
  });

  test("takes the header behind IPv4 options", () => {
    const packet = tcpPacket({ ...ends, ipOptions: [148, 4, 0, 0] });
    expect(readQuote(packet, 0, 32)?.sourcePort).toBe(61000);
    expect(readQuote(packet, 0, 31)).toBeUndefined();
  });

  test("takes no ICMP error for an echo request", () => {
    const packet = icmpPacket({ ...ends, type: 3, rest: [0, 0, 0, 0] });
    expect(readQuote(packet, 0, packet.length)).toBeUndefined();
  });
});
