import { expect, test } from "vitest";
import { isHeld } from "../../src/flow/hold.ts";

const HOLD_MS = 1000;

test("a flow that does not fail is not held", () => {
  expect(isHeld(undefined, 5000, HOLD_MS)).toBe(false);
});

test("a failing flow is held until the hold time has passed", () => {
  expect(isHeld(5000, 5000, HOLD_MS)).toBe(true);
  expect(isHeld(5000, 5999.9, HOLD_MS)).toBe(true);
  expect(isHeld(5000, 6000, HOLD_MS)).toBe(false);
});

test("a hold time of zero holds nothing", () => {
  expect(isHeld(5000, 5000, 0)).toBe(false);
});
