import type { IpFields, IpHeader } from "./ip-header.ts";
import { readUint8, readUint16, readUint32, writeUint16, writeUint32 } from "./octets.ts";

/*
 * RFC 8200 section 3, offsets in bytes:
 *   0 version, traffic class, flow label   4 payload length   6 next header   7 hop limit   8 source   24 destination
 */
const HEADER = 40;

/** Every extension header is at least this long, and so are all upper-layer headers read here. */
const MIN_EXTENSION = 8;

/** Extension headers that can be walked over (IANA "IPv6 Extension Header Types"). */
const EXTENSION = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  destinationOptions: 60,
  mobility: 135,
  hostIdentity: 139,
  shim6: 140,
} as const;

/** The IPv6 half of `readIp` and (`quoted`) `readQuotedIp`; the version nibble has been checked. */
export function readIpv6(
  bytes: Uint8Array,
  offset: number,
  end: number,
  quoted: boolean,
): IpHeader | undefined {
  if (end - offset < HEADER) return undefined;
  const first = readUint32(bytes, offset);
  const payloadLength = readUint16(bytes, offset + 4);
  const trusted = !quoted || payloadLength >= MIN_EXTENSION;
  const payloadEnd = trusted ? Math.min(end, offset + HEADER + payloadLength) : end;

  let protocol = readUint8(bytes, offset + 6);
  let payloadOffset = offset + HEADER;
  let fragmentOffset = 0;
  // Behind a later fragment's header comes the middle of a datagram, no header.
  while (fragmentOffset === 0 && isExtension(protocol)) {
    if (payloadEnd - payloadOffset < MIN_EXTENSION) return undefined;
    if (protocol === EXTENSION.fragment) {
      fragmentOffset = readUint16(bytes, payloadOffset + 2) >>> 3;
    }
    const length = extensionLength(protocol, readUint8(bytes, payloadOffset + 1));
    protocol = readUint8(bytes, payloadOffset);
    payloadOffset += length;
    if (payloadOffset > payloadEnd) return undefined;
  }
  return {
    family: 6,
    protocol,
    sourceOffset: offset + 8,
    destinationOffset: offset + 24,
    payloadOffset,
    payloadEnd,
    hopLimit: readUint8(bytes, offset + 7),
    id: 0,
    fragmentOffset,
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xfffff,
    totalLength: HEADER + payloadLength,
  };
}

/** The IPv6 half of `writeIp`; returns 40. */
export function writeIpv6(out: Uint8Array, offset: number, fields: IpFields): number {
  writeUint32(out, offset, (6 << 28) | (fields.dscp << 22) | (fields.flowLabel & 0xfffff));
  writeUint16(out, offset + 4, fields.payloadLength);
  out[offset + 6] = fields.protocol;
  out[offset + 7] = fields.hopLimit;
  out.set(fields.source.bytes, offset + 8);
  out.set(fields.destination.bytes, offset + 24);
  return HEADER;
}

/** The IPv6 half of `patchIp`: the header has no identification and no checksum. */
export function patchIpv6(out: Uint8Array, offset: number, hopLimit: number): void {
  out[offset + 7] = hopLimit;
}

function isExtension(protocol: number): boolean {
  switch (protocol) {
    case EXTENSION.hopByHop:
    case EXTENSION.routing:
    case EXTENSION.fragment:
    case EXTENSION.authentication:
    case EXTENSION.destinationOptions:
    case EXTENSION.mobility:
    case EXTENSION.hostIdentity:
    case EXTENSION.shim6:
      return true;
    default:
      return false;
  }
}

/** Length in bytes of an extension header whose second byte is `lengthField`. */
function extensionLength(protocol: number, lengthField: number): number {
  if (protocol === EXTENSION.fragment) return 8;
  // RFC 4302 section 2.2: counted in 4-byte words, minus two.
  if (protocol === EXTENSION.authentication) return (lengthField + 2) * 4;
  return (lengthField + 1) * 8;
}
