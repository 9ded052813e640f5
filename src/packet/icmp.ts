import type { Address, Family } from "./address.ts";
import { foldChecksum, pseudoHeaderSum, sumBytes } from "./checksum.ts";
import { IP_PROTOCOL } from "./ip.ts";
import { readUint8, readUint16, writeUint16 } from "./octets.ts";

/* RFC 792 and RFC 4443, offsets in bytes: 0 type   1 code   2 checksum   4 (by type)   8 data or quoted datagram */
const HEADER = 8;

/**
 * Message types of each family, which codes of "unreachable" mean what, and the RFC 4884 length attribute: its place,
 * the bytes its unit stands for, and the smallest quote that makes sense (an IP header and 8 bytes).
 */
const DIALECT = {
  4: {
    echoReply: 0,
    unreachable: 3,
    echoRequest: 8,
    timeExceeded: 11,
    portCode: 3,
    prohibitedCodes: [9, 10, 13],
    lengthOffset: 5,
    lengthUnit: 4,
    minQuote: 28,
  },
  6: {
    echoReply: 129,
    unreachable: 1,
    echoRequest: 128,
    timeExceeded: 3,
    portCode: 4,
    // RFC 4443 section 3.1: 5 (source address) and 6 (reject route) are more informative subsets of 1.
    prohibitedCodes: [1, 5, 6],
    lengthOffset: 4,
    lengthUnit: 8,
    minQuote: 48,
  },
} as const;

/** The datagram that an ICMP error quotes, as positions in the array that was read. */
export interface QuotedRange {
  readonly quoteOffset: number;
  /** End of the quoted datagram, before any RFC 4884 extension where the message says where that begins. */
  readonly quoteEnd: number;
}

/** A hop limit ran out on the way (code 0) or a reassembly timed out (code 1). */
export interface TimeExceeded extends QuotedRange {
  readonly kind: "time_exceeded";
  readonly code: number;
}

/** A router or the destination refused the packet. */
export interface Unreachable extends QuotedRange {
  readonly kind: "unreachable";
  /** `port`: no listener. `prohibited`: a filter's doing (IPv4 codes 9, 10, 13; IPv6 codes 1, 5, 6). */
  readonly class: "port" | "prohibited" | "other";
  readonly code: number;
}

/** An echo request or the reply to one. */
export interface Echo {
  readonly kind: "echo_request" | "echo_reply";
  readonly identifier: number;
  readonly sequence: number;
  readonly payloadOffset: number;
}

/** Any other message. */
export interface OtherIcmp {
  readonly kind: "other";
  readonly type: number;
  readonly code: number;
}

/** An ICMP or ICMPv6 message. */
export type IcmpMessage = TimeExceeded | Unreachable | Echo | OtherIcmp;

/** An echo request to write. */
export interface EchoFields {
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/**
 * Reads the ICMP message from `offset` up to `end`, all of which must have been received: the IPv4 checksum covers it
 * and a wrong one gives undefined. The ICMPv6 checksum covers the addresses as well, which a raw socket does not tell; the
 * kernel checks it there, and what is quoted or echoed proves itself.
 */
export function readIcmp(
  bytes: Uint8Array,
  offset: number,
  end: number,
  family: Family,
): IcmpMessage | undefined {
  if (end - offset < HEADER) return undefined;
  if (family === 4 && foldChecksum(sumBytes(bytes, offset, end)) !== 0) return undefined;
  const dialect = DIALECT[family];
  const type = readUint8(bytes, offset);
  const code = readUint8(bytes, offset + 1);
  switch (type) {
    case dialect.timeExceeded:
      return {
        kind: "time_exceeded",
        code,
        quoteOffset: offset + HEADER,
        quoteEnd: quoteEnd(bytes, offset, end, family),
      };
    case dialect.unreachable:
      return {
        kind: "unreachable",
        class: unreachableClass(code, family),
        code,
        quoteOffset: offset + HEADER,
        quoteEnd: quoteEnd(bytes, offset, end, family),
      };
    case dialect.echoReply:
    case dialect.echoRequest:
      return {
        kind: type === dialect.echoReply ? "echo_reply" : "echo_request",
        identifier: readUint16(bytes, offset + 4),
        sequence: readUint16(bytes, offset + 6),
        payloadOffset: offset + HEADER,
      };
    default:
      return { kind: "other", type, code };
  }
}

/** Writes an echo request, checksum included, and returns its length in bytes. */
export function writeEcho(
  out: Uint8Array,
  offset: number,
  fields: EchoFields,
  family: Family,
  source: Address,
  destination: Address,
): number {
  const length = HEADER + fields.payload.length;
  out[offset] = DIALECT[family].echoRequest;
  out[offset + 1] = 0;
  writeUint16(out, offset + 2, 0);
  writeUint16(out, offset + 4, fields.identifier);
  writeUint16(out, offset + 6, fields.sequence);
  out.set(fields.payload, offset + HEADER);
  const pseudo =
    family === 4 ? 0 : pseudoHeaderSum(source, destination, IP_PROTOCOL.icmpv6, length);
  writeUint16(out, offset + 2, foldChecksum(sumBytes(out, offset, offset + length, pseudo)));
  return length;
}

function unreachableClass(code: number, family: Family): Unreachable["class"] {
  const { portCode, prohibitedCodes } = DIALECT[family];
  if (code === portCode) return "port";
  return prohibitedCodes.some((prohibited) => prohibited === code) ? "prohibited" : "other";
}

/** RFC 4884 section 4; a length that is absent, absurdly small or beyond `end` does not count. */
function quoteEnd(bytes: Uint8Array, offset: number, end: number, family: Family): number {
  const { lengthOffset, lengthUnit, minQuote } = DIALECT[family];
  const length = readUint8(bytes, offset + lengthOffset) * lengthUnit;
  const claimed = offset + HEADER + length;
  return length >= minQuote && claimed <= end ? claimed : end;
}
