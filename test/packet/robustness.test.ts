import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressText, readAddress } from "../../src/packet/address.ts";
import { readIcmp } from "../../src/packet/icmp.ts";
import { extensionObjects } from "../../src/packet/icmp-extensions.ts";
import { readInterfaces } from "../../src/packet/interface-info.ts";
import { IP_PROTOCOL, readIp, readQuotedIp } from "../../src/packet/ip.ts";
import type { IpHeader } from "../../src/packet/ip-header.ts";
import { readMplsStack } from "../../src/packet/mpls.ts";
import { readQuote } from "../../src/packet/quote.ts";
import { readTcp } from "../../src/packet/tcp.ts";
import { readUdp } from "../../src/packet/udp.ts";
import {
  echoReply,
  echoRequest,
  ipPacket,
  tcpPacket,
  timeExceeded,
  timestamps,
  udpPacket,
  unreachable,
} from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

/** One packet of every kind that the readers know, of both families. */
function corpus(): Uint8Array[] {
  const v4 = { from: "192.0.2.1", to: "198.51.100.2" };
  const v6 = { from: "2001:db8::1", to: "2001:db8:2::2" };
  const extension = [0x20, 0, 0, 0, 0, 8, 1, 1, 0x01, 0xf4, 0x41, 0xff];
  const extensions = [
    { type: 0, body: [0, 5, 2, 0, 0, 1, 0] },
    { type: 51, body: [4, 0, 0, ...new Array<number>(20).fill(0xaa)] },
    { type: 44, body: [0, 0, 1, 0, 0, 0, 9] },
  ];
  return [v4, v6].flatMap((ends) => {
    const ports = { sourcePort: 443, destinationPort: 61000 };
    const payload = Uint8Array.of(1, 2, 3, 4, 5);
    const options = timestamps(1, 2);
    const syn = tcpPacket({ ...ends, ...ports, flags: ["syn", "ack"], options, payload });
    const udp = udpPacket({ ...ends, ...ports, payload });
    const echo = echoRequest({ ...ends, identifier: 1, sequence: 2, payload });
    return [
      syn,
      udp,
      echo,
      echoReply({ ...ends, identifier: 1, sequence: 2, payload }),
      tcpPacket({ ...ends, ...ports, ipOptions: [7, 7, 4, 0, 0, 0, 0, 0], extensions }),
      ipPacket({ ...ends, protocol: 47, payload: [0, 0, 8, 0] }),
      ...[syn, udp, echo].flatMap((quoted) => [
        timeExceeded({ ...ends, quoted }),
        timeExceeded({ ...ends, quoted, extension }),
        unreachable({ ...ends, quoted, quoteBytes: ends === v4 ? 28 : 48 }),
      ]),
    ];
  });
}

/** Everything the readers find in the bytes from `offset` up to `end`, following the layers as far as they go. */
function decode(bytes: Uint8Array, offset: number, end: number): unknown {
  const ip = readIp(bytes, offset, end);
  expectInside(ip, offset, end);
  expectInside(readQuotedIp(bytes, offset, end), offset, end);
  const start = ip?.payloadOffset ?? offset;
  const limit = ip?.payloadEnd ?? end;
  const tcp = readTcp(bytes, start, limit);
  const udp = readUdp(bytes, start, limit);
  if (tcp !== undefined) expect(tcp.payloadOffset).toBeLessThanOrEqual(limit);
  if (udp !== undefined) {
    expect(udp.payloadOffset).toBeLessThanOrEqual(udp.payloadEnd);
    expect(udp.payloadEnd).toBeLessThanOrEqual(limit);
  }
  const icmp = ([4, 6] as const).map((family) => {
    const message = readIcmp(bytes, start, limit, family);
    if (message === undefined || !("quoteOffset" in message)) return message;
    expect(message.quoteOffset).toBeLessThanOrEqual(message.quoteEnd);
    expect(message.quoteEnd).toBeLessThanOrEqual(limit);
    const quote = readQuote(bytes, message.quoteOffset, message.quoteEnd);
    expectInside(quote?.ip, message.quoteOffset, message.quoteEnd);
    const { quoteOffset, quoteEnd } = message;
    const objects = extensionObjects(bytes, { family, quoteOffset, quoteEnd, end: limit });
    for (const object of objects) expect(object.end).toBeLessThanOrEqual(limit);
    const [mpls, interfaces] = [readMplsStack(bytes, objects), readInterfaces(bytes, objects)];
    return { message, quote, mpls, interfaces };
  });
  const texts =
    ip && [ip.sourceOffset, ip.destinationOffset].map((at) => addressText(bytes, at, ip.family));
  return { ip, texts, tcp, udp, icmp, quote: readQuote(bytes, offset, end) };
}

