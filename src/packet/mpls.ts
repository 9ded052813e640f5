import type { ExtensionObject } from "./icmp-extensions.ts";
import { readUint32 } from "./octets.ts";

/** One entry of an MPLS label stack as a router received it (RFC 3032 section 2.1). */
export interface MplsEntry {
  /** 20 bits. */
  readonly label: number;
  /** Traffic class, 3 bits (RFC 5462). */
  readonly trafficClass: number;
  readonly bottom: boolean;
  readonly ttl: number;
}

const ENTRY = 4;
/** MPLS Label Stack Class, Incoming MPLS Label Stack (RFC 4950 section 2). */
const MPLS_CLASS = 1;
const INCOMING_STACK = 1;
/** Deeper stacks are not real: hardware pushes a handful of labels. */
const MAX_ENTRIES = 16;

/**
 * The MPLS label stack among the extension objects of an ICMP error (RFC 4950), outermost label first. Empty where there
 * is none, and where one is malformed.
 */
export function readMplsStack(
  bytes: Uint8Array,
  objects: readonly ExtensionObject[],
): readonly MplsEntry[] {
  const stack: MplsEntry[] = [];
  for (const { classNumber, type, from, end } of objects) {
    const known = classNumber === MPLS_CLASS && type === INCOMING_STACK;
    if (known && !readEntries(bytes, from, end, stack)) return [];
  }
  return stack;
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
