import { expect, test } from "vitest";
import { placeWords } from "../../src/view/place-words.ts";

test.each([
  ["link", "the link 10.0.0.1 to 10.0.0.8"],
  ["router", "the router r8 (10.0.0.1 to 10.0.0.8)"],
  ["bundle", "a member of the bundle 10.0.0.1 to 10.0.0.8"],
  ["beyond", "what is behind 10.0.0.1"],
  ["endpoint", "the target r8 itself"],
] as const)("a suspect of kind %s is %s", (place, words) => {
  const hops = { from: "10.0.0.1", to: "10.0.0.8", name: "r8", segment: "forward" } as const;
  expect(placeWords({ ...hops, place })).toBe(words);
});

test("ends that are not known are said to be so", () => {
  const hops = { from: null, to: null, name: "x", segment: "forward", place: "link" } as const;
  expect(placeWords(hops)).toBe("the link the source to an unknown next hop");
});
