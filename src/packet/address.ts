import { isIP } from "node:net";
import { equalAt, readUint16, writeUint16 } from "./octets.ts";

/** IP version. */
export type Family = 4 | 6;

/** An IP address in both of its forms. Immutable; made by {@link parseAddress} or {@link readAddress}. */
export interface Address {
  readonly family: Family;
  /** Canonical text: dotted quad, or RFC 5952. */
  readonly text: string;
  /** 4 or 16 bytes in network order. */
  readonly bytes: Uint8Array;
}

/**
 * Reads an address in text form: four decimal numbers without leading zeros, or RFC 4291 section 2.2 in any of its
 * spellings. Anything else, also a zone (`fe80::1%eth0`), a prefix length or white space, gives undefined.
 */
export function parseAddress(text: string): Address | undefined {
  switch (text.includes("%") ? 0 : isIP(text)) {
    case 4:
      return readAddress(Uint8Array.from(text.split("."), Number), 0, 4);
    case 6:
      return readAddress(bytesOfIpv6(text), 0, 6);
    default:
      return undefined;
  }
}

/** Copies the address at `offset` out of a packet, so that it outlives a reused buffer. The caller has checked the length. */
export function readAddress(bytes: Uint8Array, offset: number, family: Family): Address {
  // Not slice(): on a Buffer that is a view of the same memory.
  const own = new Uint8Array(family === 4 ? 4 : 16);
  for (let i = 0; i < own.length; i++) own[i] = bytes[offset + i] ?? 0;
  return { family, text: addressText(own, 0, family), bytes: own };
}

/** The canonical text of the address at `offset`. The caller has checked the length. */
export function addressText(bytes: Uint8Array, offset: number, family: Family): string {
  return family === 4 ? ipv4Text(bytes, offset) : ipv6Text(bytes, offset);
}

/** Whether the bytes at `offset` are `address`; false where the array ends before. */
export function sameAddress(address: Address, bytes: Uint8Array, offset: number): boolean {
  return equalAt(bytes, offset, address.bytes);
}

function ipv4Text(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset] ?? 0}.${bytes[offset + 1] ?? 0}.${bytes[offset + 2] ?? 0}.${bytes[offset + 3] ?? 0}`;
}

/** RFC 5952: lower case, no leading zeros, `::` for the first of the longest runs of two or more zero groups. */
function ipv6Text(bytes: Uint8Array, offset: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push(readUint16(bytes, offset + 2 * i));
  let runStart = 0;
  let runLength = 0;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > runLength) {
      runStart = start;
      runLength = length;
    }
  }
  // Section 5: an IPv4-mapped address ends in the dotted quad.
  if (runStart === 0 && runLength === 5 && groups[5] === 0xffff) {
    return `::ffff:${ipv4Text(bytes, offset + 12)}`;
  }
  const words = groups.map((group) => group.toString(16));
  if (runLength < 2) return words.join(":");
  return `${words.slice(0, runStart).join(":")}::${words.slice(runStart + runLength).join(":")}`;
}

/** The 16 bytes of a text that {@link isIP} has found to be a valid IPv6 address. */
function bytesOfIpv6(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const out = new Uint8Array(16);
  left.forEach((group, i) => {
    writeUint16(out, 2 * i, group);
  });
  right.forEach((group, i) => {
    writeUint16(out, 16 - 2 * (right.length - i), group);
  });
  return out;
}

function groupsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((word) => {
    if (!word.includes(".")) return [Number.parseInt(word, 16)];
    const quad = Uint8Array.from(word.split("."), Number);
    return [readUint16(quad, 0), readUint16(quad, 2)];
  });
}
