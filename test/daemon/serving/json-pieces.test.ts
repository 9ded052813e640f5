import { expect, test } from "vitest";
import {
  jsonList,
  jsonOfSteps,
  jsonText,
  jsonWithList,
} from "../../../src/daemon/serving/json-pieces.ts";

const double = (n: number): number => 2 * n;

test("the pieces of a list make JSON, whatever its length", () => {
  for (const items of [[], [1], [1, 2, 3]]) {
    const pieces = [...jsonList(items, double)];
    expect(JSON.parse(pieces.join(""))).toEqual(items.map(double));
    expect(pieces).toHaveLength(items.length + 2);
  }
});

test("a list can be the last member of an object", () => {
  const text = [...jsonWithList({ time: 1, exporter: { a: "}" } }, "targets", [1, 2], double)];
  expect(JSON.parse(text.join(""))).toEqual({ time: 1, exporter: { a: "}" }, targets: [2, 4] });
});

test("a list is as it was when its first piece was asked for", () => {
  const items = new Map([["a", 1]]);
  const pieces = jsonList(items.values(), double);
  const first = pieces.next().value;
  items.set("b", 2);
  expect(first + [...pieces].join("")).toBe("[2]");
});

test("a small value is one piece", () => {
  expect([...jsonText({ a: null })]).toEqual(['{"a":null}']);
});

test("a value that is made in steps is one piece behind them", () => {
  const steps = function* () {
    yield;
    yield;
    return { a: 1 };
  };
  expect([...jsonOfSteps(steps())]).toEqual(["", "", '{"a":1}']);
});
