import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress } from "../../src/packet/address.ts";
import { readUdp, writeUdp } from "../../src/packet/udp.ts";
import { address } from "../support/address.ts";
import { u16, udpPacket } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

describe("writeUdp", () => {
  test.each([
    { family: 4, size: 4, ipHeader: 20 },
    { family: 6, size: 16, ipHeader: 40 },
  ] as const)(
    "writes the datagram that the naive builder draws over IPv$family, and readUdp reads it",
    ({ family, size, ipHeader }) => {
      const anyAddress = fc
        .uint8Array({ minLength: size, maxLength: size })
        .map((bytes) => readAddress(bytes, 0, family));
      const fields = fc.record({
        sourcePort: fc.nat(0xffff),
        destinationPort: fc.nat(0xffff),
        payload: fc.uint8Array({ maxLength: 33 }),
      });
      fc.assert(
        fc.property(anyAddress, anyAddress, fields, (source, destination, given) => {
          const drawn = udpPacket({ from: source.text, to: destination.text, ...given }).subarray(
            ipHeader,
          );
          const out = new Uint8Array(64).fill(0xa5);
          const length = writeUdp(out, 3, given, source, destination);
          expect(length).toBe(8 + given.payload.length);
          expect(out.subarray(3, 3 + length)).toEqual(drawn);
          expect(out.subarray(3 + length).every((byte) => byte === 0xa5)).toBe(true);
          expect(readUdp(out, 3, 3 + length)).toEqual({
            sourcePort: given.sourcePort,
            destinationPort: given.destinationPort,
            length,
            checksum: (drawn[6] ?? 0) * 256 + (drawn[7] ?? 0),
            payloadOffset: 11,
            payloadEnd: 3 + length,
          });
        }),
        { seed: printedSeed(`UDP over IPv${family}`), numRuns: 300 },
      );
    },
  );

  test("sends a checksum that comes out as zero as 0xffff", () => {
    const source = address("0.0.0.0");
    const out = new Uint8Array(10);
    // All covered words but these are zero: protocol 17, the length 10 twice, the port, the payload; they add up to 0xffff.
    const payload = Uint8Array.from(u16(0xffff - 17 - 10 - 10 - 5));
    writeUdp(out, 0, { sourcePort: 5, destinationPort: 0, payload }, source, source);
    expect([...out.subarray(6, 8)]).toEqual([0xff, 0xff]);
  });
});

describe("readUdp", () => {
  const datagram = udpPacket({
    from: "192.0.2.1",
    to: "192.0.2.2",
    sourcePort: 53,
    destinationPort: 61000,
    payload: Uint8Array.of(1, 2, 3, 4),
  }).subarray(20);

  test("ends the payload where the length field says so", () => {
    const padded = Uint8Array.from([...datagram, 0, 0, 0]);
    expect(readUdp(padded, 0, padded.length)).toMatchObject({ payloadOffset: 8, payloadEnd: 12 });
  });

  test("reads a first fragment up to its end", () => {
    expect(readUdp(datagram, 0, 10)).toMatchObject({ length: 12, payloadEnd: 10 });
  });

  test("rejects a length below that of the header", () => {
    for (const length of [0, 7]) {
      const bytes = Uint8Array.from(datagram);
      bytes.set(u16(length), 4);
      expect(readUdp(bytes, 0, bytes.length)).toBeUndefined();
    }
  });
});
