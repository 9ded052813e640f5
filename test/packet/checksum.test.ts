import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adjustChecksum,
  foldChecksum,
  pseudoHeaderSum,
  sumBytes,
} from "../../src/packet/checksum.ts";
import { address } from "../support/address.ts";
import { addressBytes, textbookChecksum, u16, u32 } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

describe("sumBytes and foldChecksum", () => {
  test("agree with the example of RFC 1071 section 3", () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(sumBytes(bytes, 0, 8)).toBe(0x2ddf0);
    expect(foldChecksum(0x2ddf0)).toBe(~0xddf2 & 0xffff);
  });

  test("agree with a well-known IPv4 header", () => {
    const header = Uint8Array.of(
      ...[0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00],
      ...[0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7],
    );
    expect(foldChecksum(sumBytes(header, 0, 20))).toBe(0xb861);
  });

  test("give zero over a message that carries its checksum", () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7, 0x22, 0x0d);
    expect(foldChecksum(sumBytes(bytes, 0, 10))).toBe(0);
  });

  test("agree with the textbook for any bytes, any range and a sum carried on", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(100),
        fc.nat(50),
        (bytes, cut, from) => {
          const start = Math.min(from, bytes.length);
          const middle = Math.min(start + 2 * Math.floor(cut / 2), bytes.length);
          const whole = foldChecksum(sumBytes(bytes, start, bytes.length));
          expect(whole).toBe(textbookChecksum([...bytes.subarray(start)]));
          if ((middle - start) % 2 !== 0) return;
          const first = sumBytes(bytes, start, middle);
          expect(foldChecksum(sumBytes(bytes, middle, bytes.length, first))).toBe(whole);
        },
      ),
      { seed: printedSeed("checksum"), numRuns: 500 },
    );
  });

  test("stay exact over the largest packet of ones", () => {
    const bytes = new Uint8Array(65535).fill(0xff);
    expect(foldChecksum(sumBytes(bytes, 0, bytes.length))).toBe(textbookChecksum([...bytes]));
  });
});

describe("pseudoHeaderSum", () => {
  test("is the sum of the IPv4 pseudo header of RFC 9293", () => {
    const [source, destination] = ["192.0.2.1", "198.51.100.77"];
    const drawn = [...addressBytes(source), ...addressBytes(destination), 0, 6, ...u16(40)];
    expect(foldChecksum(pseudoHeaderSum(address(source), address(destination), 6, 40))).toBe(
      textbookChecksum(drawn),
    );
  });

  test("is the sum of the IPv6 pseudo header of RFC 8200, also past 64 KiB", () => {
    const [source, destination] = ["2001:db8::1", "fe80::ffff"];
    for (const length of [8, 1280, 0x12345]) {
      const drawn = [
        ...addressBytes(source),
        ...addressBytes(destination),
        ...u32(length),
        ...[0, 0, 0, 58],
      ];
      expect(foldChecksum(pseudoHeaderSum(address(source), address(destination), 58, length))).toBe(
        textbookChecksum(drawn),
      );
    }
  });
});

describe("adjustChecksum", () => {
  test("gives the result of the RFC 1624 section 4 example, where RFC 1141 gives -0", () => {
    expect(adjustChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  test("equals the checksum computed anew, whatever word changes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.nat(9),
        fc.nat(0xffff),
        (bytes, word, value) => {
          // A first word that is not zero keeps the sum from being zero itself, which real headers never are.
          bytes[0] = 0x45;
          const changed = Uint8Array.from(bytes);
          changed.set(u16(value), 2 * word);
          if (word === 0) changed[0] = 0x45;
          const oldWord = sumBytes(bytes, 2 * word, 2 * word + 2);
          const newWord = sumBytes(changed, 2 * word, 2 * word + 2);
          expect(adjustChecksum(textbookChecksum([...bytes]), oldWord, newWord)).toBe(
            textbookChecksum([...changed]),
          );
        },
      ),
      { seed: printedSeed("checksum adjustment"), numRuns: 500 },
    );
  });
});
