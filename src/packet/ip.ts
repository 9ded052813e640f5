import type { Family } from "./address.ts";
import type { IpFields, IpHeader } from "./ip-header.ts";
import { patchIpv4, readIpv4, writeIpv4 } from "./ipv4.ts";
import { patchIpv6, readIpv6, writeIpv6 } from "./ipv6.ts";
import { readUint8 } from "./octets.ts";

/** Upper-layer protocol numbers (IANA "Assigned Internet Protocol Numbers"). */
export const IP_PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** Bytes of the header that {@link writeIp} writes, by family. */
export const IP_HEADER_BYTES: Readonly<Record<Family, number>> = { 4: 20, 6: 40 };

/**
 * Reads the IP header at `offset` of a packet received up to `end`. A packet shorter than its length field is accepted;
 * one whose header is incomplete or contradicts itself gives undefined. The IPv4 header checksum is not verified.
 */
export function readIp(bytes: Uint8Array, offset: number, end: number): IpHeader | undefined {
  return read(bytes, offset, end, false);
}

/**
 * Reads the IP header of a datagram quoted in an ICMP error. As {@link readIp}, but a length field too small to be
 * true does not count: some routers quote it zeroed or with its bytes swapped.
 */
export function readQuotedIp(bytes: Uint8Array, offset: number, end: number): IpHeader | undefined {
  return read(bytes, offset, end, true);
}

/**
 * Writes an IP header at `offset`, of the family of `fields.destination`, and returns its length: 20 or 40 bytes. IPv4
 * has "don't fragment" set, no options and a right header checksum.
 */
export function writeIp(out: Uint8Array, offset: number, fields: IpFields): number {
  return fields.destination.family === 4
    ? writeIpv4(out, offset, fields)
    : writeIpv6(out, offset, fields);
}

/**
 * Gives the header at `offset`, which {@link writeIp} made, another TTL or hop limit (0 to 255) and, in IPv4, another
 * identification (0 to 65535) and the checksum that goes with them.
 */
export function patchIp(out: Uint8Array, offset: number, hopLimit: number, id: number): void {
  if (readUint8(out, offset) >>> 4 === 4) patchIpv4(out, offset, hopLimit, id);
  else patchIpv6(out, offset, hopLimit);
}

function read(
  bytes: Uint8Array,
  offset: number,
  end: number,
  quoted: boolean,
): IpHeader | undefined {
  if (offset >= end) return undefined;
  switch (readUint8(bytes, offset) >>> 4) {
    case 4:
      return readIpv4(bytes, offset, end, quoted);
    case 6:
      return readIpv6(bytes, offset, end, quoted);
    default:
      return undefined;
  }
}
