import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readIcmp } from "../../src/packet/icmp.ts";
import { extensionObjects } from "../../src/packet/icmp-extensions.ts";
import { type MplsEntry, readMplsStack } from "../../src/packet/mpls.ts";
import { extension, object } from "../support/icmp-extension.ts";
import { icmpPacket, tcpPacket, timeExceeded } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";
import { dissect, tsharkIsMissing } from "../support/tshark.ts";

const v4 = { family: 4 as const, header: 20, ends: { from: "203.0.113.1", to: "192.0.2.1" } };
const v6 = { family: 6 as const, header: 40, ends: { from: "2001:db8:f::1", to: "2001:db8::1" } };

/** A SYN of ours, as it is quoted. */
function probe(family: 4 | 6): Uint8Array {
  const ends =
    family === 4
      ? { from: "192.0.2.1", to: "198.51.100.2" }
      : { from: "2001:db8::1", to: "2001:db8:2::2" };
  return tcpPacket({ ...ends, sourcePort: 61_000, destinationPort: 443, flags: ["syn"] });
}

/** Reads the stack as the receiver does. */
function stackOf(packet: Uint8Array, family: 4 | 6, end = packet.length): readonly MplsEntry[] {
  const icmp = readIcmp(packet, family === 4 ? 20 : 40, end, family);
  if (icmp === undefined || !("quoteOffset" in icmp)) throw new Error("no error message");
  const { quoteOffset, quoteEnd } = icmp;
  return readMplsStack(packet, extensionObjects(packet, { family, quoteOffset, quoteEnd, end }));
}

/** Label 24015, traffic class 0, bottom of stack, TTL 1: as a capture of an edge router shows it. */
const ONE = [0x05, 0xdc, 0xf1, 0x01];
/** Label 16004, traffic class 5, TTL 255, with label 3 beneath it. */
const TWO = [0x03, 0xe8, 0x4a, 0xff, 0x00, 0x00, 0x31, 0x01];

describe.each([v4, v6])("the label stack in an error of IPv$family", ({ family, ends }) => {
  const quoted = probe(family);

  test("is read behind the announced quote, outermost label first", () => {
    const one = timeExceeded({ ...ends, quoted, extension: extension(object(1, 1, ONE)) });
    expect(stackOf(one, family)).toEqual([
      { label: 24_015, trafficClass: 0, bottom: true, ttl: 1 },
    ]);
    const two = timeExceeded({ ...ends, quoted, extension: extension(object(1, 1, TWO)) });
    expect(stackOf(two, family)).toEqual([
      { label: 16_004, trafficClass: 5, bottom: false, ttl: 255 },
      { label: 3, trafficClass: 0, bottom: true, ttl: 1 },
    ]);
  });

  test("is found among other objects, and in an extension without a checksum", () => {
    // Interface information (RFC 5837) before it, an unknown class behind it.
    const objects = [object(2, 0x0a, [0, 1, 0, 0]), object(1, 1, ONE), object(250, 1, [])];
    for (const bytes of [extension(...objects), [0x20, 0, 0, 0, ...objects.flat()]]) {
      expect(stackOf(timeExceeded({ ...ends, quoted, extension: bytes }), family)).toHaveLength(1);
    }
  });

  test("is found behind 128 bytes where an old router does not announce it", () => {
    const padded = [...quoted, ...new Array<number>(128 - quoted.length).fill(0)];
    const legacy = (bytes: readonly number[]) =>
      icmpPacket({
        ...ends,
        type: family === 4 ? 11 : 3,
        rest: [0, 0, 0, 0, ...padded, ...bytes],
      });
    expect(stackOf(legacy(extension(object(1, 1, ONE))), family)).toHaveLength(1);
    // Without a checksum nothing tells it from more of the quote.
    expect(stackOf(legacy([0x20, 0, 0, 0, ...object(1, 1, ONE)]), family)).toEqual([]);
  });

  test.each([
    ["of another version", [0x10, 0, 0, 0, ...object(1, 1, ONE)]],
    ["with a wrong checksum", [0x20, 0, 0x12, 0x34, ...object(1, 1, ONE)]],
    ["with an object that is longer than the message", [0x20, 0, 0, 0, 0, 12, 1, 1, ...ONE]],
    ["with an object shorter than its header", [0x20, 0, 0, 0, 0, 3, 1, 1, ...ONE]],
    ["with half an entry", extension(object(1, 1, [...ONE, 1, 2]))],
    ["with an empty stack", extension(object(1, 1, []))],
    ["with a stack too deep to be true", extension(object(1, 1, new Array<number>(68).fill(9)))],
    ["with bytes behind the last object", extension(object(1, 1, ONE), [0, 0])],
    ["of another class type", extension(object(1, 2, ONE))],
    ["of nothing but its header", extension()],
  ])("is empty in an extension %s", (_, bytes) => {
    expect(stackOf(timeExceeded({ ...ends, quoted, extension: bytes }), family)).toEqual([]);
  });

  test("is empty where there is no extension", () => {
    expect(stackOf(timeExceeded({ ...ends, quoted }), family)).toEqual([]);
    const long = Uint8Array.from([...quoted, ...new Array<number>(400).fill(0x20)]);
    expect(stackOf(timeExceeded({ ...ends, quoted: long }), family)).toEqual([]);
  });
});