function expectInside(ip: IpHeader | undefined, offset: number, end: number): void {
  if (ip === undefined) return;
  const addressLength = ip.family === 4 ? 4 : 16;
  expect(ip.sourceOffset).toBeGreaterThan(offset);
  expect(ip.destinationOffset + addressLength).toBeLessThanOrEqual(ip.payloadOffset);
  expect(ip.payloadOffset).toBeLessThanOrEqual(ip.payloadEnd);
  expect(ip.payloadEnd).toBeLessThanOrEqual(end);
}

describe("every reader", () => {
  test("finds the upper layer of every whole packet of the corpus", () => {
    for (const packet of corpus()) {
      const ip = readIp(packet, 0, packet.length);
      if (ip === undefined) throw new Error("no IP header");
      const { payloadOffset: at, payloadEnd: end, family } = ip;
      const known = {
        [IP_PROTOCOL.tcp]: () => readTcp(packet, at, end),
        [IP_PROTOCOL.udp]: () => readUdp(packet, at, end),
        [IP_PROTOCOL.icmp]: () => readIcmp(packet, at, end, family),
        [IP_PROTOCOL.icmpv6]: () => readIcmp(packet, at, end, family),
      }[ip.protocol];
      if (known !== undefined) expect(known()).toBeDefined();
      else expect(ip.protocol).toBe(47);
    }
  });

  test("bears every cut of every packet, and sees nothing of stale bytes behind the received end", () => {
    for (const packet of corpus()) {
      for (let end = 0; end <= packet.length; end++) {
        const alone = decode(packet.slice(0, end), 0, end);
        expect(decode(packet, 0, end)).toEqual(alone);
        const stale = Uint8Array.from(packet).fill(0xff, end);
        expect(decode(stale, 0, end)).toEqual(alone);
      }
    }
  });

  test("bears every packet with every byte set to extreme values", () => {
    for (const packet of corpus()) {
      for (let at = 0; at < packet.length; at++) {
        for (const value of [0x00, 0x0f, 0xff]) {
          const damaged = Uint8Array.from(packet);
          damaged[at] = value;
          decode(damaged, 0, damaged.length);
        }
      }
    }
  });

  test("bears packets with several bytes changed at random", () => {
    const packets = corpus();
    const change = fc.tuple(fc.nat(300), fc.nat(255));
    fc.assert(
      fc.property(
        fc.nat(packets.length - 1),
        fc.array(change, { maxLength: 6 }),
        fc.nat(300),
        (which, changes, cut) => {
          const bytes = Uint8Array.from(packets[which] ?? []);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          decode(bytes, 0, Math.min(cut, bytes.length));
        },
      ),
      { seed: printedSeed("damaged packets"), numRuns: 3000 },
    );
  });

  test("bears any bytes at any offset", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        // Half of them begin like an IP header, else hardly any would be read further than the first byte.
        fc.constantFrom(undefined, 0x45, 0x4f, 0x60),
        fc.nat(130),
        (bytes, first, offset) => {
          if (first !== undefined && offset < bytes.length) bytes[offset] = first;
          decode(bytes, offset, bytes.length);
          if (offset + 16 <= bytes.length) readAddress(bytes, offset, 6);
        },
      ),
      { seed: printedSeed("random bytes"), numRuns: 3000 },
    );
  });
});
