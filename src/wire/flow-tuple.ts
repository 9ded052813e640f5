import type { Family } from "../packet/address.ts";
import { IP_HEADER_BYTES, IP_PROTOCOL } from "../packet/ip.ts";
import { readUint16, readUint32 } from "../packet/octets.ts";

/** Where the protocol stands in an IP header. */
const PROTOCOL_OFFSET = { 4: 9, 6: 6 } as const;

/** What tells the flows between two addresses apart. */
export interface FlowPorts {
  readonly protocol: number;
  /** 0 where the protocol has none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** The IP version of a packet of our own. */
export function familyOf(packet: Uint8Array): Family {
  return ((packet[0] ?? 0) & 0xf0) === 0x60 ? 6 : 4;
}

/** Protocol and ports of a packet of our own, which has neither options nor extension headers. */
export function portsOf(packet: Uint8Array, family: Family): FlowPorts {
  const protocol = packet[PROTOCOL_OFFSET[family]] ?? 0;
  if (!hasPorts(protocol)) return { protocol, sourcePort: 0, destinationPort: 0 };
  const at = IP_HEADER_BYTES[family];
  const [sourcePort, destinationPort] = [readUint16(packet, at), readUint16(packet, at + 2)];
  return { protocol, sourcePort, destinationPort };
}

/** A number that every combination of protocol and ports has to itself; see {@link portsOf}. */
export function portsKey(packet: Uint8Array, family: Family): number {
  const protocol = packet[PROTOCOL_OFFSET[family]] ?? 0;
  const ports = hasPorts(protocol) ? readUint32(packet, IP_HEADER_BYTES[family]) : 0;
  return protocol * 2 ** 32 + ports;
}

function hasPorts(protocol: number): boolean {
  return protocol === IP_PROTOCOL.tcp || protocol === IP_PROTOCOL.udp;
}