test.skipIf(tsharkIsMissing())("tshark reads the same stacks out of the same packets", () => {
  const quoted = probe(4);
  const packets = [ONE, TWO].map((bytes) =>
    timeExceeded({ ...v4.ends, quoted, extension: extension(object(1, 1, bytes)) }),
  );
  const fields = ["icmp.mpls.label", "icmp.mpls.exp", "icmp.mpls.s", "_ws.malformed"];
  const ours = packets.map((packet) => {
    const stack = stackOf(packet, 4);
    const joined = (of: (entry: MplsEntry) => number | string) => stack.map(of).join(";");
    return {
      "icmp.mpls.label": joined(({ label }) => label),
      "icmp.mpls.exp": joined(({ trafficClass }) => trafficClass),
      "icmp.mpls.s": joined(({ bottom }) => (bottom ? 1 : 0)),
      "_ws.malformed": "",
    };
  });
  const theirs = dissect(packets, fields).map((read) => ({
    ...read,
    // Some versions write True and False.
    "icmp.mpls.s": (read["icmp.mpls.s"] ?? "").replaceAll("True", "1").replaceAll("False", "0"),
  }));
  expect(theirs).toEqual(ours);
});

test("whatever bytes stand in an extension, the stack is short and sound, and reading never fails", () => {
  const ends = v4.ends;
  const quoted = probe(4);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 90 }).map((any) => [...any]),
    // Most random bytes fail at the version; these get further.
    fc.uint8Array({ maxLength: 90 }).map((any) => [0x20, 0, 0, 0, ...any]),
    fc
      .array(fc.tuple(fc.nat(3), fc.nat(3), fc.uint8Array({ maxLength: 24 })), { maxLength: 4 })
      .map((objects) => extension(...objects.map(([c, t, body]) => object(c, t, [...body])))),
  );
  fc.assert(
    fc.property(bytes, fc.nat(30), (given, cut) => {
      const packet = timeExceeded({ ...ends, quoted, extension: given });
      const from = 20 + 8;
      const quoteEnd = from + 128;
      const end = Math.max(quoteEnd, packet.length - cut);
      for (const message of [
        { family: 4 as const, quoteOffset: from, quoteEnd, end },
        { family: 4 as const, quoteOffset: from, quoteEnd: end, end },
      ]) {
        const stack = readMplsStack(packet, extensionObjects(packet, message));
        expect(stack.length).toBeLessThanOrEqual(16);
        for (const { label, trafficClass, ttl } of stack) {
          expect(label).toBeLessThan(2 ** 20);
          expect(trafficClass).toBeLessThan(8);
          expect(ttl).toBeLessThan(256);
        }
      }
    }),
    { seed: printedSeed("extensions"), numRuns: 2000 },
  );
});

test("any stack that the standards allow is read as it was written", () => {
  const entry = fc.record({
    label: fc.nat(2 ** 20 - 1),
    trafficClass: fc.nat(7),
    ttl: fc.nat(255),
  });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 16 }), (entries) => {
      const stack = entries.map((each, at) => ({ ...each, bottom: at === entries.length - 1 }));
      const bytes = stack.flatMap(({ label, trafficClass, bottom, ttl }) => [
        label >> 12,
        (label >> 4) & 0xff,
        ((label & 0xf) << 4) | (trafficClass << 1) | (bottom ? 1 : 0),
        ttl,
      ]);
      for (const { family, ends } of [v4, v6]) {
        const quoted = probe(family);
        const packet = timeExceeded({ ...ends, quoted, extension: extension(object(1, 1, bytes)) });
        expect(stackOf(packet, family)).toEqual(stack);
      }
    }),
    { seed: printedSeed("label stacks"), numRuns: 300 },
  );
});
