import { expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, locationAt, sceneOf, TO } from "../support/scene.ts";

/**
 * A router that answers as b or c by the flow, and next to it one that answers as d or e; a bundle of three leads from the first to
 * x, of which every third flow takes the broken member. Flows over d to g reach y.
 */
function throughBundle(failures: (index: number) => number) {
  return Array.from({ length: 72 }, (_, index) => {
    const way = ["abx", "acx", "ady", "aey", "afy", "agy"][index % 6] ?? "";
    const isHit = way.endsWith("x") && Math.floor(index / 6) % 3 === 0;
    if (!isHit) return flow(`${way}z`, 0, 30);
    const lost = failures(index);
    const seen = lost === 30 ? way.slice(0, 2) : `${way}z`;
    return flow(`${way}z`, lost, 30, { seen: hopsOf(seen), last_hop: seen.at(-1) ?? "none" });
  });
}

test("links into one hop from several addresses are looked at as one bundle", () => {
  const { members, picked } = locationAt(sceneOf(throughBundle(() => 30)), "bundle", "x");
  expect(members).toHaveLength(24);
  // That these addresses are one router's is supposed because of what fails.
  expect(picked).toBe(4);
});

test("a dead member is told at the bundle where the near router answers with several addresses", () => {
  const { suspects } = localize({ target: TO, flows: throughBundle(() => 30), known_links: [] });
  expect(suspects).toMatchObject([{ to: "x", place: "bundle", name: "x", segment: "forward" }]);
});

test("a lossy member of it is no loss on the way back", () => {
  const flows = throughBundle((index) => 12 + (index % 5));
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  expect(suspects).toHaveLength(1);
  expect(suspects[0]).toMatchObject({ place: "bundle", segment: "forward" });
});

test("a share of the flows of a place is never said with the confidence of a place of which all die", () => {
  const { suspects } = localize({ target: TO, flows: throughBundle(() => 30), known_links: [] });
  expect(suspects[0]?.confidence).toBeLessThanOrEqual(0.97);
});

test("what takes a part of all flows between two routers of several addresses is no member of a bundle", () => {
  // One router answers as b, c or d, the next one as u, v or w, whichever flow asks.
  const flows = Array.from({ length: 72 }, (_, index) => {
    const way = ["abu", "acv", "adw", "abv", "acw", "adu", "aex", "afx", "agx"][index % 9] ?? "";
    if (index % 9 > 5) return flow(`${way}z`, 0, 30);
    return flow(`${way}z`, 12 + (index % 5), 30, { seen: hopsOf(`${way}z`), last_hop: "z" });
  });
  const { suspects } = localize({ target: TO, flows, known_links: [] });
  expect(suspects).toMatchObject([{ place: "router", segment: "forward" }]);
});
