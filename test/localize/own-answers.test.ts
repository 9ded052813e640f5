import { describe, expect, test } from "vitest";
import { isItsShare } from "../../src/localize/own-answers.ts";

describe("what comes back by a place", () => {
  test("is as large a part of the others as the place takes of all, or half as much again", () => {
    expect(isItsShare(64, 16, 0)).toBe(true);
    expect(isItsShare(64, 16, 12)).toBe(true);
    expect(isItsShare(64, 16, 18)).toBe(true);
  });

  test("may be more by chance, the more the fewer flows there are", () => {
    expect(isItsShare(64, 4, 8)).toBe(true);
    expect(isItsShare(640, 40, 100)).toBe(false);
  });

  test("is not most of the others where the place takes a few", () => {
    expect(isItsShare(64, 4, 20)).toBe(false);
    expect(isItsShare(64, 16, 36)).toBe(false);
  });

  test("may be all where the place takes most", () => {
    expect(isItsShare(64, 48, 16)).toBe(true);
  });
});
