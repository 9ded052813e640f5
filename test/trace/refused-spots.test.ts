import { expect, test } from "vitest";
import { spotOf } from "../../src/trace/paced-probe.ts";
import { RefusedSpots } from "../../src/trace/refused-spots.ts";

const SPOT = spotOf(3, "10.0.0.1");

test("what is refused to a flow that was not asked yet is refused to all, at that moment", () => {
  const refused = new RefusedSpots();
  refused.add(SPOT, false, 1000);
  expect(refused.has(spotOf(3, "10.0.0.1"), false, 1000)).toBe(true);
  expect(refused.has(SPOT, true, 1000)).toBe(true);
  expect(refused.has(SPOT, true, 1040)).toBe(false);
  for (const other of [spotOf(4, "10.0.0.1"), spotOf(3, null), spotOf(3, "10.0.0.1", "10.0.0.9")]) {
    expect(refused.has(other, false, 1000)).toBe(false);
  }
});

test("what is refused to a flow that was asked before may be free for others", () => {
  const refused = new RefusedSpots();
  refused.add(SPOT, true, 1000);
  expect(refused.has(SPOT, true, 1000)).toBe(true);
  expect(refused.has(SPOT, false, 1000)).toBe(false);
});

test("answers and another moment make an end of what was refused", () => {
  const refused = new RefusedSpots();
  refused.add(SPOT, false, 1000);
  refused.forget();
  expect(refused.has(SPOT, false, 1000)).toBe(false);
  refused.add(SPOT, false, 1000);
  refused.add(spotOf(9, null), false, 1040);
  expect(refused.has(SPOT, false, 1040)).toBe(false);
});
