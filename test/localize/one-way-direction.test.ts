import { describe, expect, test } from "vitest";
import { certainDirection } from "../../src/localize/one-way-direction.ts";

describe("a direction", () => {
  test.each([
    [[{ forward: 3, return: 0 }], { direction: "forward", losses: 3 }],
    [
      [{ forward: 0, return: 2 }, undefined, { forward: 0, return: 1 }],
      { direction: "return", losses: 3 },
    ],
    [[{ forward: 1, return: 9 }], { direction: "return", losses: 9 }],
    [[{ forward: 1, return: 8 }], undefined],
    [[{ forward: 0, return: 2 }], undefined],
    [[undefined], undefined],
    [[], undefined],
  ] as const)("of %j is %j", (counts, expected) => {
    expect(certainDirection(counts)).toEqual(expected);
  });
});
