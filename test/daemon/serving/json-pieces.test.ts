import { expect, test } from "vitest";
import {
  jsonInPieces,
  jsonList,
  jsonOfSteps,
  jsonText,
  jsonWithList,
} from "../../../src/daemon/serving/json-pieces.ts";

const double = (n: number) => jsonText(2 * n);

test("the pieces of a list make JSON, whatever its length", () => {
  for (const items of [[], [1], [1, 2, 3]]) {
    const pieces = [...jsonList(items, double)];
    expect(JSON.parse(pieces.join(""))).toEqual(items.map((n) => 2 * n));
    expect(pieces).toHaveLength(2 * items.length + 2);
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

test("a value of plain data is the same in pieces, whatever it is made of", () => {
  const values = [
    null,
    'a"b',
    [],
    {},
    { a: undefined, b: [], c: {}, d: { e: [null, [1, 2], { f: "]" }] } },
    { numbers: Array.from({ length: 100 }, (_, at) => at), last: true },
  ];
  for (const value of values) {
    expect([...jsonInPieces(value)].join("")).toBe(JSON.stringify(value));
  }
});

test("no piece of a long list is much of it", () => {
  const list = Array.from({ length: 1000 }, (_, at) => ({ at }));
  const text = JSON.stringify({ list });
  for (const piece of jsonInPieces({ list })) expect(piece.length).toBeLessThan(text.length / 100);
});

test("a value that is made in steps comes behind them", () => {
  const steps = function* () {
    yield;
    yield;
    return { a: 1 };
  };
  expect([...jsonOfSteps(steps())].join("|")).toBe('||{"a":|1|}');
});
