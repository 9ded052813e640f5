import { describe, expect, test } from "vitest";
import { patchIp, readIp, readQuotedIp } from "../../src/packet/ip.ts";
import { ipPacket, u16 } from "../support/packet-builder.ts";

const whole = {
  from: "2001:db8::1",
  to: "2001:db8::2",
  protocol: 17,
  payload: [1, 2, 3, 4, 5, 6, 7, 8],
};

const hopByHop = { type: 0, body: [0, 5, 2, 0, 0, 1, 0] };
const routing = { type: 43, body: [2, 4, 0, 1, ...new Array<number>(19).fill(0)] };
const destination = { type: 60, body: [0, 1, 4, 0, 0, 0, 0] };
const authentication = { type: 51, body: [4, 0, 0, ...new Array<number>(20).fill(0xaa)] };

function fragment(offset: number): { type: number; body: number[] } {
  return { type: 44, body: [0, ...u16(offset * 8 + 1), 1, 2, 3, 4] };
}

describe("readIp of IPv6", () => {
  test("finds the upper layer behind a chain of extension headers", () => {
    const extensions = [hopByHop, routing, fragment(0), authentication, destination];
    const packet = ipPacket({ ...whole, extensions });
    expect(readIp(packet, 0, packet.length)).toMatchObject({
      protocol: 17,
      payloadOffset: 40 + 8 + 24 + 8 + 24 + 8,
      payloadEnd: packet.length,
      fragmentOffset: 0,
    });
  });

  test("stops at a later fragment, whose payload is no header", () => {
    const packet = ipPacket({ ...whole, protocol: 60, extensions: [fragment(0x1234)] });
    expect(readIp(packet, 0, packet.length)).toMatchObject({
      protocol: 60,
      payloadOffset: 48,
      fragmentOffset: 0x1234,
    });
  });

  test("stops at an encrypted payload and at no next header", () => {
    for (const protocol of [50, 59]) {
      const packet = ipPacket({ ...whole, protocol, extensions: [hopByHop] });
      expect(readIp(packet, 0, packet.length)).toMatchObject({ protocol, payloadOffset: 48 });
    }
  });

  test("rejects an extension header that reaches beyond the payload", () => {
    const packet = ipPacket({ ...whole, extensions: [{ type: 60, body: [9, 1, 4, 0, 0, 0, 0] }] });
    expect(readIp(packet, 0, packet.length)).toBeUndefined();
  });

  test("rejects a packet that was cut inside its extension headers", () => {
    const packet = ipPacket({ ...whole, extensions: [hopByHop, routing] });
    for (let end = 40; end < 72; end++) expect(readIp(packet, 0, end)).toBeUndefined();
    expect(readIp(packet, 0, 72)).toMatchObject({ payloadOffset: 72, payloadEnd: 72 });
  });

  test("leaves padding behind the payload length out of the payload", () => {
    const packet = Uint8Array.from([...ipPacket(whole), 0, 0, 0, 0]);
    expect(readIp(packet, 0, packet.length)).toMatchObject({ payloadOffset: 40, payloadEnd: 48 });
  });

  test("separates traffic class and flow label, 8 and 20 bits", () => {
    const packet = ipPacket({ ...whole, trafficClass: 0xb9, flowLabel: 0xfedcb });
    expect(readIp(packet, 0, packet.length)).toMatchObject({
      trafficClass: 0xb9,
      flowLabel: 0xfedcb,
    });
  });
});

describe("readQuotedIp of IPv6", () => {
  test.each([0, 7])("reads up to the received end where the payload length is %i", (length) => {
    const packet = ipPacket(whole);
    packet.set(u16(length), 4);
    expect(readQuotedIp(packet, 0, packet.length)).toMatchObject({ payloadEnd: 48 });
    expect(readIp(packet, 0, packet.length)).toMatchObject({ payloadEnd: 40 + length });
  });
});

describe("patchIp of IPv6", () => {
  test("gives the header that would have been written with the new hop limit, whatever the identification", () => {
    for (const [old, ttl] of [
      [64, 1],
      [1, 255],
      [7, 0],
    ] as const) {
      const out = Uint8Array.from([9, ...ipPacket({ ...whole, ttl: old, flowLabel: 0xfffff })]);
      patchIp(out, 1, ttl, 0xffff);
      expect(out.subarray(1)).toEqual(ipPacket({ ...whole, ttl, flowLabel: 0xfffff }));
    }
  });
});
