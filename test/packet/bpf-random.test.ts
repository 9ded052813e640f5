import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildFilter, encodeProgram, type PortRangeLike } from "../../src/packet/bpf.ts";
import { type Ancillary, runFilter } from "../support/bpf-interpreter.ts";
import { ipPacket } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

const HOST = 0;
const OUTGOING = 4;

function received(packet: Uint8Array, packetType = HOST): Ancillary {
  return { protocol: (packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800, packetType };
}

const directions = [
  { from: "198.51.100.2", to: "192.0.2.1" },
  { from: "2001:db8:2::2", to: "2001:db8::1" },
];

/** What the filter is to keep, said once more in other words. A byte that is not there makes it false. */
function isWanted(
  packet: Uint8Array,
  { protocol: ethertype, packetType }: Ancillary,
  ranges: readonly PortRangeLike[],
): boolean {
  const byte = (at: number): number => packet[at] ?? Number.NaN;
  const isIpv4 = ethertype === 0x0800;
  if (packetType === OUTGOING || (!isIpv4 && ethertype !== 0x86dd)) return false;
  const fragmentOffset = isIpv4 ? (byte(6) % 32) * 256 + byte(7) : 0;
  if (fragmentOffset !== 0) return false;
  const upper = isIpv4 ? (byte(0) % 16) * 4 : 40;
  const protocol = byte(isIpv4 ? 9 : 6);
  const port = byte(upper + 2) * 256 + byte(upper + 3);
  const ours = ranges.some(({ first, last }) => first <= port && port <= last);
  const flags = byte(upper + 13)
    .toString(2)
    .padStart(8, "0");
  const [ack, rst, syn] = [flags[3] === "1", flags[5] === "1", flags[6] === "1"];
  if (protocol === 6) return ours && (rst || (syn && ack));
  if (protocol === 17) return ours;
  if (protocol === 1 && isIpv4) return [0, 3, 11].includes(byte(upper));
  return protocol === 58 && !isIpv4 && [1, 3, 129].includes(byte(upper));
}

function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** Port ranges around the ports of {@link anyPacket}. */
const anyRange = fc
  .tuple(fc.integer({ min: 60000, max: 60060 }), fc.nat(8))
  .map(([first, more]) => ({ first, last: first + more }));

/** Packets near the border between kept and dropped. */
const anyPacket = fc
  .record({
    ends: fc.constantFrom(...directions),
    kind: fc.constantFrom("tcp", "udp", "icmp", "other"),
    port: fc.integer({ min: 59995, max: 60070 }),
    flags: fc.nat(255),
    type: fc.constantFrom(0, 1, 3, 5, 8, 11, 12, 128, 129),
    fragment: seldom(fc.constantFrom(1, 256, 8191)),
    changes: fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 2 }),
    cut: seldom(fc.nat(70)),
  })
  .map(({ ends, kind, port, flags, type, fragment, changes, cut }) => {
    const ip = fragment === undefined ? ends : { ...ends, fragmentOffset: fragment };
    const header = [1, 187, port >> 8, port & 255, 0, 0, 0, 0, 0, 0, 0, 0, 80, flags, 0, 0, 0, 0];
    const protocol = { tcp: 6, udp: 17, other: 132, icmp: ends.from.includes(":") ? 58 : 1 }[kind];
    const payload = kind === "icmp" ? [type, 0, 0, 0, 0, 0, 0, 0] : header;
    const packet = ipPacket({ ...ip, protocol, payload });
    for (const [at, value] of changes) if (at < packet.length) packet[at] = value;
    return packet.slice(0, cut);
  });

describe("the filter over random packets", () => {
  const ancillary = fc.record({
    protocol: seldom(fc.constantFrom(0x0800, 0x86dd, 0x0806)),
    packetType: fc.constantFrom(0, 0, 0, 1, 3, 4),
  });

  test("keeps what an independent description says", () => {
    let keptCount = 0;
    let droppedCount = 0;
    fc.assert(
      fc.property(
        anyPacket,
        ancillary,
        fc.array(anyRange, { maxLength: 16 }),
        (packet, { protocol, packetType }, ranges) => {
          const beside = { ...received(packet, packetType), ...(protocol && { protocol }) };
          const filter = encodeProgram(buildFilter({ ports: ranges, linkType: "packet" }));
          const wanted = isWanted(packet, beside, ranges);
          expect(runFilter(filter, packet, beside)).toBe(wanted ? 65535 : 0);
          if (wanted) keptCount += 1;
          else droppedCount += 1;
        },
      ),
      { seed: printedSeed("packet filter"), numRuns: 4000 },
    );
    expect(keptCount).toBeGreaterThan(200);
    expect(droppedCount).toBeGreaterThan(200);
  });

  test("does the same for raw sockets, which need no ancillary data", () => {
    fc.assert(
      fc.property(anyPacket, fc.array(anyRange, { maxLength: 16 }), (packet, ranges) => {
        const version = (packet[0] ?? 0) >> 4;
        const protocol = version === 4 ? 0x0800 : version === 6 ? 0x86dd : 0;
        const filter = encodeProgram(buildFilter({ ports: ranges, linkType: "raw" }));
        const wanted = isWanted(packet, { protocol, packetType: HOST }, ranges);
        expect(runFilter(filter, packet)).toBe(wanted ? 65535 : 0);
      }),
      { seed: printedSeed("raw socket filter"), numRuns: 2000 },
    );
  });
});
