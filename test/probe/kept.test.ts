import { expect, test } from "vitest";
import { Kept } from "../../src/probe/kept.ts";

test("each keeps its own of each", () => {
  const [numbers, texts] = [new Kept<number>(), new Kept<string>()];
  const [one, two] = [{ kept: [] }, { kept: [] }];
  expect(texts.of(one)).toBeUndefined();
  texts.set(one, "a");
  numbers.set(one, 1);
  numbers.set(two, 2);
  expect([texts.of(one), numbers.of(one), texts.of(two), numbers.of(two)]).toEqual([
    "a",
    1,
    undefined,
    2,
  ]);
  numbers.set(one, undefined);
  expect([texts.of(one), numbers.of(one)]).toEqual(["a", undefined]);
});
