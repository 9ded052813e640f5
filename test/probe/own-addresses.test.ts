import { expect, test } from "vitest";
import { OwnAddresses } from "../../src/probe/own-addresses.ts";

const ADDRESS = "203.0.113.7";
const answer = (
  kind: "hop" | "destination" | "rejected",
  rateLimited = kind === "destination",
) => ({
  kind,
  responder: { text: ADDRESS },
  rateLimited,
});

test("an address is a target's own where it has answered as the destination, and not by a service", () => {
  const own = new OwnAddresses();
  own.answered(answer("rejected"));
  own.answered(answer("destination", false));
  expect(own.has(ADDRESS)).toBe(false);
  own.answered(answer("destination"));
  expect(own.has(ADDRESS)).toBe(true);
  expect(own.isRouter(ADDRESS)).toBe(false);
});

test("an address that tells that a hop limit ran out is a router's, before and after it has refused", () => {
  const before = new OwnAddresses();
  before.answered(answer("hop"));
  before.answered(answer("destination"));
  const after = new OwnAddresses();
  after.answered(answer("destination"));
  after.answered(answer("hop"));
  for (const each of [before, after]) {
    expect(each.isRouter(ADDRESS)).toBe(true);
    expect(each.has(ADDRESS)).toBe(false);
  }
});

test("so many routers are remembered at most", () => {
  const own = new OwnAddresses();
  for (let n = 0; n < 1100; n += 1)
    own.answered({
      kind: "hop",
      responder: { text: `10.0.${n >> 8}.${n & 255}` },
      rateLimited: false,
    });
  expect(own.isRouter("10.0.3.255")).toBe(true);
  expect(own.isRouter("10.0.4.0")).toBe(false);
});
