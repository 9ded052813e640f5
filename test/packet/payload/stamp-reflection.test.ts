import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  reflect,
  SHORTEST_REQUEST,
  senderOf,
  sessionOf,
} from "../../../src/packet/payload/stamp-reflection.ts";
import { printedSeed } from "../../support/seed.ts";

const REQUEST = `${"00000007"}${"e8fe6f8040001234"}${"0102"}${"beef"}${"00".repeat(28)}`;
/** 0xe8fe6f80 and a half, 0xe8fe6f81. */
const TIMES = { receivedAt: 1_700_000_000_500, answeredAt: 1_700_000_001_000 };
const ANSWER = `${"00000029"}${"e8fe6f8100000000"}${"2001"}${"beef"}${"e8fe6f8080000000"}${REQUEST.slice(0, 28)}${"0000"}${"3f"}${"000000"}`;

function answerOf(hex: string, asked: number[] = []): string {
  const packet = Buffer.from(hex, "hex");
  reflect(packet, {
    ...TIMES,
    ttl: 63,
    session: { received: 43, answered: 42 },
    sender(id) {
      asked.push(id);
      return { received: 0x11121314, answered: 0x21222324 };
    },
  });
  return packet.toString("hex");
}

describe("the reflector", () => {
  test("answers as RFC 8762 draws it, numbered by itself from 0", () => {
    expect(answerOf(REQUEST)).toBe(ANSWER);
    expect(sessionOf(Buffer.from(REQUEST, "hex"))).toBe(0xbeef);
  });

  test.each([
    ["padding", "8001000301020304", "0001000301020304"],
    ["an unknown extension", "00b00002abcdef", "80b00002abcdef"],
    [
      "the session's counters",
      `8005000c${"00000007"}${"00".repeat(8)}`,
      "0005000c000000070000002b0000002a",
    ],
    [
      "counters of a wrong length",
      "8005000b0102030405060708090a0b",
      "4005000b0102030405060708090a0b",
    ],
    [
      "a sender's counters",
      `80fc0010deadbeef00000009${"00".repeat(8)}`,
      "00fc0010deadbeef000000091112131421222324",
    ],
    ["an extension longer than the packet", "8001000501020304", "4001000501020304"],
    ["two extensions", "80010001ff80020001aa", "00010001ff80020001aa"],
    ["the zeros of a TWAMP sender", "00000000000000", "00000000000000"],
    ["less than an extension's header", "8001ff", "8001ff"],
  ])("gives back %s as it has understood it", (_, extension, expected) => {
    expect(answerOf(REQUEST + extension)).toBe(ANSWER + expected);
  });

  test("asks for the counts of the sender by the number it gives itself", () => {
    const asked: number[] = [];
    answerOf(`${REQUEST}80fc0010deadbeef00000009${"00".repeat(8)}`, asked);
    expect(asked).toEqual([0xdeadbeef]);
    const find = (extension: string) => senderOf(Buffer.from(REQUEST + extension, "hex"));
    expect(find(`80010001ff80fc0010deadbeef00000009${"00".repeat(8)}`)).toBe(0xdeadbeef);
    expect(find("80fc000fdeadbeef0000000900000000000000")).toBeUndefined();
    expect(find("")).toBeUndefined();
  });

  test("never makes a packet longer, whatever it is sent", () => {
    const noise = fc.uint8Array({ minLength: SHORTEST_REQUEST, maxLength: 200 });
    fc.assert(
      fc.property(noise, (bytes) => {
        expect(answerOf(Buffer.from(bytes).toString("hex")).length).toBe(2 * bytes.length);
      }),
      { seed: printedSeed("reflected noise"), numRuns: 300 },
    );
  });
});
