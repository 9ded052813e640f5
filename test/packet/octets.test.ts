import { expect, test } from "vitest";
import {
  equalAt,
  readUint8,
  readUint16,
  readUint32,
  writeUint16,
  writeUint32,
} from "../../src/packet/octets.ts";

test("values are read and written most significant byte first", () => {
  const bytes = Uint8Array.of(0, 0xfe, 0xdc, 0xba, 0x98);
  expect(readUint8(bytes, 1)).toBe(0xfe);
  expect(readUint16(bytes, 1)).toBe(0xfedc);
  expect(readUint32(bytes, 1)).toBe(0xfedcba98);

  const out = new Uint8Array(8);
  writeUint16(out, 1, 0x12345);
  writeUint32(out, 3, 0xfedcba98);
  expect([...out]).toEqual([0, 0x23, 0x45, 0xfe, 0xdc, 0xba, 0x98, 0]);
});

test("bytes past the end of the array read as zero", () => {
  const bytes = Uint8Array.of(0xff);
  expect(readUint8(bytes, 1)).toBe(0);
  expect(readUint16(bytes, 0)).toBe(0xff00);
  expect(readUint32(bytes, 0)).toBe(0xff000000);
});

test("bytes are compared in place, and nothing is equal past the end", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  expect(equalAt(bytes, 1, Uint8Array.of(2, 3))).toBe(true);
  expect(equalAt(bytes, 1, Uint8Array.of(2, 4))).toBe(false);
  expect(equalAt(bytes, 3, Uint8Array.of(4, 0))).toBe(false);
  expect(equalAt(bytes, 4, new Uint8Array())).toBe(true);
});
