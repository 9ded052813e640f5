import { expect, test } from "vitest";
import { parseAddress } from "../../src/packet/address.ts";
import { ConnectionWays, type Tuple } from "../../src/wire/connection-ways.ts";
import type { RouteQuestion } from "../../src/wire/route-message.ts";
import { address, hop, MemoryRoutes } from "../support/memory-routes.ts";

const TUPLE: Tuple = {
  source: address("10.0.0.9"),
  destination: address("192.0.2.10"),
  protocol: 6,
  sourcePort: 61_000,
  destinationPort: 3306,
};
const FIRST = hop(2, "10.1.0.1");
const SECOND = hop(3, "10.2.0.1");
/** A rule by destination port leads by the second uplink. */
const byPort = ({ destinationPort }: RouteQuestion) => (destinationPort === 3306 ? SECOND : FIRST);

test("a host whose kernel looks at addresses alone is asked for rules, and for no route", () => {
  const kernel = new MemoryRoutes({ hashPolicy: 0 });
  const ways = new ConnectionWays(kernel);
  expect(ways.mayDiffer(4)).toBe(false);
  expect(kernel.asked).toEqual([]);
});

test("flows may differ by rules, by a hash policy over several next hops, and in IPv6 over several", () => {
  const six = { ...TUPLE, source: address("fd::1"), destination: address("fd::2") };
  const may = (routes: ConstructorParameters<typeof MemoryRoutes>[0], tuple: Tuple = TUPLE) =>
    new ConnectionWays(new MemoryRoutes(routes)).mayDifferBetween(tuple);
  expect(may({ byRule: true, hashPolicy: 0 })).toBe(true);
  expect(may({ hashPolicy: 1, nextHops: 1 })).toBe(false);
  expect(may({ hashPolicy: 1, nextHops: 2 })).toBe(true);
  expect(may({ hashPolicy: 0, nextHops: 2 })).toBe(false);
  expect(may({ hashPolicy: 0, nextHops: 2 }, six)).toBe(true);
  expect(may({ hashPolicy: 0, nextHops: 1 }, six)).toBe(false);
});

test("where raw packets go as connections do, they are left to the kernel", () => {
  const ways = new ConnectionWays(new MemoryRoutes({ byRule: true, nextHop: () => FIRST }));
  expect(ways.of(TUPLE)).toEqual({ how: "usual", hop: FIRST });
});

test("of several next hops the socket is tied to the interface, whatever a raw packet would take", () => {
  const kernel = new MemoryRoutes({
    hashPolicy: 1,
    nextHops: 2,
    nextHop: ({ sourcePort, device }) =>
      device === 3 || (device === 0 && sourcePort === 61_000) ? SECOND : FIRST,
  });
  const ways = new ConnectionWays(kernel);
  expect(ways.of(TUPLE)).toEqual({ how: "device", hop: SECOND });
  expect(ways.of({ ...TUPLE, sourcePort: 61_001 })).toEqual({ how: "device", hop: FIRST });
});

test("what no raw packet reaches is left to the interface itself", () => {
  // Tied to the interface it would look for the destination on the link.
  const nextHop = (question: RouteQuestion) => (question.device === 3 ? hop(3) : byPort(question));
  const ways = new ConnectionWays(new MemoryRoutes({ byRule: true, nextHop }));
  expect(ways.of(TUPLE)).toEqual({ how: "link", hop: SECOND });
  expect(ways.of({ ...TUPLE, destinationPort: 80 })).toEqual({ how: "usual", hop: FIRST });
});

test("of two routers on one interface only the one that a tied socket gets to is reached so", () => {
  const other = hop(2, "10.1.0.2");
  const kernel = new MemoryRoutes({
    hashPolicy: 1,
    nextHops: 2,
    nextHop: ({ sourcePort, device }) => (device === 0 && sourcePort === 61_001 ? other : FIRST),
  });
  const ways = new ConnectionWays(kernel);
  expect(ways.of(TUPLE).how).toBe("device");
  expect(ways.of({ ...TUPLE, sourcePort: 61_001 })).toEqual({ how: "link", hop: other });
});

test("a rule by protocol alone is not taken for one that raw packets obey", () => {
  const nextHop = ({ protocol }: RouteQuestion) => (protocol === 6 ? SECOND : FIRST);
  const ways = new ConnectionWays(new MemoryRoutes({ byRule: true, nextHop }));
  expect(ways.of(TUPLE).how).toBe("link");
});

test("one flow is one question once its uplink is known", () => {
  const kernel = new MemoryRoutes({ hashPolicy: 1, nextHops: 2, nextHop: () => FIRST });
  const ways = new ConnectionWays(kernel);
  ways.of(TUPLE);
  kernel.asked.length = 0;
  for (let port = 1; port <= 10; port += 1) ways.of({ ...TUPLE, sourcePort: 62_000 + port });
  expect(kernel.asked).toHaveLength(10);
});

test("the source address is asked for by port where a rule or a hash policy looks at ports, and only there", () => {
  const chosen = address("10.2.0.9");
  const nextHop = (question: RouteQuestion) => ({ ...byPort(question), source: chosen });
  const source = (told: ConstructorParameters<typeof MemoryRoutes>[0]) => {
    const kernel = new MemoryRoutes({ ...told, nextHop });
    const found = new ConnectionWays(kernel).sourceFor(TUPLE.destination, 6, 3306);
    return { found, asked: kernel.asked.length };
  };
  expect(source({})).toEqual({ found: undefined, asked: 0 });
  expect(source({ byRule: true })).toEqual({ found: chosen, asked: 1 });
  expect(source({ hashPolicy: 1 })).toEqual({ found: chosen, asked: 1 });
});

test("this host itself is nobody's uplink, a refusal is the errno, and no answer changes nothing", () => {
  const way = (nextHop: ReturnType<typeof byPort> | number) =>
    new ConnectionWays(new MemoryRoutes({ byRule: true, nextHop: () => nextHop })).of(TUPLE);
  expect(way({ ...FIRST, local: true })).toEqual({ how: "usual", hop: undefined });
  expect(way(113)).toEqual({ how: "refused", errno: 113 });
  expect(way(0)).toEqual({ how: "usual", hop: undefined });
});

test("the interface itself is no way past a NAT, nor for a route that encapsulates", () => {
  const obstacle = (tracks: boolean, encapsulated = false) =>
    new ConnectionWays(new MemoryRoutes({ tracks })).obstacle({
      how: "link",
      hop: { ...SECOND, encapsulated },
    });
  expect(obstacle(false)).toBeUndefined();
  expect(obstacle(true)).toContain("NAT");
  expect(obstacle(false, true)).toContain("into others");
  expect(
    new ConnectionWays(new MemoryRoutes({ tracks: true })).obstacle({ how: "usual", hop: FIRST }),
  ).toBeUndefined();
});

test("a next hop in words has its address, if any, and its interface", () => {
  const ways = new ConnectionWays(new MemoryRoutes({}));
  expect(ways.words(SECOND)).toBe("10.2.0.1 on eth3");
  expect(ways.words(hop(3))).toBe("eth3");
  expect(parseAddress("10.2.0.1")).toEqual(SECOND.gateway);
});
