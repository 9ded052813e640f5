// Questions and answers as they went between a program in Python and Linux 6.18, on a host with two uplinks.
import { expect, test } from "vitest";
import { parseAddress } from "../../src/packet/address.ts";
import { decodeMessages } from "../../src/wire/netlink-message.ts";
import {
  countNextHops,
  linkQuestion,
  lookAtPorts,
  neighbourQuestion,
  type RouteQuestion,
  readLink,
  readLinkAddress,
  readNextHop,
  routeQuestion,
  rulesQuestion,
} from "../../src/wire/route-message.ts";

function address(text: string) {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

const read = (hex: string) => decodeMessages(Buffer.from(hex, "hex"));

const FLOW: RouteQuestion = {
  source: address("10.77.9.9"),
  destination: address("192.0.2.10"),
  protocol: 6,
  sourcePort: 61_000,
  destinationPort: 80,
  device: 0,
};
const NO_PORTS = { sourcePort: 0, destinationPort: 0 };
const ZEROS = "00".repeat(28);

test("a route is asked for by the flow's addresses, protocol and ports", () => {
  expect(routeQuestion(FLOW).toString("hex")).toBe(
    "440000001a000100000000000000000002202000000000000000000008000100c000020a080002000a4d090905001b000600000006001c00ee48000006001d0000500000",
  );
  expect(routeQuestion({ ...FLOW, ...NO_PORTS, device: 3 }).toString("hex")).toBe(
    "3c0000001a000100000000000000000002202000000000000000000008000100c000020a080002000a4d090905001b00060000000800040003000000",
  );
});

test("the answer names interface and gateway", () => {
  expect(
    readNextHop(
      read(
        `7000000018000000000000009f06000002202000fe0000010002000008000f00fe00000008000100c000020a080002000a4d09090800040003000000080005000a4d0202080019000000000024000c0002000000${ZEROS}`,
      ),
    ),
  ).toEqual({
    device: 3,
    gateway: address("10.77.2.2"),
    source: undefined,
    local: false,
    encapsulated: false,
  });
  const six =
    "c40000001800000000000000b63e00000a808000fe0300010000000008000f00fe0000001400010020010db8ffff0000000000000000001014000200fd77000900000000000000000000000914000700fd77000900000000000000000000000914000700fd770009000000000000000000000009080006000004000014000500fd770002000000000000000000000002080004000300000024000c0002000000398902000000000000000000000000000000000000000000000000000500140000000000";
  expect(readNextHop(read(six))).toMatchObject({
    device: 3,
    gateway: address("fd77:2::2"),
    source: address("fd77:9::9"),
  });
  // An IPv4 route by way of an IPv6 gateway.
  const via = `800000001800000000000000592a000002202000fe0000010002000008000f00fe00000008000100c6336401080002000a4d09090800040002000000160012000a00fd7700010000000000000000000000020000080019000000000024000c0002000000${ZEROS}`;
  expect(readNextHop(read(via))).toMatchObject({ device: 2, gateway: address("fd77:1::2") });
});

test("a refusal is the errno that a connection gets", () => {
  const refused =
    "5800000002000000000000009f0600008fffffff440000001a000100000000000000000002202000000000000000000008000100c0000263080002000a4d090905001b000600000006001c00ee48000006001d0000500000";
  expect(readNextHop(read(refused))).toBe(113);
  expect(readNextHop([])).toBe(0);
});

test("a route as it stands in its table shows all next hops, in both families", () => {
  expect(routeQuestion({ ...FLOW, ...NO_PORTS }, true).toString("hex")).toBe(
    "340000001a000100000000000000000002202000000000000020000008000100c000020a080002000a4d090905001b0006000000",
  );
  const four =
    "5800000018000000000000009f06000002180000fe0300010000000008000f00fe00000008000100c0000200080007000a4d0909240009001000000002000000080005000a4d01021000000003000000080005000a4d0202";
  const six =
    "bc0000001800000000000000592a00000a400000fe0300010000000008000f00fe0000001400010020010db8ffff0000000000000000000014000700fd77000900000000000000000000000908000600000400003c0009001c0000000300000014000500fd7700020000000000000000000000021c0000000200000014000500fd77000100000000000000000000000224000c0000000000000000000000000000000000000000000000000000000000000000000500140000000000";
  expect([countNextHops(read(four)), countNextHops(read(six)), countNextHops([])]).toEqual([
    2, 2, 0,
  ]);
});

test("rules that look at protocol or ports are told from others", () => {
  expect(rulesQuestion(4).toString("hex")).toBe(
    "1c000000220001030000000000000000020000000000000000000000",
  );
  const local =
    "340000002000020000000000592a000002000000ff0000010000000008000f00ff00000008000e00ffffffff0500150002000000";
  const byPort =
    "540000002000020000000000592a000002000000640000010000000008000f006400000008000e00ffffffff0500150000000000080006006400000008001800ea0cea0c06001d00ffff00000500160006000000";
  const main =
    "3c0000002000020000000000592a000002000000fe0000010000000008000f00fe00000008000e00ffffffff050015000200000008000600fe7f0000";
  const end = "140000000300020000000000592a000000000000";
  expect(lookAtPorts(read(local + byPort + main + end))).toBe(true);
  expect(lookAtPorts(read(local + main + end))).toBe(false);
});

test("a neighbour's link address is read where the kernel knows it", () => {
  expect(neighbourQuestion(2, address("10.77.1.2")).toString("hex")).toBe(
    "240000001e0001000000000000000000020000000200000000000000080001000a4d0102",
  );
  const known = (state: string) =>
    `4c0000001c00000000000000592a00000200000002000000${state}0001080001000a4d01020a00020002000000000100000800040000000000140003000200000088ed000088ed000001000000`;
  // Permanent, and failed.
  expect(readLinkAddress(read(known("8000")))).toEqual(new Uint8Array([2, 0, 0, 0, 0, 1]));
  expect(readLinkAddress(read(known("2000")))).toBeUndefined();
  expect(readLinkAddress([])).toBeUndefined();
});

test("an interface's name is read, and whether it has link addresses", () => {
  expect(linkQuestion(2).toString("hex")).toBe(
    "2000000012000100000000000000000000000000020000000000000000000000",
  );
  // Cut after the name.
  const link = (flags: string) =>
    `2c0000001000000000000000592a00000000010002000000${flags}00000000090003007868633100000000`;
  expect(readLink(read(link("43100100")))).toEqual({ name: "xhc1", hasAddresses: true });
  expect(readLink(read(link("d1100100")))).toEqual({ name: "xhc1", hasAddresses: false });
  expect(readLink([])).toBeUndefined();
});
