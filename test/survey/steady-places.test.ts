import { expect, test } from "vitest";
import { SteadyPlaces } from "../../src/survey/steady-places.ts";

const HOPS = ["r1", "a1", null, "destination"];

function witnessed(flows: number): SteadyPlaces {
  const steady = new SteadyPlaces();
  for (let flow = 0; flow < flows; flow += 1) steady.willMeetAgain(HOPS);
  return steady;
}

test("eight flows that are swept twice are enough for all others that come by the same hops", () => {
  expect(witnessed(7).areSteady(HOPS)).toBe(false);
  expect(witnessed(8).areSteady(HOPS)).toBe(true);
  expect(witnessed(8).areSteady(["r1", "a1", null, "another destination"])).toBe(true);
  expect(witnessed(8).areSteady(["r1", "a2", "destination"])).toBe(true);
  expect(witnessed(8).areSteady(["r1", "a2", "b1", "destination"])).toBe(false);
});

test("a place where a flow met two hops is not steady, this round and the next", () => {
  const steady = witnessed(20);
  expect(steady.metAgain(HOPS, ["r1", "a2", null, "destination"])).toEqual([1]);
  expect(steady.areSteady(HOPS)).toBe(false);
  steady.age();
  for (let flow = 0; flow < 8; flow += 1) steady.willMeetAgain(HOPS);
  expect(steady.areSteady(HOPS)).toBe(false);
  steady.age();
  expect(steady.areSteady(HOPS)).toBe(true);
});

test("a place is balanced by packet where three flows of any targets met two hops, and a quarter of those that were swept twice", () => {
  const steady = new SteadyPlaces();
  const [left, right] = [
    ["r1", "left", "z1", "e"],
    ["r1", "right", "z2", "e"],
  ];
  for (let flow = 0; flow < 2; flow += 1) steady.metAgain(left, right);
  expect(steady.balanced(left)).toEqual([]);
  steady.metAgain(right, left);
  // What is behind it is told whichever way a packet took.
  expect(steady.balanced(left)).toEqual([2, 3]);
  expect(steady.balanced(["r1", "left", "z1"])).toEqual([2, 3]);
  expect(steady.balanced(["r2", "left", "z1"])).toEqual([]);
  for (let flow = 0; flow < 10; flow += 1) steady.metAgain(left, left);
  expect(steady.balanced(left)).toEqual([]);
});
