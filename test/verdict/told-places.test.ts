import { expect, test } from "vitest";
import type { Suspect } from "../../src/localize/suspect.ts";
import { ToldPlaces } from "../../src/verdict/told-places.ts";

const suspect = (name: string): Suspect => ({
  from: "10.0.0.1",
  to: name,
  segment: "forward",
  place: "link",
  name,
  loss_ratio: 0.3,
  confidence: 0.97,
  reason: "",
  alternatives: [],
});

test("a place is steady once it has been told for five seconds without a break", () => {
  const told = new ToldPlaces();
  told.note([suspect("10.0.0.2")], 1000);
  told.note([suspect("10.0.0.2"), suspect("10.0.0.3")], 4000);
  expect(told.steady(5999)).toEqual([]);
  expect(told.steady(6000).map(({ name }) => name)).toEqual(["10.0.0.2"]);
  told.note([suspect("10.0.0.3")], 7000);
  told.note([suspect("10.0.0.2"), suspect("10.0.0.3")], 8000);
  expect(told.steady(10_000).map(({ name }) => name)).toEqual(["10.0.0.3"]);
});
