import { describe, expect, test } from "vitest";
import { brokenOff, unlessBroken } from "../../src/verdict/broken-off.ts";
import { finish } from "../support/scene.ts";

function* steps(error?: Error): Generator<undefined, string> {
  yield undefined;
  if (error !== undefined) throw error;
  return "found";
}

describe("steps that may break off", () => {
  test("give their own result", () => {
    expect(finish(unlessBroken(steps(), () => "broken"))).toBe("found");
  });

  test("give what is told instead where one of them throws", () => {
    const told: unknown[] = [];
    const error = new RangeError("too deep");
    const result = finish(unlessBroken(steps(error), (e) => `broken ${told.push(e)}`));
    expect(result).toBe("broken 1");
    expect(told).toEqual([error]);
  });
});

test("an explanation that broke off accuses nobody and says whose error it was", () => {
  expect(brokenOff(new RangeError("too deep"))).toEqual({
    verdict: "indeterminate",
    reason: expect.stringMatching(
      /error of its own: RangeError: too deep\. The network has no part/,
    ),
    suspects: [],
  });
});
