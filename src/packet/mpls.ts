import type { Family } from "./address.ts";
import { foldChecksum, sumBytes } from "./checksum.ts";
import { readUint8, readUint16, readUint32 } from "./octets.ts";

/** One entry of an MPLS label stack as a router received it (RFC 3032 section 2.1). */
export interface MplsEntry {
  /** 20 bits. */
  readonly label: number;
  /** Traffic class, 3 bits (RFC 5462). */
  readonly trafficClass: number;
  readonly bottom: boolean;
  readonly ttl: number;
}

/** Where an ICMP error and what it quotes lie in the array that was read. */
export interface ExtendedMessage {
  readonly family: Family;
  readonly quoteOffset: number;
  /** Where the quote ends: before `end` where the message announces an extension. */
  readonly quoteEnd: number;
  /** End of the ICMP message. */
  readonly end: number;
}

const EXTENSION_HEADER = 4;
const EXTENSION_VERSION = 2;
const OBJECT_HEADER = 4;
const ENTRY = 4;
/** MPLS Label Stack Class, Incoming MPLS Label Stack (RFC 4950 section 2). */
const MPLS_CLASS = 1;
const INCOMING_STACK = 1;
/** Routers older than RFC 4884 pad the quote to this length and do not announce it (section 5.5). */
const LEGACY_QUOTE = 128;
/** Place of the length attribute before the quote, by family (RFC 4884 sections 4.1 and 4.4). */
const LENGTH_BEFORE_QUOTE = { 4: 3, 6: 4 } as const;
/** Deeper stacks are not real: hardware pushes a handful of labels. */
const MAX_ENTRIES = 16;

/**
 * The MPLS label stack that a router reports in the extension of an ICMP error (RFC 4884, RFC 4950), outermost label
 * first. Empty where there is none, and where any part of the extension is malformed: a wrong version or checksum, an
 * object or a stack that does not fit.
 */
export function readMplsStack(bytes: Uint8Array, message: ExtendedMessage): readonly MplsEntry[] {
  const { end } = message;
  const start = extensionOffset(bytes, message);
  if (start === undefined || !isExtension(bytes, start, end, start < message.quoteEnd)) return [];
  const stack: MplsEntry[] = [];
  for (let at = start + EXTENSION_HEADER; at < end; ) {
    const length = end - at < OBJECT_HEADER ? 0 : readUint16(bytes, at);
    if (length < OBJECT_HEADER || at + length > end) return [];
    const known =
      readUint8(bytes, at + 2) === MPLS_CLASS && readUint8(bytes, at + 3) === INCOMING_STACK;
    if (known && !readEntries(bytes, at + OBJECT_HEADER, at + length, stack)) return [];
    at += length;
  }
  return stack;
}

/** Behind the announced quote; behind 128 bytes of it where no length is announced but there is more. */
function extensionOffset(
  bytes: Uint8Array,
  { family, quoteOffset, quoteEnd, end }: ExtendedMessage,
): number | undefined {
  if (quoteEnd < end) return quoteEnd;
  const announced = readUint8(bytes, quoteOffset - LENGTH_BEFORE_QUOTE[family]);
  return announced === 0 ? quoteOffset + LEGACY_QUOTE : undefined;
}

/** @param legacy bytes of the quote may stand here as well, so that only a checksum tells */
function isExtension(bytes: Uint8Array, at: number, end: number, legacy: boolean): boolean {
  if (end - at < EXTENSION_HEADER || readUint8(bytes, at) >>> 4 !== EXTENSION_VERSION) return false;
  // Zero: the router did not compute it.
  if (readUint16(bytes, at + 2) === 0) return !legacy;
  return foldChecksum(sumBytes(bytes, at, end)) === 0;
}

/** Adds the entries of one stack. @returns false where there are none, too many, or not whole ones */
function readEntries(bytes: Uint8Array, from: number, end: number, stack: MplsEntry[]): boolean {
  const entries = (end - from) / ENTRY;
  if (!Number.isInteger(entries) || entries < 1 || stack.length + entries > MAX_ENTRIES) {
    return false;
  }
  for (let at = from; at < end; at += ENTRY) {
    const word = readUint32(bytes, at);
    stack.push({
      label: word >>> 12,
      trafficClass: (word >>> 9) & 7,
      bottom: (word & 0x100) !== 0,
      ttl: word & 0xff,
    });
  }
  return true;
}
