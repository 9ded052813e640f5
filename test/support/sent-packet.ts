import { textbookChecksum, u16 } from "./packet-builder.ts";

/** A probe as it left, read at the fixed places of an IPv4 header without options. */
export interface SentPacket {
  /** When it was sent, monotonic milliseconds; 0 where nobody said. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly from: string;
  readonly to: string;
  readonly ttl: number;
  readonly id: number;
  readonly protocol: "tcp" | "udp" | "icmp";
  /** For ICMP the echo identifier. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TCP: 32 bits; ICMP: 16 bits; UDP: 0. */
  readonly sequence: number;
  /** TSval of a SYN, 0 for others. */
  readonly timestamp: number;
  /** What stands behind a UDP or echo header; empty for TCP. */
  readonly payload: Uint8Array;
  /** The transport checksum as it stands in the packet. */
  readonly checksum: number;
}

const PROTOCOLS: Readonly<Record<number, SentPacket["protocol"]>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
};
const CHECKSUM_AT = { tcp: 16, udp: 6, icmp: 2 } as const;

/** Copies and reads a probe. */
export function readSent(packet: Uint8Array, at = 0): SentPacket {
  const bytes = Uint8Array.from(packet);
  const view = new DataView(bytes.buffer);
  const protocol = PROTOCOLS[view.getUint8(9)];
  if (view.getUint8(0) !== 0x45 || protocol === undefined) throw new Error("not a probe");
  const icmp = protocol === "icmp";
  return {
    at,
    bytes,
    from: bytes.subarray(12, 16).join("."),
    to: bytes.subarray(16, 20).join("."),
    ttl: view.getUint8(8),
    id: view.getUint16(4),
    protocol,
    sourcePort: view.getUint16(icmp ? 24 : 20),
    destinationPort: icmp ? 0 : view.getUint16(22),
    sequence: protocol === "tcp" ? view.getUint32(24) : icmp ? view.getUint16(26) : 0,
    timestamp: protocol === "tcp" ? view.getUint32(20 + 28) : 0,
    payload: protocol === "tcp" ? new Uint8Array(0) : bytes.subarray(28),
    checksum: view.getUint16(20 + CHECKSUM_AT[protocol]),
  };
}

/** Whether both checksums of an IPv4 packet are what the textbook computes: sums over right ones give zero. */
export function checksumsAreRight(packet: Uint8Array): { ip: boolean; transport: boolean } {
  const bytes = [...packet];
  const protocol = bytes[9] ?? 0;
  const body = bytes.slice(20);
  const pseudo = protocol === 1 ? [] : [...bytes.slice(12, 20), 0, protocol, ...u16(body.length)];
  return {
    ip: textbookChecksum(bytes.slice(0, 20)) === 0,
    transport: textbookChecksum([...pseudo, ...body]) === 0,
  };
}
