import { endianness } from "node:os";
import { describe, expect, test } from "vitest";
import { buildFilter, encodeProgram, type PortRangeLike } from "../../src/packet/bpf.ts";
import { readIp } from "../../src/packet/ip.ts";
import { type Ancillary, runFilter } from "../support/bpf-interpreter.ts";
import {
  echoReply,
  echoRequest,
  icmpPacket,
  ipPacket,
  type TcpFlag,
  tcpPacket,
  timeExceeded,
  udpPacket,
  unreachable,
} from "../support/packet-builder.ts";

const ports = [
  { first: 61000, last: 61999 },
  { first: 64000, last: 64000 },
];
const program = encodeProgram(buildFilter({ ports, linkType: "packet" }));
const rawProgram = encodeProgram(buildFilter({ ports, linkType: "raw" }));

const raw6Program = encodeProgram(buildFilter({ ports, linkType: "raw6" }));

/** What a raw IPv6 socket's filter sees: its view begins behind the header and the extensions. */
function behindHeader(packet: Uint8Array): Ancillary {
  return { viewOffset: readIp(packet, 0, packet.length)?.payloadOffset ?? 40 };
}

const HOST = 0;
const OUTGOING = 4;

function received(packet: Uint8Array, packetType = HOST): Ancillary {
  return { protocol: (packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800, packetType };
}

const families = [
  { family: 4, ends: { from: "198.51.100.2", to: "192.0.2.1" } },
  { family: 6, ends: { from: "2001:db8:2::2", to: "2001:db8::1" } },
];

describe.each(families)("the filter over IPv$family", ({ family, ends }) => {
  const to = (destinationPort: number) => ({ ...ends, sourcePort: 443, destinationPort });
  const tcp = (flags: TcpFlag[], port = 61000): Uint8Array => tcpPacket({ ...to(port), flags });
  const quoted = udpPacket({ ...to(33434), from: ends.to, to: ends.from });
  const fragment = { type: 44, body: [0, 0, 1, 0, 0, 0, 9] };

  const kept: [string, Uint8Array][] = [
    ["a SYN-ACK", tcp(["syn", "ack"])],
    ["a SYN-ACK with more flags", tcp(["syn", "ack", "psh"])],
    ["a RST", tcp(["rst"])],
    ["a RST-ACK", tcp(["rst", "ack"])],
    ["TCP to the last port of a range", tcp(["rst"], 61999)],
    ["TCP to a range of one port", tcp(["rst"], 64000)],
    ["UDP", udpPacket(to(61500))],
    ["an echo reply", echoReply({ ...ends, identifier: 1, sequence: 1 })],
    ["a time exceeded", timeExceeded({ ...ends, quoted })],
    ["an unreachable", unreachable({ ...ends, quoted })],
    ...(family === 4
      ? ([
          [
            "TCP behind IP options",
            tcpPacket({ ...to(61000), flags: ["rst"], ipOptions: [1, 1, 1, 0] }),
          ],
          ["a first fragment of UDP", udpPacket({ ...to(61000), moreFragments: true })],
        ] satisfies [string, Uint8Array][])
      : []),
  ];
  test.each(kept)("keeps %s", (_, packet) => {
    expect(runFilter(program, packet, received(packet))).toBe(65535);
    expect(runFilter(rawProgram, packet)).toBe(65535);
    if (family === 6) expect(runFilter(raw6Program, packet, behindHeader(packet))).toBe(65535);
  });

  const dropped: [string, Uint8Array][] = [
    ["a SYN", tcp(["syn"])],
    ["an ACK", tcp(["ack"])],
    ["data", tcp(["ack", "psh"])],
    ["a FIN", tcp(["fin", "ack"])],
    ["TCP below the ranges", tcp(["rst"], 60999)],
    ["TCP between the ranges", tcp(["rst"], 62000)],
    ["TCP above the ranges", tcp(["syn", "ack"], 64001)],
    ["UDP below the ranges", udpPacket(to(53))],
    ["UDP above the ranges", udpPacket(to(65535))],
    ["an echo request", echoRequest({ ...ends, identifier: 1, sequence: 1 })],
    ["a redirect", icmpPacket({ ...ends, type: family === 4 ? 5 : 137, rest: [0, 0, 0, 0] })],
    [
      "a parameter problem",
      icmpPacket({ ...ends, type: family === 4 ? 12 : 4, rest: [0, 0, 0, 0] }),
    ],
    [
      "the other family's ICMP",
      ipPacket({ ...ends, protocol: family === 4 ? 58 : 1, payload: [3, 0, 0, 0] }),
    ],
    ["SCTP", ipPacket({ ...ends, protocol: 132, payload: [1, 187, 238, 72, 0, 0, 0, 0] })],
    ...(family === 4
      ? ([["a later fragment", udpPacket({ ...to(61000), fragmentOffset: 1 })]] satisfies [
          string,
          Uint8Array,
        ][])
      : ([["a fragment", udpPacket({ ...to(61000), extensions: [fragment] })]] satisfies [
          string,
          Uint8Array,
        ][])),
  ];
  test.each(dropped)("drops %s", (_, packet) => {
    expect(runFilter(program, packet, received(packet))).toBe(0);
    expect(runFilter(rawProgram, packet)).toBe(0);
    if (family === 6) expect(runFilter(raw6Program, packet, behindHeader(packet))).toBe(0);
  });

  test("drops what the host itself sends, from a packet socket", () => {
    for (const [, packet] of kept) {
      expect(runFilter(program, packet, received(packet, OUTGOING))).toBe(0);
    }
  });

  test("drops other ethertypes, whatever the bytes look like", () => {
    for (const [, packet] of kept) {
      expect(runFilter(program, packet, { protocol: 0x0806, packetType: HOST })).toBe(0);
    }
  });
});

describe("buildFilter", () => {
  const keeps = (ranges: readonly PortRangeLike[], port: number): boolean => {
    const packet = udpPacket({
      from: "192.0.2.1",
      to: "192.0.2.2",
      sourcePort: 1,
      destinationPort: port,
    });
    const filter = encodeProgram(buildFilter({ ports: ranges, linkType: "raw" }));
    return runFilter(filter, packet) !== 0;
  };
  /** `count` ranges 100k to 100k+9, in descending order. */
  const apart = (count: number): PortRangeLike[] =>
    Array.from({ length: count }, (_, i) => ({
      first: 100 * (count - i),
      last: 100 * (count - i) + 9,
    }));

  test("merges ranges that overlap, touch or contain each other", () => {
    const merged = buildFilter({ ports: [{ first: 10, last: 40 }], linkType: "raw" });
    const parts = [
      { first: 21, last: 30 },
      { first: 10, last: 20 },
      { first: 12, last: 13 },
      { first: 28, last: 40 },
    ];
    expect(buildFilter({ ports: parts, linkType: "raw" })).toEqual(merged);
  });

  test("tells sixteen ranges apart", () => {
    const ranges = apart(16);
    for (const port of [100, 109, 800, 1600, 1609]) expect(keeps(ranges, port)).toBe(true);
    for (const port of [99, 110, 799, 810, 1599, 1610]) expect(keeps(ranges, port)).toBe(false);
  });

  test("covers more than sixteen ranges with one", () => {
    const ranges = apart(17);
    for (const port of [100, 110, 1599, 1709]) expect(keeps(ranges, port)).toBe(true);
    for (const port of [99, 1710]) expect(keeps(ranges, port)).toBe(false);
    expect(buildFilter({ ports: ranges, linkType: "raw" })).toHaveLength(
      buildFilter({ ports: [{ first: 100, last: 1709 }], linkType: "raw" }).length,
    );
  });

  test("keeps every port of the whole range", () => {
    for (const port of [0, 1, 65535]) expect(keeps([{ first: 0, last: 65535 }], port)).toBe(true);
  });

  test("keeps nothing but ICMP without ports", () => {
    const reply = echoReply({ from: "192.0.2.1", to: "192.0.2.2", identifier: 1, sequence: 1 });
    expect(keeps([], 0)).toBe(false);
    expect(runFilter(encodeProgram(buildFilter({ ports: [], linkType: "raw" })), reply)).toBe(
      65535,
    );
  });

  test("stays within what the kernel's checker takes, at its longest", () => {
    for (const linkType of ["packet", "raw", "raw6"] as const) {
      const instructions = buildFilter({ ports: apart(16), linkType });
      expect(instructions.length).toBeLessThanOrEqual(64);
      instructions.forEach(({ jt, jf, k }, i) => {
        for (const jump of [jt, jf]) {
          expect(jump).toBeGreaterThanOrEqual(0);
          expect(jump).toBeLessThanOrEqual(255);
          expect(i + 1 + jump).toBeLessThanOrEqual(instructions.length);
        }
        expect(k).toBe(k >>> 0);
      });
      expect(instructions.slice(-2).map(({ code, k }) => [code, k])).toEqual([
        [6, 0],
        [6, 65535],
      ]);
    }
  });
});

describe("encodeProgram", () => {
  test("lays instructions out as struct sock_filter in this machine's byte order", () => {
    const bytes = encodeProgram([
      { code: 0x15, jt: 3, jf: 255, k: 0x86dd },
      { code: 0x20, jt: 0, jf: 0, k: 0xfffff004 },
    ]);
    const little = [0x15, 0, 3, 255, 0xdd, 0x86, 0, 0, 0x20, 0, 0, 0, 0x04, 0xf0, 0xff, 0xff];
    const big = [0, 0x15, 3, 255, 0, 0, 0x86, 0xdd, 0, 0x20, 0, 0, 0xff, 0xff, 0xf0, 0x04];
    expect([...bytes]).toEqual(endianness() === "LE" ? little : big);
  });

  test("encodes no instructions as no bytes", () => {
    expect(encodeProgram([])).toEqual(new Uint8Array(0));
  });
});
