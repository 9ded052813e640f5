import { describe, expect, test } from "vitest";
import { QuicPayload } from "../../../src/packet/payload/quic.ts";

const digest = Uint8Array.from(Buffer.from("a1a2a3a4a5a6a7a8b1b2b3b4", "hex"));
const OURS = "b1b2b3b4001234edcb";
const THEIRS = "a1a2a3a4a5a6a7a8";

function read(hex: string) {
  const bytes = Buffer.from(hex, "hex");
  return new QuicPayload(digest).read(bytes, 0, bytes.length);
}

describe("a QUIC probe", () => {
  test("is a large first packet of a version reserved to provoke negotiation", () => {
    const payload = new QuicPayload(digest);
    const out = payload.bytes.slice();
    payload.stamp(out, 0, { identification: 0x1234, endToEnd: true, wallMs: 0 });
    expect(out.length).toBe(1200);
    const hex = Buffer.from(out).toString("hex");
    // Behind the ids: no token, 1173 bytes of rest.
    expect(hex.slice(0, 54)).toBe(`c01a2a3a4a08${THEIRS}09${OURS}004495`);
    expect(hex.slice(54)).toBe("00".repeat(1173));
  });

  test("is answered by version negotiation with both connection ids swapped", () => {
    const versions = "00000001".concat("6b3343cf");
    // RFC 9000, 17.2.1: of the first byte only the highest bit has a meaning.
    for (const first of ["80", "c0", "ff"]) {
      expect(read(`${first}0000000009${OURS}08${THEIRS}${versions}`)).toEqual({
        identification: 0x1234,
      });
    }
  });

  test.each([
    ["a short header", `400000000009${OURS}08${THEIRS}00000001`],
    ["an Initial packet of version 1", `c00000000109${OURS}08${THEIRS}00000001`],
    ["ids that are not swapped", `800000000008${THEIRS}09${OURS}00000001`],
    ["another destination id", `800000000009${OURS}08a1a2a3a4a5a6a7a900000001`],
    ["another source id", `800000000009b1b2b3b5001234edcb08${THEIRS}00000001`],
    ["a counter without its complement", `800000000009b1b2b3b4001234edca08${THEIRS}00000001`],
    ["ids cut short", `800000000009${OURS}08${THEIRS.slice(0, -2)}`],
  ])("is not answered by %s", (_, hex) => {
    expect(read(hex)).toBeUndefined();
  });
});
