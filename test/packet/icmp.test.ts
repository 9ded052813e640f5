import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress } from "../../src/packet/address.ts";
import { readIcmp, writeEcho } from "../../src/packet/icmp.ts";
import {
  echoReply,
  echoRequest,
  icmpPacket,
  tcpPacket,
  timeExceeded,
  unreachable,
} from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

const v4 = {
  family: 4 as const,
  header: 20,
  ends: { from: "203.0.113.1", to: "192.0.2.1" },
  quoted: tcpPacket({
    from: "192.0.2.1",
    to: "198.51.100.2",
    sourcePort: 61000,
    destinationPort: 443,
    payload: new Uint8Array(200),
  }),
};
const v6 = {
  family: 6 as const,
  header: 40,
  ends: { from: "2001:db8:f::1", to: "2001:db8::1" },
  quoted: tcpPacket({
    from: "2001:db8::1",
    to: "2001:db8:2::2",
    sourcePort: 61000,
    destinationPort: 443,
    payload: new Uint8Array(200),
  }),
};
const families = [v4, v6];

describe.each(families)("readIcmp of IPv$family", ({ family, header, ends, quoted }) => {
  const read = (packet: Uint8Array) => readIcmp(packet, header, packet.length, family);
  const least = header + 8;

  test("finds the quoted datagram of a time exceeded", () => {
    for (const code of [0, 1]) {
      expect(read(timeExceeded({ ...ends, quoted, quoteBytes: least, code }))).toEqual({
        kind: "time_exceeded",
        code,
        quoteOffset: header + 8,
        quoteEnd: header + 8 + least,
      });
    }
  });

  test("classes every code of unreachable", () => {
    const port = family === 4 ? [3] : [4];
    const prohibited = family === 4 ? [9, 10, 13] : [1, 5, 6];
    for (let code = 0; code < 256; code++) {
      const wanted = port.includes(code)
        ? "port"
        : prohibited.includes(code)
          ? "prohibited"
          : "other";
      expect(read(unreachable({ ...ends, quoted, quoteBytes: least, code }))).toEqual({
        kind: "unreachable",
        class: wanted,
        code,
        quoteOffset: header + 8,
        quoteEnd: header + 8 + least,
      });
    }
  });

  test("ends the quote where RFC 4884 says the extension begins", () => {
    const extension = [0x20, 0, 0, 0, 0, 8, 1, 1, 0x01, 0xf4, 0x41, 0xff];
    for (const quoteBytes of [60, 128, 136, undefined]) {
      const packet = timeExceeded({ ...ends, quoted, quoteBytes, extension });
      expect(read(packet)).toMatchObject({
        quoteOffset: header + 8,
        quoteEnd: packet.length - extension.length,
      });
    }
  });

  test("ignores an RFC 4884 length that is too small or beyond the end", () => {
    const lengthAt = family === 4 ? 1 : 0;
    for (const length of [1, family === 4 ? 6 : 5, 250]) {
      const word = [0, 0, 0, 0].map((byte, i) => (i === lengthAt ? length : byte));
      const rest = [...word, ...quoted.subarray(0, 100)];
      const packet = icmpPacket({ ...ends, type: family === 4 ? 11 : 3, rest });
      expect(read(packet)).toMatchObject({ quoteEnd: packet.length });
    }
  });

  test("reads echo requests and replies", () => {
    const options = { ...ends, identifier: 0xfedc, sequence: 0xba98, payload: Uint8Array.of(1) };
    const echo = { identifier: 0xfedc, sequence: 0xba98, payloadOffset: header + 8 };
    expect(read(echoRequest(options))).toEqual({ kind: "echo_request", ...echo });
    expect(read(echoReply(options))).toEqual({ kind: "echo_reply", ...echo });
  });

  test("names the type and code of every other message", () => {
    const known = family === 4 ? [0, 3, 8, 11] : [1, 3, 128, 129];
    for (let type = 0; type < 256; type++) {
      const message = read(icmpPacket({ ...ends, type, code: 7, rest: [0, 0, 0, 0] }));
      if (known.includes(type)) expect(message?.kind).not.toBe("other");
      else expect(message).toEqual({ kind: "other", type, code: 7 });
    }
  });
});

describe("readIcmp of IPv4", () => {
  test("rejects a message with any single bit flipped", () => {
    const packet = timeExceeded({ ...v4.ends, quoted: v4.quoted, quoteBytes: 28 });
    for (let bit = 0; bit < 8 * (packet.length - 20); bit++) {
      const damaged = Uint8Array.from(packet);
      const at = 20 + (bit >> 3);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit & 7));
      expect(readIcmp(damaged, 20, damaged.length, 4)).toBeUndefined();
    }
  });
});

describe("writeEcho", () => {
  test.each([
    { family: 4, size: 4, ipHeader: 20 },
    { family: 6, size: 16, ipHeader: 40 },
  ] as const)(
    "writes the request that the naive builder draws over IPv$family",
    ({ family, size, ipHeader }) => {
      const address = fc
        .uint8Array({ minLength: size, maxLength: size })
        .map((bytes) => readAddress(bytes, 0, family));
      const fields = fc.record({
        identifier: fc.nat(0xffff),
        sequence: fc.nat(0xffff),
        payload: fc.uint8Array({ maxLength: 33 }),
      });
      fc.assert(
        fc.property(address, address, fields, (source, destination, given) => {
          const drawn = echoRequest({ from: source.text, to: destination.text, ...given }).subarray(
            ipHeader,
          );
          const out = new Uint8Array(64).fill(0xa5);
          const length = writeEcho(out, 3, given, family, source, destination);
          expect(length).toBe(8 + given.payload.length);
          expect(out.subarray(3, 3 + length)).toEqual(drawn);
          expect(out.subarray(3 + length).every((byte) => byte === 0xa5)).toBe(true);
        }),
        { seed: printedSeed(`echo over IPv${family}`), numRuns: 300 },
      );
    },
  );
});
