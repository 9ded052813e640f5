import { expect, test } from "vitest";
import { ForgottenLately } from "../../src/verdict/forgotten-lately.ts";

test("failures that were forgotten count together until none has been for a minute", () => {
  const forgotten = new ForgottenLately();
  expect(forgotten.count(0)).toBe(0);
  forgotten.add(5, 1000);
  forgotten.add(2, 50_000);
  expect(forgotten.count(110_000)).toBe(7);
  expect(forgotten.count(110_001)).toBe(0);
  forgotten.add(1, 120_000);
  expect(forgotten.count(120_000)).toBe(1);
});
