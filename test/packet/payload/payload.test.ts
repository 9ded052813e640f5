import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DnsPayload } from "../../../src/packet/payload/dns.ts";
import { HexPayload } from "../../../src/packet/payload/hex.ts";
import { NtpPayload } from "../../../src/packet/payload/ntp.ts";
import type { PacketMark, UdpPayload } from "../../../src/packet/payload/payload.ts";
import { PlainPayload } from "../../../src/packet/payload/plain.ts";
import { QuicPayload } from "../../../src/packet/payload/quic.ts";
import { StampPayload } from "../../../src/packet/payload/stamp.ts";
import { udpPacket } from "../../support/packet-builder.ts";
import { printedSeed } from "../../support/seed.ts";

/** What holds for every kind of payload, whoever answers. */
const KINDS: readonly (readonly [string, (digest: Uint8Array) => UdpPayload])[] = [
  ["plain", (digest) => new PlainPayload(digest)],
  ["dns, even length", (digest) => new DnsPayload("www.example.com", digest)],
  ["dns, odd length", (digest) => new DnsPayload("a.example.com.", digest)],
  ["dns, root", (digest) => new DnsPayload(".", digest)],
  ["ntp", (digest) => new NtpPayload(digest)],
  ["quic", (digest) => new QuicPayload(digest)],
  ["stamp", (digest) => new StampPayload({ id: 0x89abcdef, sent: 7 }, digest)],
  ["hex", () => new HexPayload(Uint8Array.of(1, 2, 3), new Uint8Array(0))],
];

const anyDigest = fc.uint8Array({ minLength: 12, maxLength: 12 });
const anyMark: fc.Arbitrary<PacketMark> = fc.record({
  identification: fc.integer({ min: 1, max: 0xffff }),
  endToEnd: fc.boolean(),
  wallMs: fc.double({ min: 0, max: 4e12, noNaN: true }),
});

/** The checksum of a datagram with this payload, by the builder that shares no code. */
function checksumOf(payload: Uint8Array): number {
  const ends = { from: "192.0.2.1", to: "198.51.100.2" };
  const packet = udpPacket({ ...ends, sourcePort: 61000, destinationPort: 53, payload });
  return (packet[26] ?? 0) * 256 + (packet[27] ?? 0);
}

describe.each(KINDS)("the payload %s", (name, build) => {
  test("keeps its length and the UDP checksum, whatever it says of a packet", () => {
    fc.assert(
      fc.property(anyDigest, fc.array(anyMark, { maxLength: 8 }), (digest, marks) => {
        const payload = build(digest);
        const checksum = checksumOf(payload.bytes);
        const out = new Uint8Array(payload.bytes.length + 12).fill(0xa5);
        out.set(payload.bytes, 6);
        for (const mark of marks) {
          payload.stamp(out, 6, mark);
          expect(checksumOf(out.slice(6, -6))).toBe(checksum);
          expect([...out.subarray(0, 6), ...out.subarray(-6)]).toEqual(
            new Array<number>(12).fill(0xa5),
          );
        }
      }),
      { seed: printedSeed(`checksum of ${name}`), numRuns: 200 },
    );
  });

  test("tells the identification in what a router quotes whole, and takes no other flow's", () => {
    if (name === "hex") return;
    fc.assert(
      fc.property(anyDigest, anyMark, (digest, mark) => {
        const payload = build(digest);
        const out = payload.bytes.slice();
        payload.stamp(out, 0, mark);
        expect(payload.quoted(out, 0, out.length)).toBe(mark.identification);
        expect(payload.quoted(out, 0, 1)).toBeUndefined();
      }),
      { seed: printedSeed(`quotes of ${name}`), numRuns: 100 },
    );
  });

  test("reads no answer out of noise, and never throws", () => {
    if (name === "hex" || name === "plain") return;
    fc.assert(
      fc.property(anyDigest, fc.uint8Array({ maxLength: 90 }), anyMark, (digest, noise, mark) => {
        const payload = build(digest);
        payload.stamp(payload.bytes.slice(), 0, mark);
        const answer = payload.read(noise, 0, noise.length);
        // 16 bits of a DNS id are hit now and then; the others have more to guess than a test can.
        if (!name.startsWith("dns")) expect(answer).toBeUndefined();
        payload.quoted(noise, 0, noise.length);
      }),
      { seed: printedSeed(`noise for ${name}`), numRuns: 300 },
    );
  });
});
