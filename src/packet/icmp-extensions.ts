import type { Family } from "./address.ts";
import { foldChecksum, sumBytes } from "./checksum.ts";
import { readUint8, readUint16 } from "./octets.ts";

/** Where an ICMP error and what it quotes lie in the array that was read. */
export interface ExtendedMessage {
  readonly family: Family;
  readonly quoteOffset: number;
  /** Where the quote ends: before `end` where the message announces an extension. */
  readonly quoteEnd: number;
  /** End of the ICMP message. */
  readonly end: number;
}

/** One object of an ICMP extension (RFC 4884 section 7.1). */
export interface ExtensionObject {
  readonly classNumber: number;
  /** C-Type; what it means depends on the class. */
  readonly type: number;
  /** Where its payload lies in the array. */
  readonly from: number;
  readonly end: number;
}

const EXTENSION_HEADER = 4;
const EXTENSION_VERSION = 2;
const OBJECT_HEADER = 4;
/** Routers older than RFC 4884 pad the quote to this length and do not announce it (section 5.5). */
const LEGACY_QUOTE = 128;
/** Place of the length attribute before the quote, by family (RFC 4884 sections 4.1 and 4.4). */
const LENGTH_BEFORE_QUOTE = { 4: 3, 6: 4 } as const;

/**
 * The objects in the extension of an ICMP error (RFC 4884), in their order. Empty where there is none, and where any part
 * of it is malformed: a wrong version or checksum, an object that does not fit.
 */
export function extensionObjects(
  bytes: Uint8Array,
  message: ExtendedMessage,
): readonly ExtensionObject[] {
  const { end } = message;
  const start = extensionOffset(bytes, message);
  if (start === undefined || !isExtension(bytes, start, end, start < message.quoteEnd)) return [];
  const objects: ExtensionObject[] = [];
  for (let at = start + EXTENSION_HEADER; at < end; ) {
    const length = end - at < OBJECT_HEADER ? 0 : readUint16(bytes, at);
    if (length < OBJECT_HEADER || at + length > end) return [];
    objects.push({
      classNumber: readUint8(bytes, at + 2),
      type: readUint8(bytes, at + 3),
      from: at + OBJECT_HEADER,
      end: at + length,
    });
    at += length;
  }
  return objects;
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
