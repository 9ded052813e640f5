import { describe, expect, test } from "vitest";
import type { PacketMark } from "../../../src/packet/payload/payload.ts";
import { StampPayload } from "../../../src/packet/payload/stamp.ts";

const digest = Uint8Array.from(Buffer.from("21a2a3a4a5a6a7a8b1b2b3b4", "hex"));
/** 2023-11-14 22:13:20.25 UTC: 0xe8fe6f80 seconds since 1900, a quarter second. */
const WALL = 1_700_000_000_250;
const probe: PacketMark = { identification: 5, endToEnd: true, wallMs: WALL };
const sweep: PacketMark = { identification: 0x0605, endToEnd: false, wallMs: WALL };

function sendOf(payload: StampPayload, mark: PacketMark): string {
  const out = payload.bytes.slice();
  payload.stamp(out, 0, mark);
  return Buffer.from(out).toString("hex");
}

/** What a reflector makes of a packet, by the drawing of RFC 8762, figure 5. */
function answerTo(sent: string, sequence: string, extension = sent.slice(88)): string {
  const times = "e8fe6f8080000000";
  const zeros = "000000";
  return `${sequence}${times}2001${sent.slice(28, 32)}${times}${sent.slice(0, 28)}0000${"3f"}${zeros}${extension}`;
}

function read(payload: StampPayload, hex: string) {
  const bytes = Buffer.from(`ff${hex}`, "hex");
  return payload.read(bytes, 1, bytes.length);
}

describe("a STAMP probe", () => {
  test("is numbered from 1, says when it was sent, and asks for the sender's counts", () => {
    const payload = new StampPayload({ id: 0x89abcdef, sent: 41 }, digest);
    const hex = sendOf(payload, probe);
    expect(hex.slice(0, 28)).toMatch(/^00000001e8fe6f804000....2001$/);
    expect(hex.slice(28, 88)).toBe(`21a3${"00".repeat(28)}`);
    expect(hex.slice(88)).toBe(`80fc0010${"89abcdef"}${"0000002a"}${"00".repeat(8)}`);
    expect(sendOf(payload, probe).slice(0, 8)).toBe("00000002");
  });

  test("of a sweep belongs to another session and leaves both counts alone", () => {
    const sender = { id: 0x89abcdef, sent: 41 };
    const payload = new StampPayload(sender, digest);
    const hex = sendOf(payload, sweep);
    expect(hex.slice(0, 8)).toBe("80000605");
    expect(hex.slice(28, 32)).toBe("a1a3");
    expect(hex.slice(88)).toBe(`80010010${"00".repeat(16)}`);
    expect(sender.sent).toBe(41);
    expect(sendOf(payload, probe).slice(0, 8)).toBe("00000001");
  });

  test("is answered by whoever repeats number and timestamp of the last one", () => {
    const payload = new StampPayload({ id: 1, sent: 0 }, digest);
    const first = sendOf(payload, probe);
    expect(read(payload, answerTo(first, "00000001"))).toEqual({ identification: 5 });
    // A TWAMP reflector ends behind the TTL.
    expect(read(payload, answerTo(first, "00000001").slice(0, 82))).toEqual({ identification: 5 });
    expect(read(payload, answerTo(first, "00000001").slice(0, 80))).toBeUndefined();
    const changed = first.replace("40", "41");
    expect(read(payload, answerTo(changed, "00000001"))).toBeUndefined();
    const second = sendOf(payload, { ...probe, identification: 6 });
    expect(read(payload, answerTo(first, "00000001"))).toBeUndefined();
    expect(read(payload, answerTo(second, "00000002"))).toEqual({ identification: 6 });
  });

  test("of a sweep is answered by whoever repeats number and timestamp together", () => {
    const payload = new StampPayload({ id: 1, sent: 0 }, digest);
    const sent = sendOf(payload, sweep);
    sendOf(payload, { ...sweep, identification: 0x0806, wallMs: WALL + 99 });
    expect(read(payload, answerTo(sent, "00000007"))).toEqual({ identification: 0x0605 });
    for (const at of [6, 15, 20]) {
      const digit = sent[at] === "3" ? "4" : "3";
      const changed = sent.slice(0, at) + digit + sent.slice(at + 1);
      expect(read(payload, answerTo(changed, "00000007"))).toBeUndefined();
    }
  });

  test("learns what a reflector that keeps a sequence of its own has answered", () => {
    const payload = new StampPayload({ id: 1, sent: 0 }, digest);
    const first = sendOf(payload, probe);
    expect(read(payload, answerTo(first, "00000000"))?.own).toEqual({
      epoch: 0,
      sent: 1,
      received: 0,
      answered: 0,
    });
    sendOf(payload, sweep);
    const second = sendOf(payload, probe);
    expect(read(payload, answerTo(second, "00000001"))?.own).toMatchObject({ epoch: 1, sent: 2 });
  });

  test("learns the sender's counts where the extension was understood, and only there", () => {
    const payload = new StampPayload({ id: 0x89abcdef, sent: 41 }, digest);
    const sent = sendOf(payload, probe);
    const filled = (flags: string, id = "89abcdef") =>
      answerTo(sent, "00000001", `${flags}fc0010${id}${"0000002a"}${"00000029"}${"00000028"}`);
    expect(read(payload, filled("00"))?.shared).toEqual({
      epoch: 0,
      sent: 42,
      received: 41,
      answered: 40,
    });
    expect(read(payload, filled("80"))?.shared).toBeUndefined();
    expect(read(payload, filled("40"))?.shared).toBeUndefined();
    expect(read(payload, filled("00", "89abcdee"))?.shared).toBeUndefined();
    expect(read(payload, filled("00").slice(0, -2))?.shared).toBeUndefined();
  });
});
