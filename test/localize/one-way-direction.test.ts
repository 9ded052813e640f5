import { describe, expect, test } from "vitest";
import { certainDirection, OneWayLosses } from "../../src/localize/one-way-direction.ts";

const flow = {};

describe("the losses of a flow", () => {
  test("count for five minutes", () => {
    const losses = new OneWayLosses<object>();
    losses.add(flow, "forward", 0);
    losses.add(flow, "return", 200_000);
    expect(losses.of(flow, 300_000)).toEqual({ forward: 1, return: 1 });
    expect(losses.of(flow, 400_000)).toEqual({ forward: 0, return: 1 });
    expect(losses.of(flow, 600_000)).toBeUndefined();
    expect(losses.of({}, 0)).toBeUndefined();
  });

  test("of the fault before give way to those of now", () => {
    const losses = new OneWayLosses<object>();
    for (let i = 0; i < 50; i += 1) losses.add(flow, "forward", i);
    for (let i = 0; i < 16; i += 1) losses.add(flow, "return", 100 + i);
    expect(losses.of(flow, 200)).toEqual({ forward: 0, return: 16 });
  });
});

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
