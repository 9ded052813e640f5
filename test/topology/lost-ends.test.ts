import { describe, expect, test } from "vitest";
import { withoutLostEnd } from "../../src/topology/lost-ends.ts";

const OTHERS = [
  ["a", "x", "z"],
  ["b", "z"],
  ["a", "c", null, "z"],
] as const;

describe("silence before the destination", () => {
  test("is left out where the same router hands on to the destination on other ways", () => {
    expect(withoutLostEnd(["a", "x", null, "z"], OTHERS)).toEqual(["a", "x", "z"]);
    expect(withoutLostEnd(["b", null, null, "z"], OTHERS)).toEqual(["b", "z"]);
  });

  test("stays where no other way shows that, at the same distance", () => {
    for (const way of [
      ["a", "y", null, "z"],
      ["a", "b", null, "z"],
      ["a", "c", null, "z"],
      [null, null, "z"],
      ["a", null, "x", "z"],
      ["a", "x", "z"],
    ]) {
      expect(withoutLostEnd(way, OTHERS)).toBe(way);
    }
  });
});
