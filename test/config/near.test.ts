import { expect, test } from "vitest";
import { nearMatches } from "../../src/config/near.ts";

const KEYS = ["interval", "timeout", "flow_buckets", "max_hops", "attempts"];

test.each([
  ["intervall", ["interval"]],
  ["tiemout", ["timeout"]],
  ["Flow-Buckets", ["flow_buckets"]],
  ["hops", ["max_hops"]],
  ["colour", []],
  ["", []],
])("a key written %j may be meant as %j", (word, expected) => {
  expect(nearMatches(word, KEYS)).toEqual(expected);
});

test("the closest of several stands first, and there are never more than three", () => {
  expect(nearMatches("port", ["sort", "port1", "ports", "part", "port"])).toEqual([
    "port",
    "sort",
    "port1",
  ]);
});
