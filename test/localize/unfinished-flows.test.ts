import { expect, test } from "vitest";
import { localize } from "../../src/localize/localize.ts";
import { flow, hopsOf, TO } from "../support/scene.ts";

/** Three ways of eight flows each, a quarter of each of which is dead though sweeps get to the last router. */
function told(unfinished: boolean) {
  const flows = ["ab", "ac", "ad"].flatMap((path) =>
    Array.from({ length: 8 }, (_, at) => {
      const isDead = at < 2;
      return {
        ...flow(path, isDead ? 12 : 0, 12, isDead ? { seen: hopsOf(path) } : {}),
        ...(isDead && { last_hop: hopsOf(path)[1] ?? "none", ...(unfinished && { unfinished }) }),
      };
    }),
  );
  return localize({ target: TO, flows, known_links: [] });
}

test("flows whose answers come back again and again have no broken way back; those that hear nothing have one", () => {
  expect(told(false).suspects.map(({ place }) => place)).toEqual(["return"]);
  const { verdict, suspects } = told(true);
  expect(verdict).toBe("path_fault");
  expect(suspects).toEqual([]);
});
