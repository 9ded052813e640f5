import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { patchIp, readIp, readQuotedIp } from "../../src/packet/ip.ts";
import { ipPacket, u16 } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

const whole = {
  from: "192.0.2.1",
  to: "198.51.100.2",
  protocol: 17,
  payload: [1, 2, 3, 4, 5, 6, 7, 8],
};

/** `whole` with another total length in its header. */
function claiming(totalLength: number): Uint8Array {
  const packet = ipPacket(whole);
  packet.set(u16(totalLength), 2);
  return packet;
}

describe("readIp of IPv4", () => {
  test("skips the options", () => {
    const packet = ipPacket({ ...whole, ipOptions: [7, 7, 4, 0, 0, 0, 0, 0] });
    expect(readIp(packet, 0, packet.length)).toMatchObject({ payloadOffset: 28, payloadEnd: 36 });
  });

  test("leaves padding behind the total length out of the payload", () => {
    const packet = Uint8Array.from([...ipPacket(whole), ...new Array<number>(18).fill(0)]);
    expect(readIp(packet, 0, packet.length)).toMatchObject({ payloadOffset: 20, payloadEnd: 28 });
  });

  test("accepts a packet that was cut behind its header", () => {
    expect(readIp(ipPacket(whole), 0, 24)).toMatchObject({ payloadEnd: 24, totalLength: 28 });
  });

  test("tells a later fragment by its offset and ignores the flags", () => {
    const first = ipPacket({ ...whole, moreFragments: true });
    const later = ipPacket({ ...whole, fragmentOffset: 0x1abc });
    expect(readIp(first, 0, first.length)?.fragmentOffset).toBe(0);
    expect(readIp(later, 0, later.length)?.fragmentOffset).toBe(0x1abc);
  });

  test("rejects a header length below 20 bytes or beyond the received end", () => {
    for (const words of [0, 4, 8, 15]) {
      const packet = ipPacket(whole);
      packet[0] = 0x40 | words;
      expect(readIp(packet, 0, packet.length)).toBeUndefined();
    }
  });

  test("rejects a total length that is shorter than the header", () => {
    expect(readIp(claiming(19), 0, 28)).toBeUndefined();
    expect(readIp(claiming(20), 0, 28)).toMatchObject({ payloadEnd: 20 });
  });
});

describe("readQuotedIp of IPv4", () => {
  test("believes a total length that can be true", () => {
    const packet = Uint8Array.from([...ipPacket(whole), ...new Array<number>(100).fill(0)]);
    expect(readQuotedIp(packet, 0, packet.length)).toMatchObject({ payloadEnd: 28 });
  });

  test.each([
    ["zeroed", 0],
    ["without the header's own length", 8],
    ["with its bytes swapped, too large", 0x1c00],
    ["too small for the 8 bytes behind the header", 27],
  ])("reads up to the received end where the total length is %s", (_, totalLength) => {
    expect(readQuotedIp(claiming(totalLength), 0, 28)).toMatchObject({
      payloadOffset: 20,
      payloadEnd: 28,
      totalLength,
    });
  });
});

describe("patchIp", () => {
  test("gives the header that would have been written with the new values", () => {
    const byte = fc.nat(255);
    const word = fc.nat(0xffff);
    fc.assert(
      fc.property(byte, word, byte, word, fc.nat(3), (oldTtl, oldId, ttl, id, offset) => {
        const out = new Uint8Array(40);
        out.set(ipPacket({ ...whole, ttl: oldTtl, id: oldId }), offset);
        patchIp(out, offset, ttl, id);
        expect(out.subarray(offset, offset + 28)).toEqual(ipPacket({ ...whole, ttl, id }));
      }),
      { seed: printedSeed("IPv4 patch"), numRuns: 500 },
    );
  });
});
