import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readIp } from "../../src/packet/ip.ts";
import { hasRightChecksum } from "../../src/packet/transport-checksum.ts";
import {
  echoReply,
  ipPacket,
  tcpPacket,
  timestamps,
  udpPacket,
} from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

const ENDS = {
  4: { from: "198.51.100.2", to: "192.0.2.1" },
  6: { from: "2001:db8:2::2", to: "2001:db8::1" },
} as const;

function judge(packet: Uint8Array): boolean {
  const ip = readIp(packet, 0, packet.length);
  if (ip === undefined) throw new Error("no packet");
  return hasRightChecksum(packet, ip);
}

describe.each([4, 6] as const)("the checksum of an answer over IPv%s", (family) => {
  const header = family === 4 ? 20 : 40;
  const ends = ENDS[family];
  const PACKETS = {
    tcp: tcpPacket({
      ...ends,
      sourcePort: 443,
      destinationPort: 61_000,
      flags: ["syn", "ack"],
      options: timestamps(1, 2),
    }),
    udp: udpPacket({
      ...ends,
      sourcePort: 53,
      destinationPort: 61_000,
      payload: Uint8Array.of(1, 2, 3),
    }),
    ping: echoReply({ ...ends, identifier: 7, sequence: 9, payload: Uint8Array.of(4, 5, 6) }),
  };

  test.each(["tcp", "udp", "ping"] as const)(
    "of %s is right as it was made, and with padding behind it",
    (kind) => {
      expect(judge(PACKETS[kind])).toBe(true);
      const padded = Uint8Array.from([...PACKETS[kind], 0xff, 0xee, 0xdd]);
      expect(judge(padded)).toBe(true);
    },
  );

  test.each(["tcp", "udp", "ping"] as const)(
    "of %s is wrong when any bit that it covers changes",
    (kind) => {
      // Of ICMP over IPv4 the reader of the message verifies it.
      if (kind === "ping" && family === 4) return;
      const packet = PACKETS[kind];
      const seed = printedSeed("damage");
      const bits = fc.integer({ min: header * 8, max: packet.length * 8 - 1 });
      fc.assert(
        fc.property(bits, (bit) => {
          const damaged = Uint8Array.from(packet);
          damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          // A length that does not fit, or no checksum at all, cannot be judged.
          const at = (bit >> 3) - header;
          if (kind === "udp" && at >= 4 && at < 6) return;
          expect(judge(damaged)).toBe(false);
        }),
        { seed },
      );
    },
  );

  test("cannot be judged where the packet was not received whole", () => {
    expect(judge(PACKETS.tcp.slice(0, header + 20))).toBe(true);
  });

  test("of a UDP datagram without one is right over IPv4 only", () => {
    const none = Uint8Array.from(PACKETS.udp);
    none[header + 6] = 0;
    none[header + 7] = 0;
    expect(judge(none)).toBe(family === 4);
  });

  test("of other protocols is nobody's business", () => {
    expect(judge(ipPacket({ ...ends, protocol: 47, payload: [1, 2, 3, 4] }))).toBe(true);
  });
});
