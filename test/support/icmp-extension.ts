import { textbookChecksum, u16 } from "./packet-builder.ts";

/** An extension with its checksum (RFC 4884 section 7): version 2, then the objects. */
export function extension(...objects: readonly (readonly number[])[]): number[] {
  const bytes = [0x20, 0, 0, 0, ...objects.flat()];
  const checksum = u16(textbookChecksum(bytes));
  return [0x20, 0, ...checksum, ...bytes.slice(4)];
}

/** An object: length, class, type, payload. */
export function object(classNumber: number, type: number, payload: readonly number[]): number[] {
  return [...u16(4 + payload.length), classNumber, type, ...payload];
}
