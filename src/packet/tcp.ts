import type { Address } from "./address.ts";
import { foldChecksum, pseudoHeaderSum, sumBytes } from "./checksum.ts";
import { IP_PROTOCOL } from "./ip.ts";
import { readUint8, readUint16, readUint32, writeUint16, writeUint32 } from "./octets.ts";

/*
 * RFC 9293 section 3.1, offsets in bytes:
 *   0 source port   2 destination port   4 sequence   8 acknowledgement   12 data offset   13 flags
 *   14 window   16 checksum   18 urgent pointer   20 options
 */
const MIN_HEADER = 20;

/** Bits of the flags byte. */
export const TCP_FLAGS = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ece: 64,
  cwr: 128,
} as const;

/** TCP option kinds (RFC 9293 section 3.2, RFC 2018, RFC 7323). */
const OPTION = {
  end: 0,
  noOperation: 1,
  maximumSegmentSize: 2,
  windowScale: 3,
  sackPermitted: 4,
  timestamps: 8,
} as const;
const TIMESTAMPS_LENGTH = 10;

/** Length in bytes of the SYN that {@link writeSyn} writes: the header and 20 bytes of options, in Linux's order. */
const SYN_LENGTH = 40;

/** Length in bytes of the reset that {@link writeReset} writes: a header without options. */
export const RESET_BYTES = 20;

/** Where TSval (32 bits) stands in the TCP header that {@link writeSyn} writes, in bytes. */
export const SYN_TIMESTAMP_OFFSET = 28;

/** Segment size and window of a Linux SYN on a 1500-byte MTU: the window is the largest multiple of the segment below 64 KiB. */
const SYN_SIZES = {
  4: { segment: 1460, window: 64240 },
  6: { segment: 1440, window: 64800 },
} as const;
const WINDOW_SCALE = 7;

/** What varies between the SYNs of this program. */
export interface SynFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Initial sequence number, 32 bits. */
  readonly sequence: number;
  /** TSval of the timestamps option, 32 bits; a SYN-ACK echoes it as TSecr. */
  readonly timestamp: number;
}

/** A received TCP header. */
export interface TcpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** The flags byte, see {@link TCP_FLAGS}. */
  readonly flags: number;
  readonly payloadOffset: number;
  /** TSecr of the timestamps option, where there is one; means something only with ACK set (RFC 7323 section 3.2). */
  readonly timestampEcho: number | undefined;
}

/**
 * Writes a SYN as Linux sends it (options: MSS, SACK permitted, timestamps, no-operation, window scale 7), checksum
 * included, and returns its length, 40 bytes.
 */
export function writeSyn(
  out: Uint8Array,
  offset: number,
  fields: SynFields,
  source: Address,
  destination: Address,
): number {
  const sizes = SYN_SIZES[destination.family];
  writeUint16(out, offset, fields.sourcePort);
  writeUint16(out, offset + 2, fields.destinationPort);
  writeUint32(out, offset + 4, fields.sequence);
  writeUint32(out, offset + 8, 0);
  out[offset + 12] = (SYN_LENGTH / 4) << 4;
  out[offset + 13] = TCP_FLAGS.syn;
  writeUint16(out, offset + 14, sizes.window);
  writeUint32(out, offset + 16, 0);
  writeUint16(out, offset + 20, (OPTION.maximumSegmentSize << 8) | 4);
  writeUint16(out, offset + 22, sizes.segment);
  writeUint16(out, offset + 24, (OPTION.sackPermitted << 8) | 2);
  writeUint16(out, offset + 26, (OPTION.timestamps << 8) | TIMESTAMPS_LENGTH);
  writeUint32(out, offset + SYN_TIMESTAMP_OFFSET, fields.timestamp);
  writeUint32(out, offset + 32, 0);
  writeUint16(out, offset + 36, (OPTION.noOperation << 8) | OPTION.windowScale);
  writeUint16(out, offset + 38, (3 << 8) | WINDOW_SCALE);
  const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.tcp, SYN_LENGTH);
  writeUint16(out, offset + 16, foldChecksum(sumBytes(out, offset, offset + SYN_LENGTH, pseudo)));
  return SYN_LENGTH;
}

/**
 * Writes the reset that ends a connection which its peer answered with a SYN-ACK: flag RST, the sequence number behind
 * the SYN (RFC 9293 section 3.5.3), no options. Checksum included; returns its length, 20 bytes.
 */
export function writeReset(
  out: Uint8Array,
  offset: number,
  fields: Omit<SynFields, "timestamp">,
  source: Address,
  destination: Address,
): number {
  out.fill(0, offset, offset + MIN_HEADER);
  writeUint16(out, offset, fields.sourcePort);
  writeUint16(out, offset + 2, fields.destinationPort);
  writeUint32(out, offset + 4, fields.sequence + 1);
  out[offset + 12] = (MIN_HEADER / 4) << 4;
  out[offset + 13] = TCP_FLAGS.rst;
  const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.tcp, MIN_HEADER);
  writeUint16(out, offset + 16, foldChecksum(sumBytes(out, offset, offset + MIN_HEADER, pseudo)));
  return MIN_HEADER;
}

/**
 * Reads the TCP header at `offset`. The checksum is not verified: with offloading, a packet of the same machine carries
 * an unfinished one, and a reply is proved by its acknowledgement anyway.
 */
export function readTcp(bytes: Uint8Array, offset: number, end: number): TcpHeader | undefined {
  if (end - offset < MIN_HEADER) return undefined;
  const headerLength = (readUint8(bytes, offset + 12) >>> 4) * 4;
  if (headerLength < MIN_HEADER || headerLength > end - offset) return undefined;
  const timestamps = findTimestamps(bytes, offset + MIN_HEADER, offset + headerLength);
  return {
    sourcePort: readUint16(bytes, offset),
    destinationPort: readUint16(bytes, offset + 2),
    sequence: readUint32(bytes, offset + 4),
    acknowledgement: readUint32(bytes, offset + 8),
    flags: readUint8(bytes, offset + 13),
    payloadOffset: offset + headerLength,
    timestampEcho: timestamps === undefined ? undefined : readUint32(bytes, timestamps + 6),
  };
}

/**
 * TSval (32 bits) of the SYN or segment at `offset`, which may be cut off behind any byte, as in an ICMP error. Undefined
 * where there is no timestamps option, or not all of it.
 */
export function readTimestampValue(
  bytes: Uint8Array,
  offset: number,
  end: number,
): number | undefined {
  if (end - offset < MIN_HEADER) return undefined;
  const headerLength = (readUint8(bytes, offset + 12) >>> 4) * 4;
  const at = findTimestamps(bytes, offset + MIN_HEADER, Math.min(end, offset + headerLength));
  return at === undefined ? undefined : readUint32(bytes, at + 2);
}

/**
 * Where the timestamps option begins between `start` and `end`; undefined where there is none. A malformed option ends the
 * search, as in the kernel.
 */
function findTimestamps(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  while (at < end) {
    const kind = readUint8(bytes, at);
    if (kind === OPTION.end) return undefined;
    if (kind === OPTION.noOperation) {
      at += 1;
      continue;
    }
    if (at + 1 >= end) return undefined;
    const length = readUint8(bytes, at + 1);
    if (length < 2 || at + length > end) return undefined;
    if (kind === OPTION.timestamps && length === TIMESTAMPS_LENGTH) return at;
    at += length;
  }
  return undefined;
}
