import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readIcmp } from "../../src/packet/icmp.ts";
import { extensionObjects } from "../../src/packet/icmp-extensions.ts";
import { type InterfaceInfo, readInterfaces } from "../../src/packet/interface-info.ts";
import { extension, object } from "../support/icmp-extension.ts";
import { tcpPacket, timeExceeded } from "../support/packet-builder.ts";
import { printedSeed } from "../support/seed.ts";
import { dissect, tsharkIsMissing } from "../support/tshark.ts";

const quoted = tcpPacket({
  from: "192.0.2.1",
  to: "198.51.100.2",
  sourcePort: 61_000,
  destinationPort: 443,
  flags: ["syn"],
});
const ends = { from: "203.0.113.1", to: "192.0.2.1" };

/** A time-exceeded with these objects. */
function packetOf(...objects: readonly number[][]): Uint8Array {
  return timeExceeded({ ...ends, quoted, extension: extension(...objects) });
}

function interfacesOf(...objects: readonly number[][]): readonly InterfaceInfo[] {
  const packet = packetOf(...objects);
  const icmp = readIcmp(packet, 20, packet.length, 4);
  if (icmp === undefined || !("quoteOffset" in icmp)) throw new Error("no error message");
  const { quoteOffset, quoteEnd } = icmp;
  const message = { family: 4 as const, quoteOffset, quoteEnd, end: packet.length };
  return readInterfaces(packet, extensionObjects(packet, message));
}

/** A name sub-object: length, text, zeros up to a multiple of four (RFC 5837 section 4.3). */
function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  const length = Math.ceil((1 + bytes.length) / 4) * 4;
  return [length, ...bytes, ...new Array<number>(length - 1 - bytes.length).fill(0)];
}

const V4 = [0, 1, 0, 0, 10, 0, 1, 8];
const V6 = [0, 2, 0, 0, 0x20, 1, 0x0d, 0xb8, ...new Array<number>(11).fill(0), 8];

describe("the interfaces that a router names", () => {
  test("have index, address, name and MTU, in this order, as far as they are given", () => {
    const [all] = interfacesOf(
      object(2, 0x0f, [0, 0, 0, 7, ...V4, ...name("Ethernet1"), 0, 0, 0x23, 0x28]),
    );
    expect(all).toMatchObject({ role: "incoming", index: 7, name: "Ethernet1", mtu: 9000 });
    expect(all?.address?.text).toBe("10.0.1.8");
    const [named] = interfacesOf(object(2, 0x02, name("xe-0/0/1.100")));
    expect(named).toEqual({
      role: "incoming",
      index: undefined,
      address: undefined,
      name: "xe-0/0/1.100",
      mtu: undefined,
    });
    expect(interfacesOf(object(2, 0x04, V6))[0]?.address?.text).toBe("2001:db8::8");
  });

  test("are told by their roles, beside other objects", () => {
    const found = interfacesOf(
      object(1, 1, [0x05, 0xdc, 0xf1, 0x01]),
      object(2, 0x04, V4),
      object(2, 0x44, V4),
      object(2, 0x84, V4),
      object(2, 0xc4, V4),
    );
    expect(found.map(({ role }) => role)).toEqual(["incoming", "sub_ip", "outgoing", "next_hop"]);
  });

  test("that are malformed are left out, and what stands beside them is read", () => {
    const malformed = [
      object(2, 0x08, [0, 0, 7]),
      object(2, 0x04, V4.slice(0, 6)),
      object(2, 0x04, [0, 9, 0, 0, 10, 0, 1, 8]),
      object(2, 0x02, [8, 65, 0, 0]),
      object(2, 0x02, [3, 65, 0, 0]),
      object(2, 0x02, [68, ...new Array<number>(67).fill(65)]),
      object(2, 0x01, [0, 1]),
    ];
    for (const bad of malformed) {
      expect(interfacesOf(bad, object(2, 0x02, name("eth1"))).map((each) => each.name)).toEqual([
        "eth1",
      ]);
    }
  });

  test("have no name that could harm a terminal", () => {
    const [hostile] = interfacesOf(object(2, 0x02, name("\u001b[31meth\n1")));
    expect(hostile?.name).toBe("\ufffd[31meth\ufffd1");
    expect(interfacesOf(object(2, 0x02, [4, 0xff, 0xfe, 0]))[0]?.name).toBe("\ufffd\ufffd");
  });

  test("never throw, whatever the bytes", () => {
    const objects = fc.array(
      fc.tuple(
        fc.nat(255),
        fc.uint8Array({ maxLength: 80 }).map((body) => [...body]),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(objects, (given) => {
        const found = interfacesOf(...given.map(([type, body]) => object(2, type, body)));
        expect(found.length).toBeLessThanOrEqual(4);
        for (const each of found) expect(each.name ?? "").not.toMatch(/\p{Cc}/u);
      }),
      { seed: printedSeed("interfaces"), numRuns: 2000 },
    );
  });

  test.skipIf(tsharkIsMissing())("are those that tshark reads", () => {
    const packet = packetOf(
      object(2, 0x0f, [0, 0, 0, 7, ...V4, ...name("Ethernet1"), 0, 0, 0x23, 0x28]),
    );
    const fields = ["index", "ipv4", "name", "mtu"].map((field) => `icmp.int_info.${field}`);
    expect(Object.values(dissect([packet], fields)[0] ?? {})).toEqual([
      "7",
      "10.0.1.8",
      "Ethernet1",
      "9000",
    ]);
  });
});
