import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress } from "../../src/packet/address.ts";
import { IP_PROTOCOL, readIp, writeIp } from "../../src/packet/ip.ts";
import { ipPacket } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

/** Fields of either family, as the writer takes them. */
const fields = fc.constantFrom(4 as const, 6 as const).chain((family) => {
  const address = fc
    .uint8Array({ minLength: family === 4 ? 4 : 16, maxLength: family === 4 ? 4 : 16 })
    .map((bytes) => readAddress(bytes, 0, family));
  return fc.record({
    source: address,
    destination: address,
    protocol: fc.constantFrom(
      IP_PROTOCOL.tcp,
      IP_PROTOCOL.udp,
      IP_PROTOCOL.icmp,
      IP_PROTOCOL.icmpv6,
    ),
    hopLimit: fc.nat(255),
    dscp: fc.nat(63),
    id: fc.nat(0xffff),
    flowLabel: fc.nat(0xfffff),
    payloadLength: fc.nat(64),
  });
});

describe("writeIp", () => {
  test("writes the header that the naive builder draws, over whatever was there", () => {
    fc.assert(
      fc.property(fields, fc.nat(3), (given, offset) => {
        const out = new Uint8Array(128).fill(0xa5);
        const length = writeIp(out, offset, given);
        const drawn = ipPacket({
          from: given.source.text,
          to: given.destination.text,
          protocol: given.protocol,
          ttl: given.hopLimit,
          trafficClass: given.dscp * 4,
          id: given.id,
          flowLabel: given.flowLabel,
          payload: new Array<number>(given.payloadLength).fill(0),
        });
        expect(length).toBe(given.source.family === 4 ? 20 : 40);
        expect(out.subarray(offset, offset + length)).toEqual(drawn.subarray(0, length));
        expect(out.subarray(0, offset).every((byte) => byte === 0xa5)).toBe(true);
        expect(out.subarray(offset + length).every((byte) => byte === 0xa5)).toBe(true);
      }),
      { seed: printedSeed("IP writer"), numRuns: 300 },
    );
  });
});

describe("readIp", () => {
  test("gives back what writeIp wrote", () => {
    fc.assert(
      fc.property(fields, fc.nat(3), (given, offset) => {
        const out = new Uint8Array(128);
        const headerLength = writeIp(out, offset, given);
        const end = offset + headerLength + given.payloadLength;
        const family = given.source.family;
        const header = readIp(out, offset, end);
        expect(header).toEqual({
          family,
          protocol: given.protocol,
          sourceOffset: offset + (family === 4 ? 12 : 8),
          destinationOffset: offset + (family === 4 ? 16 : 24),
          payloadOffset: offset + headerLength,
          payloadEnd: end,
          hopLimit: given.hopLimit,
          id: family === 4 ? given.id : 0,
          fragmentOffset: 0,
          trafficClass: given.dscp << 2,
          flowLabel: family === 4 ? 0 : given.flowLabel,
          totalLength: headerLength + given.payloadLength,
        });
        expect(readAddress(out, header?.sourceOffset ?? 0, family)).toEqual(given.source);
        expect(readAddress(out, header?.destinationOffset ?? 0, family)).toEqual(given.destination);
      }),
      { seed: printedSeed("IP round trip"), numRuns: 300 },
    );
  });

  test("knows no version but 4 and 6", () => {
    for (const version of [0, 1, 2, 3, 5, 7, 15]) {
      const bytes = new Uint8Array(60).fill(0x05);
      bytes[0] = (version << 4) | 5;
      expect(readIp(bytes, 0, 60)).toBeUndefined();
    }
  });

  test("finds nothing in an empty packet, even with a header lying behind its end", () => {
    const stale = ipPacket({ from: "192.0.2.1", to: "192.0.2.2", protocol: 6, payload: [] });
    expect(readIp(stale, 0, 0)).toBeUndefined();
  });
});
