import { expect, test } from "vitest";
import { learningSeconds } from "../../src/flow/learning-time.ts";

const LIMITS = { packetsPerSecond: 200, hopPacketsPerSecond: 10 };

test("a hundred targets behind four routers know their paths after less than four minutes, behind eight after five", () => {
  expect(learningSeconds(100, 4, LIMITS)).toBeCloseTo(231.5, 0);
  expect(learningSeconds(100, 8, LIMITS)).toBeCloseTo(302.0, 0);
});

test("the time grows with the targets, and where hops may be asked more slowly than they answer", () => {
  expect(learningSeconds(200, 4, LIMITS)).toBe(2 * learningSeconds(100, 4, LIMITS));
  expect(learningSeconds(1, 1, LIMITS)).toBeLessThan(2);
  const slow = { packetsPerSecond: 200, hopPacketsPerSecond: 2 };
  expect(learningSeconds(100, 4, slow)).toBe(2 * learningSeconds(100, 4, LIMITS));
  const least = { packetsPerSecond: 1, hopPacketsPerSecond: 10 };
  expect(learningSeconds(100, 4, least)).toBe(4 * learningSeconds(100, 4, LIMITS));
});
