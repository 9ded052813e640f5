import { expect, test } from "vitest";
import { Answers } from "../../src/probe/answers.ts";

const [A, B] = [{ name: "a" }, { name: "b" }];

test("answers are handed out once, in the order in which they came", () => {
  const answers = new Answers<{ name: string }>();
  expect(answers.areNone).toBe(true);
  answers.add(A, 1.5, 100);
  answers.add(B, 2.5, 101);
  answers.add(A, 3.5, 102);
  expect([answers.areNone, answers.flows()]).toEqual([false, [A, B, A]]);
  const taken: [string, number, number][] = [];
  answers.take(({ name }, rttMs, at) => {
    taken.push([name, rttMs, at]);
    // Whoever takes one may ask for the others.
    answers.take(() => taken.push(["again", 0, 0]));
  });
  expect(taken).toEqual([
    ["a", 1.5, 100],
    ["b", 2.5, 101],
    ["a", 3.5, 102],
  ]);
  expect([answers.areNone, answers.flows()]).toEqual([true, []]);
});

test("there is room for 64", () => {
  const answers = new Answers<{ name: string }>();
  for (let at = 0; at < 63; at += 1) answers.add(A, 1, at);
  expect(answers.areFull).toBe(false);
  answers.add(A, 1, 63);
  expect(answers.areFull).toBe(true);
  answers.take(() => {});
  expect(answers.areFull).toBe(false);
});
