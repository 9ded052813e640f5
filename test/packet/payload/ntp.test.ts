import { describe, expect, test } from "vitest";
import { NtpPayload } from "../../../src/packet/payload/ntp.ts";

const digest = Uint8Array.from(Buffer.from("a1a2a3a4a5a6a7a8b1b2b3b4", "hex"));
const SENT = "a1a2a3a41234edcb";

function read(hex: string) {
  const bytes = Buffer.from(hex, "hex");
  return new NtpPayload(digest).read(bytes, 0, bytes.length);
}

/** A server's answer: `first` is leap, version and mode; stratum and reference id follow. */
function answer(first: string, stratum: string, reference: string, origin = SENT): string {
  return `${first}${stratum}06e8000001000000020${"0"}${reference}${"e9".repeat(8)}${origin}${"ea".repeat(16)}`;
}

describe("an NTP probe", () => {
  test("is a client's request with nothing in it but the transmit timestamp", () => {
    const payload = new NtpPayload(digest);
    const out = payload.bytes.slice();
    payload.stamp(out, 0, { identification: 0x1234, endToEnd: true, wallMs: 0 });
    expect(Buffer.from(out).toString("hex")).toBe(`23${"00".repeat(39)}${SENT}`);
  });

  test.each([
    ["a synchronised server", answer("24", "02", "c0000201")],
    ["a server without the time", answer("e4", "00", "494e4954")],
    ["a server that asks for a slower pace", answer("e4", "00", "52415445")],
    ["a server of version 3", answer("1c", "01", "47505300")],
    ["an answer with authentication behind it", `${answer("24", "02", "c0000201")}00000001`],
  ])("is answered by %s", (_, hex) => {
    expect(read(hex)).toEqual({ identification: 0x1234 });
  });

  test.each([
    ["another request", answer("23", "00", "00000000")],
    ["the origin of another flow", answer("24", "02", "c0000201", "a1a2a3a51234edcb")],
    ["a counter without its complement", answer("24", "02", "c0000201", "a1a2a3a41234edca")],
    ["an answer cut short", answer("24", "02", "c0000201").slice(0, -2)],
  ])("is not answered by %s", (_, hex) => {
    expect(read(hex)).toBeUndefined();
  });
});
