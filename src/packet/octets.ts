/*
 * Network byte order on a plain Uint8Array. Shifts need no DataView per packet. A read past the end of the array
 * yields zero bits instead of throwing; readers compare with the received length before they read, because a reused
 * receive buffer holds stale bytes of the packet before.
 */

/** The unsigned 8-bit value at `offset`. */
export function readUint8(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}

/** Whether the bytes from `offset` on are `expected`; false where the array ends before. Costs no copy. */
export function equalAt(bytes: Uint8Array, offset: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) {
    if (expected[i] !== bytes[offset + i]) return false;
  }
  return true;
}

/** The unsigned 16-bit big-endian value at `offset`. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** The unsigned 32-bit big-endian value at `offset`. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return ((readUint16(bytes, offset) << 16) | readUint16(bytes, offset + 2)) >>> 0;
}

/** Stores the low 16 bits of `value` big-endian at `offset`. */
export function writeUint16(out: Uint8Array, offset: number, value: number): void {
  out[offset] = value >>> 8;
  out[offset + 1] = value;
}

/** Stores the low 32 bits of `value` big-endian at `offset`. */
export function writeUint32(out: Uint8Array, offset: number, value: number): void {
  writeUint16(out, offset, value >>> 16);
  writeUint16(out, offset + 2, value);
}
