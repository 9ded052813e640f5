import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAddress } from "../../src/packet/address.ts";
import { readTcp, SYN_TIMESTAMP_OFFSET, TCP_FLAGS, writeSyn } from "../../src/packet/tcp.ts";
import { tcpPacket, timestamps, u16, u32 } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

const ends = { from: "192.0.2.1", to: "198.51.100.2", sourcePort: 443, destinationPort: 61000 };

/** The TCP segment of a naively built packet without IP options. */
function segment(options: Partial<Parameters<typeof tcpPacket>[0]>): Uint8Array {
  return tcpPacket({ ...ends, ...options }).subarray(20);
}

describe("writeSyn", () => {
  const word32 = fc.nat(0xffffffff);

  test.each([
    { family: 4, size: 4, ipHeader: 20, mss: 1460, window: 64240 },
    { family: 6, size: 16, ipHeader: 40, mss: 1440, window: 64800 },
  ] as const)("writes Linux's SYN for IPv$family", ({ family, size, ipHeader, mss, window }) => {
    const address = fc
      .uint8Array({ minLength: size, maxLength: size })
      .map((bytes) => readAddress(bytes, 0, family));
    const fields = fc.record({
      sourcePort: fc.nat(0xffff),
      destinationPort: fc.nat(0xffff),
      sequence: word32,
      timestamp: word32,
    });
    fc.assert(
      fc.property(address, address, fields, (source, destination, given) => {
        const drawn = tcpPacket({
          from: source.text,
          to: destination.text,
          ...given,
          flags: ["syn"],
          window,
          options: [
            ...[2, 4, ...u16(mss)],
            ...[4, 2],
            ...[8, 10, ...u32(given.timestamp), ...u32(0)],
            ...[1, 3, 3, 7],
          ],
        }).subarray(ipHeader);
        const out = new Uint8Array(48).fill(0xa5);
        expect(writeSyn(out, 3, given, source, destination)).toBe(40);
        expect(out.subarray(3, 43)).toEqual(drawn);
        expect(out.subarray(43).every((byte) => byte === 0xa5)).toBe(true);
        const stamp = 3 + SYN_TIMESTAMP_OFFSET;
        expect([...out.subarray(stamp, stamp + 4)]).toEqual(u32(given.timestamp));
      }),
      { seed: printedSeed(`SYN over IPv${family}`), numRuns: 300 },
    );
  });
});

describe("readTcp", () => {
  test("reads a SYN-ACK with the echo of the timestamp", () => {
    const bytes = segment({
      sequence: 0xfedcba98,
      acknowledgement: 0x80000001,
      flags: ["syn", "ack"],
      options: [2, 4, 5, 180, ...timestamps(7, 0xcafef00d), 1, 3, 3, 7],
    });
    expect(readTcp(bytes, 0, bytes.length)).toEqual({
      sourcePort: 443,
      destinationPort: 61000,
      sequence: 0xfedcba98,
      acknowledgement: 0x80000001,
      flags: TCP_FLAGS.syn | TCP_FLAGS.ack,
      payloadOffset: 40,
      timestampEcho: 0xcafef00d,
    });
  });

  test("reads a RST without options at an offset", () => {
    const bytes = Uint8Array.from([9, 9, 9, ...segment({ flags: ["rst", "ack"] })]);
    expect(readTcp(bytes, 3, bytes.length)).toMatchObject({
      flags: TCP_FLAGS.rst | TCP_FLAGS.ack,
      payloadOffset: 23,
      timestampEcho: undefined,
    });
  });

  test.each([
    ["an end of options before it", [0, 2, ...timestamps(1, 2).slice(2)]],
    ["an option of length 0 before it", [9, 0, ...timestamps(1, 2).slice(2)]],
    ["an option of length 1 before it", [9, 1, ...timestamps(1, 2).slice(2)]],
    ["an option that reaches beyond the header", [9, 200, ...timestamps(1, 2).slice(2)]],
    ["a timestamps option of a wrong length", [1, 1, 8, 6, 0, 0, 0, 2, 1, 1, 1, 1]],
    ["a timestamps option cut by the end of the header", [1, 1, 1, 1, 1, 1, 8, 10]],
    ["a kind in the last byte, its length outside", [1, 1, 1, 8]],
  ])("finds no timestamp behind %s", (_, options) => {
    const payload = Uint8Array.of(10, 0, 0, 0, 1, 0, 0, 0, 2, 9, 9, 9);
    const bytes = segment({ options, payload });
    expect(readTcp(bytes, 0, bytes.length)).toMatchObject({
      payloadOffset: 20 + options.length,
      timestampEcho: undefined,
    });
  });

  test("rejects a data offset below 20 bytes or beyond the received end", () => {
    for (const words of [0, 4, 6, 15]) {
      const bytes = segment({});
      bytes[12] = words << 4;
      expect(readTcp(bytes, 0, bytes.length)).toBeUndefined();
    }
  });
});
