import { expect, test } from "vitest";
import { type Localization, localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

/** Eight flows over each of ten routers side by side, each with a router of its own behind it; those over some are dead. */
function suspectsWhere(dead: string): Localization["suspects"] {
  const flows = [..."bcdeghijkl"].flatMap((near) =>
    Array.from({ length: 8 }, () => {
      const way = `a${near}${near.toUpperCase()}`;
      if (!dead.includes(near)) return flow(way, 0, 20);
      return flow(way, 20, 20, { seen: hopsOf("a"), last_hop: "a" });
    }),
  );
  // Somebody knows that they are as many routers.
  const routers = Object.fromEntries([..."bcdeghijkl"].map((near) => [near, near]));
  return localize({ target: TO, flows, known_links: [], routers }).suspects;
}

test("one fault or two are told surely, three and more with no more than 0.8", () => {
  for (const dead of ["c", "cg"]) {
    const told = suspectsWhere(dead);
    expect(told).toHaveLength(dead.length);
    for (const { confidence } of told) expect(confidence).toBeGreaterThan(0.9);
  }
  const told = suspectsWhere("cgk");
  expect(told.map(({ to }) => to).sort()).toEqual(["c", "g", "k"]);
  for (const { confidence } of told) expect(confidence).toBe(0.8);
});
