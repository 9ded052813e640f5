import { describe, expect, test } from "vitest";
import { OneWayLosses } from "../../src/verdict/one-way-losses.ts";

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
