import { adjustChecksum, foldChecksum, sumBytes } from "./checksum.ts";
import type { IpFields, IpHeader } from "./ip-header.ts";
import { readUint8, readUint16, writeUint16 } from "./octets.ts";

/*
 * RFC 791 section 3.1, offsets in bytes:
 *   0 version, IHL   1 DSCP, ECN   2 total length   4 identification   6 flags, fragment offset
 *   8 TTL   9 protocol   10 header checksum   12 source   16 destination   20 options
 */
const MIN_HEADER = 20;
const DONT_FRAGMENT = 0x4000;
const FRAGMENT_OFFSET_MASK = 0x1fff;

/** RFC 792: an ICMP error quotes the IP header and at least this much of what follows. */
const MIN_QUOTED_PAYLOAD = 8;

/** The IPv4 half of `readIp` and (`quoted`) `readQuotedIp`; the version nibble has been checked. */
export function readIpv4(
  bytes: Uint8Array,
  offset: number,
  end: number,
  quoted: boolean,
): IpHeader | undefined {
  if (end - offset < MIN_HEADER) return undefined;
  const headerLength = (readUint8(bytes, offset) & 0xf) * 4;
  if (headerLength < MIN_HEADER || headerLength > end - offset) return undefined;
  const totalLength = readUint16(bytes, offset + 2);
  let payloadEnd = Math.min(end, offset + totalLength);
  if (quoted && totalLength < headerLength + MIN_QUOTED_PAYLOAD) payloadEnd = end;
  else if (totalLength < headerLength) return undefined;
  return {
    family: 4,
    protocol: readUint8(bytes, offset + 9),
    sourceOffset: offset + 12,
    destinationOffset: offset + 16,
    payloadOffset: offset + headerLength,
    payloadEnd,
    hopLimit: readUint8(bytes, offset + 8),
    id: readUint16(bytes, offset + 4),
    fragmentOffset: readUint16(bytes, offset + 6) & FRAGMENT_OFFSET_MASK,
    trafficClass: readUint8(bytes, offset + 1),
    flowLabel: 0,
    totalLength,
  };
}

/** The IPv4 half of `writeIp`; returns 20. */
export function writeIpv4(out: Uint8Array, offset: number, fields: IpFields): number {
  out[offset] = 0x45;
  out[offset + 1] = fields.dscp << 2;
  writeUint16(out, offset + 2, MIN_HEADER + fields.payloadLength);
  writeUint16(out, offset + 4, fields.id);
  writeUint16(out, offset + 6, DONT_FRAGMENT);
  out[offset + 8] = fields.hopLimit;
  out[offset + 9] = fields.protocol;
  writeUint16(out, offset + 10, 0);
  out.set(fields.source.bytes, offset + 12);
  out.set(fields.destination.bytes, offset + 16);
  writeUint16(out, offset + 10, foldChecksum(sumBytes(out, offset, offset + MIN_HEADER)));
  return MIN_HEADER;
}

/**
 * The IPv4 half of `patchIp`: sets TTL and identification and brings the checksum up to date by the difference alone,
 * so that a prebuilt packet can be sent again and again.
 */
export function patchIpv4(out: Uint8Array, offset: number, hopLimit: number, id: number): void {
  const oldId = readUint16(out, offset + 4);
  const oldTtlWord = readUint16(out, offset + 8);
  const newTtlWord = (hopLimit << 8) | (oldTtlWord & 0xff);
  const checksum = adjustChecksum(readUint16(out, offset + 10), oldId, id);
  writeUint16(out, offset + 4, id);
  writeUint16(out, offset + 8, newTtlWord);
  writeUint16(out, offset + 10, adjustChecksum(checksum, oldTtlWord, newTtlWord));
}
