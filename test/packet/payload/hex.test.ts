import { describe, expect, test } from "vitest";
import { HexPayload } from "../../../src/packet/payload/hex.ts";

const sent = Uint8Array.of(1, 2, 3);

describe("a payload that the user gives", () => {
  test("goes out as it is", () => {
    expect([...new HexPayload(sent, new Uint8Array(0)).bytes]).toEqual([1, 2, 3]);
    expect(new HexPayload(sent, new Uint8Array(0)).quoted()).toBeUndefined();
  });

  test("is answered by anything where nothing is expected, an empty datagram included", () => {
    const payload = new HexPayload(sent, new Uint8Array(0));
    expect(payload.read(new Uint8Array(0), 0, 0)).toEqual({ identification: undefined });
    expect(payload.read(sent, 0, 3)).toEqual({ identification: undefined });
  });

  test("is answered by what begins as expected, and by nothing else", () => {
    const payload = new HexPayload(sent, Uint8Array.of(0x80, 0));
    expect(payload.read(Uint8Array.of(9, 0x80, 0, 7), 1, 4)).toEqual({ identification: undefined });
    expect(payload.read(Uint8Array.of(0x80, 0), 0, 2)).toEqual({ identification: undefined });
    expect(payload.read(Uint8Array.of(0x80, 1), 0, 2)).toBeUndefined();
    // The second byte lies behind the datagram's end.
    expect(payload.read(Uint8Array.of(0x80, 0), 0, 1)).toBeUndefined();
  });
});
