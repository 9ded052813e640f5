import { expect, test } from "vitest";
import {
  ASK,
  decodeAttributes,
  decodeMessages,
  encodeMessage,
} from "../../src/wire/netlink-message.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

test("a message is written with its length, and attributes padded to four bytes", () => {
  const body = Buffer.from([2, 0, 0, 0]);
  const message = encodeMessage(26, ASK, body, [
    [27, Uint8Array.of(6)],
    [1, Uint8Array.of(10, 0, 0, 1)],
  ]);
  expect(message.toString("hex")).toBe(
    hex(
      "24000000 1a00 0100 00000000 00000000 02000000 05001b00 06000000 08000100 0a000001",
    ).toString("hex"),
  );
});

test("messages and attributes are read back, and what is cut off is left out", () => {
  const bytes = hex(
    "1c000000 1800 0000 00000000 00000000 02000000 08000580 0a4d0102 14000000 0300 0200 00000000 00000000 00000000",
  );
  const messages = decodeMessages(bytes);
  expect(messages.map(({ type, error }) => ({ type, error }))).toEqual([
    { type: 24, error: 0 },
    { type: 3, error: 0 },
  ]);
  // The type is without its flags.
  expect(decodeAttributes(messages[0]?.body ?? hex(""), 4)).toEqual(
    new Map([[5, hex("0a4d0102")]]),
  );
  for (let end = 0; end < bytes.length; end += 1) {
    expect(decodeMessages(bytes.subarray(0, end)).length).toBeLessThan(2);
  }
  expect(decodeAttributes(hex("0800050a0b"), 0)).toEqual(new Map());
  expect(decodeAttributes(hex("0000050a0b0c"), 0)).toEqual(new Map());
});

test("an error carries the errno", () => {
  expect(decodeMessages(hex("14000000 0200 0000 00000000 00000000 8fffffff"))[0]?.error).toBe(113);
});
