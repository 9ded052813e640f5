import { expect, test } from "vitest";
import { HeldBack } from "../../src/probe/held-back.ts";

/** Turns every 5 ms. */
function turns(held: HeldBack, from: number, to: number): void {
  for (let now = from; now <= to; now += 5) held.turn(now);
}

test("what is passed over waits for the budget where it has just run out and turns go on", () => {
  const held = new HeldBack();
  turns(held, 1000, 2000);
  expect(held.explains(2000)).toBe(false);
  held.ranOut(1990);
  expect(held.isSince(1990)).toBe(true);
  expect(held.isSince(1991)).toBe(false);
  expect(held.explains(2000)).toBe(true);
  expect(held.explains(2040)).toBe(false);
});

test("what a pause has made late is the pause's, though the budget runs out as it is caught up", () => {
  const held = new HeldBack();
  turns(held, 1000, 2000);
  held.ranOut(1999);
  turns(held, 2300, 2320);
  held.ranOut(2320);
  expect(held.explains(2325)).toBe(false);
  turns(held, 2325, 2600);
  held.ranOut(2600);
  expect(held.explains(2600)).toBe(true);
});
