import type { Address } from "./address.ts";
import { foldChecksum, pseudoHeaderSum, sumBytes } from "./checksum.ts";
import { IP_PROTOCOL } from "./ip.ts";
import { readUint16, writeUint16 } from "./octets.ts";

/* RFC 768, offsets in bytes: 0 source port   2 destination port   4 length   6 checksum */

/** Bytes of a UDP header. */
export const UDP_HEADER_BYTES = 8;

/** A UDP datagram to write. */
export interface UdpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** A received UDP header. */
export interface UdpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Bytes of header and payload as the header claims them. */
  readonly length: number;
  /** As received, not verified; 0 where the sender made none. */
  readonly checksum: number;
  readonly payloadOffset: number;
  /** Where the payload ends: as `length` says, or the received end where that comes first (a first fragment). */
  readonly payloadEnd: number;
}

/** Writes a UDP header and its payload, checksum included, and returns the length of both in bytes. */
export function writeUdp(
  out: Uint8Array,
  offset: number,
  fields: UdpFields,
  source: Address,
  destination: Address,
): number {
  const length = UDP_HEADER_BYTES + fields.payload.length;
  writeUint16(out, offset, fields.sourcePort);
  writeUint16(out, offset + 2, fields.destinationPort);
  writeUint16(out, offset + 4, length);
  writeUint16(out, offset + 6, 0);
  out.set(fields.payload, offset + UDP_HEADER_BYTES);
  const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.udp, length);
  const checksum = foldChecksum(sumBytes(out, offset, offset + length, pseudo));
  // RFC 768: zero on the wire means "no checksum", so a computed zero goes out as its other representation.
  writeUint16(out, offset + 6, checksum === 0 ? 0xffff : checksum);
  return length;
}

/** Reads the UDP header at `offset`; undefined where it is incomplete or claims to be shorter than itself. */
export function readUdp(bytes: Uint8Array, offset: number, end: number): UdpHeader | undefined {
  if (end - offset < UDP_HEADER_BYTES) return undefined;
  const length = readUint16(bytes, offset + 4);
  if (length < UDP_HEADER_BYTES) return undefined;
  return {
    sourcePort: readUint16(bytes, offset),
    destinationPort: readUint16(bytes, offset + 2),
    length,
    checksum: readUint16(bytes, offset + 6),
    payloadOffset: offset + UDP_HEADER_BYTES,
    payloadEnd: Math.min(end, offset + length),
  };
}
