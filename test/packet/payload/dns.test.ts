import { describe, expect, test } from "vitest";
import { DnsPayload } from "../../../src/packet/payload/dns.ts";

const digest = Uint8Array.from(Buffer.from("a000c1c2c3c4c5c6c7c8b3b4", "hex"));
const mark = { identification: 0x0102, endToEnd: true, wallMs: 0 };
/** "www.example.com" by the drawing of RFC 1035, 3.1. */
const NAME = "03777777076578616d706c6503636f6d00";
const FLAGS_OK = "8180";

function query(name: string): { payload: DnsPayload; hex: string } {
  const payload = new DnsPayload(name, digest);
  const out = payload.bytes.slice();
  payload.stamp(out, 0, mark);
  return { payload, hex: Buffer.from(out).toString("hex") };
}

function read(hex: string) {
  const bytes = Buffer.from(hex, "hex");
  return query("www.example.com").payload.read(bytes, 0, bytes.length);
}

describe("a DNS probe", () => {
  test("is the query that the RFCs draw: header, question, EDNS with a client cookie", () => {
    const header = `a102${"0100"}${"0001"}00000000${"0001"}`;
    const question = `${NAME}00010001`;
    const edns = `000029${"04d0"}00000000${"000c"}${"000a"}${"0008"}`;
    // The cookie begins at the even offset 48, and with the complement of a102.
    expect(query("www.example.com").hex).toBe(`${header}${question}${edns}5efd${"c3c4c5c6c7c8"}`);
    expect(query("www.example.com.").hex).toBe(query("www.example.com").hex);
    // One letter less: the cookie begins at an odd offset, the complement one byte later.
    expect(query("ww.example.com").hex.endsWith("c15efdc4c5c6c7c8")).toBe(true);
    expect(query(".").hex.slice(24, 34)).toBe("0000010001");
  });

  test.each([
    [
      "an address",
      `a102${FLAGS_OK}0001000100000000${NAME}00010001c00c000100010000003c0004c0000201`,
    ],
    ["an empty answer", `a102${FLAGS_OK}0001000000000000${NAME}00010001`],
    ["no such name", `a102${"8183"}0001000000000000${NAME}00010001`],
    ["refused", `a102${"8185"}0001000000000000${NAME}00010001`],
    ["truncated", `a102${"8380"}0001000000000000${NAME}00010001`],
    ["format error without the question", `a102${"8181"}0000000000000000`],
    [
      "a name in other letters",
      `a102${FLAGS_OK}0001000000000000${NAME.replace("77", "57")}00010001`,
    ],
  ])("is answered by %s", (_, hex) => {
    expect(read(hex)).toEqual({ identification: 0x0102 });
  });

  test("tells by the id which packet is answered", () => {
    expect(read(`a103${FLAGS_OK}0000000000000000`)).toEqual({ identification: 0x0103 });
    expect(read(`9fff${FLAGS_OK}0000000000000000`)).toEqual({ identification: 0xffff });
  });

  test.each([
    ["a query", `a102${"0100"}0001000000000000${NAME}00010001`],
    ["the answer to a notification", `a102${"a000"}0001000000000000${NAME}00010001`],
    [
      "the answer to another question",
      `a102${FLAGS_OK}0001000000000000${NAME.replace("78", "79")}00010001`,
    ],
    ["a question cut short", `a102${FLAGS_OK}0001000000000000${NAME.slice(0, -2)}`],
    ["a header cut short", `a102${FLAGS_OK}00010000000000`],
  ])("is not answered by %s", (_, hex) => {
    expect(read(hex)).toBeUndefined();
  });
});
