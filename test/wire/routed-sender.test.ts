import { beforeEach, describe, expect, test } from "vitest";
import type { RouteQuestion } from "../../src/wire/route-message.ts";
import { RoutedSender } from "../../src/wire/routed-sender.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { hop, MemoryRoutes } from "../support/memory-routes.ts";
import { tcpPacket, udpPacket } from "../support/packet-builder.ts";
import { recordingLibc } from "../support/recording-libc.ts";

const FIRST = hop(2, "10.1.0.1");
const SECOND = hop(3, "10.2.0.1");
const TO = "192.0.2.10";
/** Odd source ports take the second uplink, and so does a socket that is tied to it. */
const byParity = ({ sourcePort, device }: RouteQuestion) =>
  device === 3 || (device === 0 && sourcePort % 2 === 1) ? SECOND : FIRST;
/** A rule by source port, for which a table of its own leads by the second uplink. */
const byRule = ({ sourcePort, device }: RouteQuestion) =>
  device === 3 ? hop(3) : sourcePort % 2 === 1 ? SECOND : FIRST;

let clock: FakeClock;
let warned: string[];
beforeEach(() => {
  clock = new FakeClock();
  warned = [];
});

function rig(told: ConstructorParameters<typeof MemoryRoutes>[0], errors = {}) {
  const kernel = new MemoryRoutes(told);
  const { libc, calls } = recordingLibc(errors);
  const sender = new RoutedSender(libc, kernel, clock, (text) => warned.push(text));
  const send = (sourcePort: number, { from = "10.0.0.9", to = TO } = {}) => {
    const packet = Buffer.from(
      tcpPacket({ from, to, sourcePort, destinationPort: 3306, flags: ["syn"] }),
    );
    return sender.send(packet, packet.length, to);
  };
  const sent = () => calls.filter((call) => /^(send|hand)/.test(call));
  return { kernel, calls, sender, send, sent };
}

describe("on an ordinary host", () => {
  test("IPv4 packets are sent without one question for a route", () => {
    const { kernel, send, sent, sender } = rig({ hashPolicy: 0 });
    for (let port = 61_000; port < 61_100; port += 1) send(port);
    clock.advance(120_000);
    send(61_000);
    expect(sent()).toHaveLength(101);
    expect(kernel.asked).toEqual([]);
    expect(sender.way).toBeUndefined();
  });

  test("for IPv6, and where a hash policy is set, one question a destination is asked", () => {
    const { kernel, send } = rig({ hashPolicy: 1, nextHops: 1 });
    for (let port = 61_000; port < 61_100; port += 1) {
      send(port);
      send(port, { from: "fd::1", to: "fd::2" });
    }
    expect(kernel.asked).toHaveLength(2);
  });
});

describe("with uplinks that the kernel hashes ports over", () => {
  const SPREAD = { hashPolicy: 1, nextHops: 2, nextHop: byParity };

  test("a flow's packets leave by a socket that is tied to its uplink, and are told to", () => {
    const { send, sent, sender, calls } = rig(SPREAD);
    send(61_000);
    expect(sender.way).toEqual({ uplink: "10.1.0.1", unfollowed: undefined });
    send(61_001);
    expect(sender.way).toEqual({ uplink: "10.2.0.1", unfollowed: undefined });
    send(61_002);
    expect(sent()).toEqual(["send 10 c000020a", "send 11 c000020a", "send 10 c000020a"]);
    expect(calls.filter((call) => call.includes(" 0 50 "))).toEqual([
      "option 10 0 50 2",
      "option 11 0 50 3",
    ]);
  });

  test("an IPv6 socket is bound to the interface", () => {
    const { send, calls } = rig(SPREAD);
    send(61_001, { from: "fd::1", to: "fd::2" });
    expect(calls).toContain("option 10 1 62 3");
  });

  test("a flow is asked for once, and again when routes or rules have changed", () => {
    const { kernel, send, sent } = rig(SPREAD);
    send(61_001);
    kernel.asked.length = 0;
    for (let times = 0; times < 50; times += 1) send(61_001);
    expect(kernel.asked).toEqual([]);
    kernel.told = { ...SPREAD, nextHop: () => FIRST };
    kernel.news = true;
    send(61_001);
    expect(kernel.asked).toEqual([]);
    clock.advance(1001);
    send(61_001);
    expect(new Set(sent().map((call) => call.split(" ")[1])).size).toBe(2);
    // What the kernel does not tell of is asked for again after a minute.
    kernel.asked.length = 0;
    clock.advance(60_001);
    send(61_001);
    expect(kernel.asked.length).toBeGreaterThan(0);
  });

  test("flows of two source addresses to one destination are each asked for once", () => {
    const { kernel, send } = rig(SPREAD);
    const both = () => ["10.0.0.9", "10.0.0.8"].map((from) => send(61_001, { from }));
    both();
    kernel.asked.length = 0;
    for (let times = 0; times < 10; times += 1) both();
    expect(kernel.asked).toEqual([]);
  });

  test("a socket that cannot be tied is said once, and its packets go the usual way", () => {
    const { send, sent, sender } = rig(SPREAD, { setsockopt: "EPERM" });
    send(61_001);
    send(61_003);
    expect(warned).toEqual([
      "Connections leave this host by 10.2.0.1 on eth3, probes do not: a raw socket cannot be tied to it (EPERM).",
    ]);
    expect(sender.way).toEqual({ uplink: undefined, unfollowed: warned[0] });
    expect(sent()).toHaveLength(2);
  });
});

