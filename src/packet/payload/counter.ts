import { equalAt, readUint16, writeUint16 } from "../octets.ts";

/** Bytes of a counter and its complement side by side. */
export const COUNTER_BYTES = 4;

/** Writes a 16-bit counter and its complement behind it; together they add nothing to a checksum that covers both. */
export function writeCounter(out: Uint8Array, offset: number, value: number): void {
  writeUint16(out, offset, value);
  writeUint16(out, offset + 2, ~value & 0xffff);
}

/** Reads what {@link writeCounter} wrote; undefined where the second half does not match the first. */
export function readCounter(bytes: Uint8Array, offset: number, end: number): number | undefined {
  if (end - offset < COUNTER_BYTES) return undefined;
  const value = readUint16(bytes, offset);
  return readUint16(bytes, offset + 2) === (~value & 0xffff) ? value : undefined;
}

/** Whether `key` stands at `offset`, wholly before `end`. */
export function holds(key: Uint8Array, bytes: Uint8Array, offset: number, end: number): boolean {
  return end - offset >= key.length && equalAt(bytes, offset, key);
}
