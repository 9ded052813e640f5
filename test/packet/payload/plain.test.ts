import { describe, expect, test } from "vitest";
import { PlainPayload } from "../../../src/packet/payload/plain.ts";

const digest = Uint8Array.from(Buffer.from("a1a2a3a4a5a6a7a8b1b2b3b4", "hex"));
const mark = { identification: 0x1234, endToEnd: true, wallMs: 0 };

describe("the payload of probes that ask for nothing", () => {
  test("is the key, the counter and its complement", () => {
    const payload = new PlainPayload(digest);
    const out = payload.bytes.slice();
    payload.stamp(out, 0, mark);
    expect(Buffer.from(out).toString("hex")).toBe("a1a2a3a4a5a6a7a81234edcb");
  });

  test("takes anything for an answer, and knows its packet where it is repeated", () => {
    const payload = new PlainPayload(digest);
    const read = (hex: string) => {
      const bytes = Buffer.from(hex, "hex");
      return payload.read(bytes, 0, bytes.length).identification;
    };
    expect(read("a1a2a3a4a5a6a7a81234edcb")).toBe(0x1234);
    expect(read("a1a2a3a4a5a6a7a81234edcc")).toBeUndefined();
    expect(read("a1a2a3a4a5a6a7a91234edcb")).toBeUndefined();
    expect(read("")).toBeUndefined();
  });
});
