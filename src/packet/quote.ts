import { IP_PROTOCOL, readQuotedIp } from "./ip.ts";
import type { IpHeader } from "./ip-header.ts";
import { readUint8, readUint16, readUint32 } from "./octets.ts";
import { readTimestampValue } from "./tcp.ts";

/** What an ICMP error surely quotes behind the IP header (RFC 792). */
const MIN_TRANSPORT = 8;

/** Type of an echo request in ICMP and in ICMPv6. */
const ECHO_REQUEST = { 4: 8, 6: 128 } as const;

/**
 * The datagram quoted in an ICMP error, as far as its first 8 transport bytes tell, and TSval, which stands further back.
 * It is what the router saw: hop limit, DSCP and, behind a NAT, addresses and ports may differ from what was sent.
 */
export interface Quote {
  readonly ip: IpHeader;
  /** TCP or UDP source port; the identifier of an echo request. */
  readonly sourcePort: number;
  /** TCP or UDP destination port; 0 for an echo request. */
  readonly destinationPort: number;
  /** TCP sequence number (32 bits) or echo sequence number (16 bits); undefined for UDP. */
  readonly sequence: number | undefined;
  /** TSval of a TCP segment (32 bits); undefined where the quote ends before it, and for others. */
  readonly timestamp: number | undefined;
  /** UDP length field; undefined for others. */
  readonly udpLength: number | undefined;
  /** UDP checksum field; undefined for others. */
  readonly udpChecksum: number | undefined;
}

/**
 * Reads the quoted datagram between `offset` and `end`. Undefined unless it is TCP, UDP or an echo request, whole or a
 * first fragment, with its IP header and at least 8 bytes behind it.
 */
export function readQuote(bytes: Uint8Array, offset: number, end: number): Quote | undefined {
  const ip = readQuotedIp(bytes, offset, end);
  if (ip === undefined || ip.fragmentOffset !== 0) return undefined;
  const at = ip.payloadOffset;
  if (ip.payloadEnd - at < MIN_TRANSPORT) return undefined;
  switch (ip.protocol) {
    case IP_PROTOCOL.tcp:
      return {
        ip,
        sourcePort: readUint16(bytes, at),
        destinationPort: readUint16(bytes, at + 2),
        sequence: readUint32(bytes, at + 4),
        timestamp: readTimestampValue(bytes, at, ip.payloadEnd),
        udpLength: undefined,
        udpChecksum: undefined,
      };
    case IP_PROTOCOL.udp:
      return {
        ip,
        sourcePort: readUint16(bytes, at),
        destinationPort: readUint16(bytes, at + 2),
        sequence: undefined,
        timestamp: undefined,
        udpLength: readUint16(bytes, at + 4),
        udpChecksum: readUint16(bytes, at + 6),
      };
    case ip.family === 4 ? IP_PROTOCOL.icmp : IP_PROTOCOL.icmpv6:
      if (readUint8(bytes, at) !== ECHO_REQUEST[ip.family]) return undefined;
      return {
        ip,
        sourcePort: readUint16(bytes, at + 4),
        destinationPort: 0,
        sequence: readUint16(bytes, at + 6),
        timestamp: undefined,
        udpLength: undefined,
        udpChecksum: undefined,
      };
    default:
      return undefined;
  }
}