describe("with a rule that raw packets do not obey", () => {
  const RULE = { byRule: true, nextHop: byRule };
  const linkAddress = () => Uint8Array.of(2, 0, 0, 0, 0, 1);

  test("packets are handed to the interface with the router's link address, and the others sent as ever", () => {
    const { send, sent, sender } = rig({ ...RULE, linkAddress });
    send(61_001);
    expect(sender.way).toEqual({ uplink: "10.2.0.1", unfollowed: undefined });
    send(61_003);
    send(61_000);
    expect(sent()).toEqual([
      // An echo request to the router, once.
      expect.stringMatching(/^send \d+ 0a020001$/),
      expect.stringMatching(/^hand \d+ 0300000000000006020000000001/),
      expect.stringMatching(/^hand \d+ 0300000000000006020000000001/),
      expect.stringMatching(/^send \d+ c000020a$/),
    ]);
  });

  test("the router is asked where it is once a minute, however often routes change", () => {
    const { kernel, send, sent } = rig({ ...RULE, linkAddress });
    const greeted = () => sent().filter((call) => call.endsWith("0a020001")).length;
    for (let seconds = 0; seconds < 59; seconds += 1) {
      kernel.news = true;
      clock.advance(1000);
      send(61_001);
    }
    expect(greeted()).toBe(1);
    clock.advance(61_000);
    send(61_001);
    expect(greeted()).toBe(2);
  });

  test("nothing is handed past a NAT that this host may have: that is said", () => {
    const { send, sent, sender } = rig({ ...RULE, linkAddress, tracks: true });
    send(61_001);
    expect(sent().at(-1)).toMatch(/^send \d+ c000020a$/);
    expect(sender.way?.unfollowed).toMatch(/^Connections leave .* by 10\.2\.0\.1 on eth3, .* NAT/);
    expect(warned).toHaveLength(1);
  });

  test("a router that does not say where it is gets nothing, and is looked for once a second", () => {
    const { kernel, send, sent } = rig(RULE);
    expect(send(61_001)).toBeUndefined();
    send(61_003);
    expect(sent().filter((call) => call.startsWith("hand"))).toEqual([]);
    kernel.told = { ...RULE, linkAddress };
    clock.advance(999);
    send(61_001);
    expect(sent()).toHaveLength(1);
    clock.advance(1);
    send(61_001);
    expect(sent().at(-1)).toMatch(/^hand/);
  });

  test("an interface without link addresses needs none", () => {
    const { send, sent } = rig({ ...RULE, hasAddresses: false });
    send(61_001);
    expect(sent().at(-1)).toMatch(/^hand \d+ 0300000000000000/);
  });
});

test("what the kernel would refuse a connection is a send error with its name", () => {
  const { send, sender } = rig({ byRule: true, nextHop: () => 101 });
  expect(send(61_000)).toBe("ENETUNREACH");
  sender.close();
  expect(send(61_000)).toBe("EBADF");
});

test("flows of other protocols and destination ports are asked for by themselves", () => {
  const { kernel, sender, send } = rig({ byRule: true, nextHop: () => FIRST });
  send(61_000);
  kernel.asked.length = 0;
  const udp = Buffer.from(
    udpPacket({ from: "10.0.0.9", to: TO, sourcePort: 61_000, destinationPort: 3306 }),
  );
  sender.send(udp, udp.length, TO);
  expect(kernel.asked).toMatchObject([{ protocol: 17, sourcePort: 61_000, destinationPort: 3306 }]);
});
