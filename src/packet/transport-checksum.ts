import { foldChecksum, sumBytes } from "./checksum.ts";
import { IP_PROTOCOL } from "./ip.ts";
import type { IpHeader } from "./ip-header.ts";
import { readUint16 } from "./octets.ts";

const UDP_LENGTH_OFFSET = 4;
const UDP_CHECKSUM_OFFSET = 6;

/**
 * Whether the checksum of a received TCP segment, UDP datagram or ICMPv6 message is right (RFC 9293 section 3.1, RFC 768,
 * RFC 8200 section 8.1). True as well where that cannot be told: other protocols, packets that were not received whole,
 * first fragments, and UDP over IPv4 without a checksum.
 * @param bytes the array that `ip` was read from
 */
export function hasRightChecksum(bytes: Uint8Array, ip: IpHeader): boolean {
  const { family, protocol, payloadOffset, payloadEnd, totalLength, sourceOffset } = ip;
  const headerOffset = family === 4 ? sourceOffset - 12 : sourceOffset - 8;
  if (payloadEnd - headerOffset < totalLength) return true;
  const length = payloadEnd - payloadOffset;
  switch (protocol) {
    case IP_PROTOCOL.tcp:
      break;
    case IP_PROTOCOL.udp:
      if (length < UDP_CHECKSUM_OFFSET + 2) return true;
      if (readUint16(bytes, payloadOffset + UDP_LENGTH_OFFSET) !== length) return true;
      if (family === 4 && readUint16(bytes, payloadOffset + UDP_CHECKSUM_OFFSET) === 0) return true;
      break;
    case IP_PROTOCOL.icmpv6:
      if (family === 4) return true;
      break;
    default:
      return true;
  }
  // Source and destination stand one behind the other in both headers.
  const addresses = sumBytes(bytes, sourceOffset, sourceOffset + (family === 4 ? 8 : 32));
  const pseudo = addresses + protocol + (length >>> 16) + (length & 0xffff);
  return foldChecksum(sumBytes(bytes, payloadOffset, payloadEnd, pseudo)) === 0;
}
