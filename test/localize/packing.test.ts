import { describe, expect, test } from "vitest";
import type { FlowEvidence } from "../../src/localize/case.ts";
import { localize } from "../../src/localize/localize.ts";
import { choosePacked } from "../../src/localize/packing.ts";
import { flow, TO } from "../support/scene.ts";

const part = (name: string, gain: number, ...failing: number[]) => ({
  name,
  gain,
  failing: new Set(failing),
});

describe("choosePacked", () => {
  test("prefers several that explain flows of their own to one that explains them all", () => {
    const all = part("all", 50, 1, 2, 3, 4);
    const chosen = choosePacked([all, part("one", 30, 1, 2), part("other", 28, 3, 4)], 6);
    expect(chosen.map(({ name }) => name)).toEqual(["one", "other"]);
  });

  test("chooses nothing where no two fit together", () => {
    expect(choosePacked([part("one", 30, 1, 2), part("other", 28, 2, 3)], 6)).toEqual([]);
    expect(choosePacked([part("one", 30, 1, 2)], 6)).toEqual([]);
  });
});

test("two links into one router that lose unlike parts are told as two, not as the link that follows", () => {
  const lossOf = (way: string, index: number): number =>
    way === "bx" ? 16 + (index % 3) : way === "cx" ? 4 + (index % 3) : 0;
  const flows: FlowEvidence[] = Array.from({ length: 72 }, (_, index) => {
    const way = ["bx", "cx", "dx", "ey", "fy", "gy"][index % 6] ?? "";
    return flow(`${way}`, lossOf(way, index), 30);
  });
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  // What leads to b and what leads on from it the same flows cross.
  const told = suspects.map(({ from, to }) => [from, to].find((hop) => hop === "b" || hop === "c"));
  expect(told.sort()).toEqual(["b", "c"]);
});
