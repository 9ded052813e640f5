import { expect, test } from "vitest";
import { familyOf, portsKey, portsOf } from "../../src/wire/flow-tuple.ts";
import { tcpPacket, udpPacket } from "../support/packet-builder.ts";

const ports = { sourcePort: 61_000, destinationPort: 3306 };
const four = { from: "10.0.0.1", to: "192.0.2.1" };
const six = { from: "fd::1", to: "fd::2" };

test.each([
  { family: 4, addresses: four },
  { family: 6, addresses: six },
] as const)("protocol and ports of IPv$family packets", ({ family, addresses }) => {
  const tcp = tcpPacket({ ...addresses, ...ports, flags: ["syn"] });
  const udp = udpPacket({ ...addresses, ...ports });
  expect(familyOf(tcp)).toBe(family);
  expect(portsOf(tcp, family)).toEqual({ protocol: 6, ...ports });
  expect(portsOf(udp, family)).toEqual({ protocol: 17, ...ports });
  const others = [
    tcp,
    udp,
    tcpPacket({ ...addresses, sourcePort: 61_001, destinationPort: 3306, flags: ["syn"] }),
  ];
  expect(new Set(others.map((packet) => portsKey(packet, family))).size).toBe(3);
});

test("echo requests have no ports: those of one host go one way", () => {
  const echo = (identifier: number) =>
    Uint8Array.of(
      0x45,
      ...Array(8).fill(0),
      1,
      ...Array(10).fill(0),
      8,
      0,
      1,
      2,
      identifier,
      0,
      0,
      1,
    );
  expect(portsOf(echo(1), 4)).toEqual({ protocol: 1, sourcePort: 0, destinationPort: 0 });
  expect(portsKey(echo(1), 4)).toBe(portsKey(echo(2), 4));
});
