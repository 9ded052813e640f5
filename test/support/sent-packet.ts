import { textbookChecksum, u16 } from "./packet-builder.ts";

/** A probe as it left, read at the fixed places of a header without options or extensions. */
export interface SentPacket {
  /** When it was sent, monotonic milliseconds; 0 where nobody said. */
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly family: 4 | 6;
  readonly from: string;
  readonly to: string;
  readonly ttl: number;
  /** IPv4 identification; 0 in IPv6. */
  readonly id: number;
  /** IPv6 flow label; 0 in IPv4. */
  readonly flowLabel: number;
  readonly protocol: "tcp" | "udp" | "icmp";
  /** For ICMP the echo identifier. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TCP: 32 bits; ICMP: 16 bits; UDP: 0. */
  readonly sequence: number;
  /** It is a TCP reset and nothing else: no probe. */
  readonly reset: boolean;
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
  58: "icmp",
};
/** Where things stand in an IP header. */
const LAYOUTS = {
  4: { header: 20, protocol: 9, ttl: 8, source: 12, destination: 16 },
  6: { header: 40, protocol: 6, ttl: 7, source: 8, destination: 24 },
} as const;
const CHECKSUM_AT = { tcp: 16, udp: 6, icmp: 2 } as const;

/** Copies and reads a probe. */
export function readSent(packet: Uint8Array, at = 0): SentPacket {
  const bytes = Uint8Array.from(packet);
  const view = new DataView(bytes.buffer);
  const family = view.getUint8(0) === 0x45 ? 4 : 6;
  const layout = LAYOUTS[family];
  const body = layout.header;
  const protocol = PROTOCOLS[view.getUint8(layout.protocol)];
  if (view.getUint8(0) >> 4 !== family || protocol === undefined) throw new Error("not a probe");
  const icmp = protocol === "icmp";
  return {
    at,
    bytes,
    family,
    from: addressAt(bytes, layout.source, family),
    to: addressAt(bytes, layout.destination, family),
    ttl: view.getUint8(layout.ttl),
    id: family === 4 ? view.getUint16(4) : 0,
    flowLabel: family === 4 ? 0 : view.getUint32(0) % 2 ** 20,
    protocol,
    sourcePort: view.getUint16(icmp ? body + 4 : body),
    destinationPort: icmp ? 0 : view.getUint16(body + 2),
    sequence: protocol === "tcp" ? view.getUint32(body + 4) : icmp ? view.getUint16(body + 6) : 0,
    reset: protocol === "tcp" && view.getUint8(body + 13) === 4,
    timestamp: protocol === "tcp" && bytes.length >= body + 32 ? view.getUint32(body + 28) : 0,
    payload: protocol === "tcp" ? new Uint8Array(0) : bytes.subarray(body + 8),
    checksum: view.getUint16(body + CHECKSUM_AT[protocol]),
  };
}

/** Whether both checksums of a packet are what the textbook computes: sums over right ones give zero. IPv6 headers have none. */
export function checksumsAreRight(packet: Uint8Array): { ip: boolean; transport: boolean } {
  const { header, source, protocol: protocolAt } = LAYOUTS[packet[0] === 0x45 ? 4 : 6];
  const bytes = [...packet];
  const protocol = bytes[protocolAt] ?? 0;
  const body = bytes.slice(header);
  // The addresses end where the header does; RFC 792 has no pseudo header.
  const pseudo =
    protocol === 1 ? [] : [...bytes.slice(source, header), 0, protocol, ...u16(body.length)];
  return {
    ip: header === 40 || textbookChecksum(bytes.slice(0, 20)) === 0,
    transport: textbookChecksum([...pseudo, ...body]) === 0,
  };
}

function addressAt(bytes: Uint8Array, offset: number, family: 4 | 6): string {
  if (family === 4) return bytes.subarray(offset, offset + 4).join(".");
  const view = new DataView(bytes.buffer, offset, 16);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i).toString(16));
  // The URL parser writes addresses as RFC 5952 has them.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
