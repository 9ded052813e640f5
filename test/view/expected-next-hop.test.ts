import { expect, test } from "vitest";
import { expectedNextHops } from "../../src/view/expected-next-hop.ts";

const PATHS = [
  { id: "1", hops: ["a", "b", null, "d"] },
  { id: "2", hops: ["a", "c", "d"] },
];

test("a flow whose path is known should have reached the next hop of its own path", () => {
  expect(expectedNextHops({ last_hop: "a", path: "2" }, PATHS)).toEqual(["c"]);
});

test("of a flow whose path is not known it is any that is known behind its last hop, over silent ones", () => {
  expect(expectedNextHops({ last_hop: "a", path: null }, PATHS)).toEqual(["b", "c"]);
  expect(expectedNextHops({ last_hop: "b", path: null }, PATHS)).toEqual(["d"]);
  expect(expectedNextHops({ last_hop: "none", path: null }, PATHS)).toEqual(["a"]);
  expect(expectedNextHops({ last_hop: "x", path: null }, PATHS)).toEqual([]);
});
