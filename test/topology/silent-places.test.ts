import { expect, test } from "vitest";
import { SilentPlaces } from "../../src/topology/silent-places.ts";

const GAP = ["a", null, "z"];

/** Sweeps flows again that were silent behind a. */
function swept(...found: (string | null)[]): SilentPlaces {
  const places = new SilentPlaces();
  for (const hop of found) places.sweptAgain(GAP, ["a", hop, "z"]);
  return places;
}

test("a place is silent once four flows in a row were asked again in vain", () => {
  const four = new Array<null>(4).fill(null);
  expect(swept(...four.slice(1)).isSilent(GAP, 1)).toBe(false);
  expect(swept(...four).isSilent(GAP, 1)).toBe(true);
  expect(swept(...four.slice(1), "b", ...four.slice(1)).isSilent(GAP, 1)).toBe(false);
  expect(swept(...four, "b").isSilent(GAP, 1)).toBe(false);
});

test("a place is a distance behind a hop, and asking flows whose hop is known tells nothing of it", () => {
  const places = swept(...new Array<null>(4).fill(null));
  expect(places.isSilent(["b", null, "z"], 1)).toBe(false);
  expect(places.isSilent(["a", "b", null, "z"], 2)).toBe(false);
  places.sweptAgain(["a", "b", "z"], ["a", "b", "z"]);
  expect(places.isSilent(GAP, 1)).toBe(true);
  const first = new SilentPlaces();
  for (let flow = 0; flow < 4; flow += 1) first.sweptAgain([null, "b"], [null, "b"]);
  expect(first.isSilent([null, "b"], 0)).toBe(true);
});
