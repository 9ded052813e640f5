import { expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, TO } from "../support/scene.ts";

/** Twelve flows by each of four routers; every fourth loses three packets of ten, and none was swept while it failed. */
function suspects(areKnown: boolean) {
  const flows = ["a", "b", "c", "d"].flatMap((spine) =>
    Array.from({ length: 12 }, (_, index) =>
      index % 4 === 0 ? flow(areKnown ? `r${spine}l` : null, 9, 30) : flow(`r${spine}l`, 0, 30),
    ),
  );
  return localize({ target: TO, flows, known_links: [] }).suspects;
}

test("loss behind the last router is told though no sweep ended there, where the ways of what loses are known", () => {
  expect(suspects(true)).toMatchObject([{ segment: "return_or_endpoint", place: "return" }]);
});

test("where they are not, it may be anywhere", () => {
  expect(suspects(false)).toEqual([]);
});
