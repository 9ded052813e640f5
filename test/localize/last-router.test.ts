import { expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, TO } from "../support/scene.ts";

/** Routers b, c and d before a last one that answers each of them with another address: x, y or z. */
const flows = Array.from({ length: 48 }, (_, index) => {
  const way = ["bx", "cy", "dz"][index % 3] ?? "";
  const far = ["e", "f"][Math.floor(index / 3) % 2] ?? "";
  return flow(`a${far}${way}`, way === "cy" ? 8 + (index % 4) : 0, 30);
});

test("loss before the last router is not told at its link to the destination, which others share", () => {
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  expect(suspects).toHaveLength(1);
  expect(suspects[0]?.to).not.toBe(TO);
});

test("places that the same flows cross are shown beside what is told", () => {
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  const told = [suspects[0], ...(suspects[0]?.alternatives ?? [])];
  expect(told.map((each) => `${each?.from} ${each?.to}`)).toContain("c y");
  expect(suspects[0]?.alternatives.length).toBeGreaterThan(0);
});
