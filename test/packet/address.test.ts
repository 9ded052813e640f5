import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressText, parseAddress, readAddress, sameAddress } from "../../src/packet/address.ts";
import { addressBytes } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";

describe("parseAddress", () => {
  test.each([
    ["0.0.0.0", "0.0.0.0"],
    ["192.0.2.10", "192.0.2.10"],
    ["255.255.255.255", "255.255.255.255"],
    // RFC 5952 section 4.1: no leading zeros; 4.2.1: "::" as short as can be; 4.3: lower case.
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:DB8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8::AAAA", "2001:db8::aaaa"],
    // 4.2.2: one group of zeros is not shortened; 4.2.3: the longest run is, the first of equals.
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::", "::"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["::1", "::1"],
    ["fe80::", "fe80::"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"],
    ["0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"],
    // Section 5: the IPv4-mapped prefix keeps the dotted quad, others do not.
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["::FFFF:c000:0201", "::ffff:192.0.2.1"],
    ["::ffff:0:0", "::ffff:0.0.0.0"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::13.1.68.3", "::d01:4403"],
  ])("%s becomes %s", (text, canonical) => {
    const address = parseAddress(text);
    expect(address?.text).toBe(canonical);
    expect(address?.family).toBe(text.includes(":") ? 6 : 4);
    expect([...(address?.bytes ?? [])]).toEqual(addressBytes(text));
  });

  test.each([
    "",
    " ",
    "192.0.2",
    "192.0.2.1.5",
    "192.0.2.256",
    "192.0.2.01",
    "192.0.2.1 ",
    "0x7f.0.0.1",
    "2130706433",
    "192.0.2.0/24",
    "localhost",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8:9",
    "12345::",
    "g::1",
    "::1.2.3",
    "::1.2.3.256",
    "1.2.3.4::",
    "fe80::1%eth0",
    "fe80::1%",
    "[::1]",
    "2001:db8::/32",
  ])("%j is no address", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("its text, parsed again, is the same address, for any bytes", () => {
    const oneOf4or16 = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      // Zeros often enough for runs of zero groups to appear.
      fc
        .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
        .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]))),
    );
    fc.assert(
      fc.property(oneOf4or16, (bytes) => {
        const address = readAddress(bytes, 0, bytes.length === 4 ? 4 : 6);
        expect(parseAddress(address.text)).toEqual(address);
        expect(addressBytes(address.text)).toEqual([...bytes]);
        if (address.text.startsWith("::ffff:")) return;
        const url = new URL(
          bytes.length === 4 ? `http://${address.text}` : `http://[${address.text}]`,
        );
        expect(url.hostname.replace(/[[\]]/g, "")).toBe(address.text);
      }),
      { seed: printedSeed("address text"), numRuns: 500 },
    );
  });
});

describe("readAddress", () => {
  test("copies, so that a reused receive buffer does not change the address", () => {
    const packet = Buffer.from([0, 192, 0, 2, 7, 0]);
    const address = readAddress(packet, 1, 4);
    packet.fill(0xff);
    expect(address).toEqual({ family: 4, text: "192.0.2.7", bytes: Uint8Array.of(192, 0, 2, 7) });
  });
});

describe("addressText", () => {
  test("reads both families in the middle of a packet", () => {
    const bytes = Uint8Array.from([9, ...addressBytes("2001:db8::7"), 9]);
    expect(addressText(bytes, 1, 6)).toBe("2001:db8::7");
    expect(addressText(bytes, 1, 4)).toBe("32.1.13.184");
  });
});

describe("sameAddress", () => {
  const bytes = Uint8Array.from([9, ...addressBytes("2001:db8::7")]);

  test("is true for the address at the offset only", () => {
    const address = readAddress(bytes, 1, 6);
    expect(sameAddress(address, bytes, 1)).toBe(true);
    expect(sameAddress(address, bytes, 0)).toBe(false);
  });

  test("notices a difference in every byte", () => {
    const address = readAddress(bytes, 1, 6);
    for (let i = 1; i <= 16; i++) {
      const changed = bytes.map((byte, at) => (at === i ? byte ^ 1 : byte));
      expect(sameAddress(address, changed, 1)).toBe(false);
    }
  });

  test("is false where the array ends inside the address, even if the rest would be zeros", () => {
    const zero = readAddress(new Uint8Array(16), 0, 6);
    expect(sameAddress(zero, new Uint8Array(15), 0)).toBe(false);
  });
});
