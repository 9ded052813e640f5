import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beginsWith, fits, knownPaths, SILENT, type Way } from "../../src/topology/known-paths.ts";
import { printedSeed } from "../support/seed.ts";

/** Paths as text, and the path of each way: `a b z` or `?`. */
function told(...ways: Way[]): { paths: string[]; of: string[] } {
  const { paths, pathOf } = knownPaths(ways);
  const text = (way: Way | undefined): string => way?.map((hop) => hop ?? "_").join(" ") ?? "?";
  return { paths: paths.map(text).sort(), of: pathOf.map((index) => text(paths[index ?? -1])) };
}

describe("distinct paths", () => {
  test("are the ways that differ in a hop or in length", () => {
    expect(told(["a", "z"], ["b", "z"], ["a", "z"], ["a", "c", "z"])).toEqual({
      paths: ["a c z", "a z", "b z"],
      of: ["a z", "b z", "a z", "a c z"],
    });
  });

  test("are not made by hops that are not known: a way with gaps joins the one path that fits", () => {
    expect(told(["a", "b", "z"], ["a", null, "z"], [null, "b", "z"])).toEqual({
      paths: ["a b z"],
      of: ["a b z", "a b z", "a b z"],
    });
  });

  test("of a way that fits several are not known yet", () => {
    expect(told(["a", "b", "z"], ["a", "c", "z"], ["a", null, "z"], [null, null, "z"])).toEqual({
      paths: ["a b z", "a c z"],
      of: ["a b z", "a c z", "?", "?"],
    });
  });

  test("are put together from gaps that fit each other", () => {
    expect(told(["a", null, "c", "z"], [null, "b", "c", "z"]).paths).toEqual(["a b c z"]);
    expect(told(["a", null, "z"], ["a", null, "z"]).paths).toEqual(["a _ z"]);
    // Which of the two the first one is cannot be told, so it fills in neither.
    expect(told(["a", null, "c", "z"], [null, "b", "c", "z"], [null, "d", "c", "z"])).toEqual({
      paths: ["_ b c z", "_ d c z"],
      of: ["?", "_ b c z", "_ d c z"],
    });
  });

  test("have a router that never answers for a hop of its own", () => {
    expect(told(["a", SILENT, "z"], ["a", "b", "z"], ["a", "c", "z"], ["a", SILENT, "z"])).toEqual({
      paths: ["a * z", "a b z", "a c z"],
      of: ["a * z", "a b z", "a c z", "a * z"],
    });
  });

  test("are none where there are no ways", () => {
    expect(knownPaths([])).toEqual({ paths: [], pathOf: [] });
  });

  test("are never more than there are, whatever was not seen, and the order of flows is the same to them", () => {
    const real = fc.array(fc.constantFrom("a1 b1", "a1 b2", "a2 b1", "a2 b2", "a3 b1"), {
      minLength: 1,
      maxLength: 40,
    });
    const holes = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(real, holes, (taken, unseen) => {
        const ways = taken.map((path, at) => [
          "r",
          ...path.split(" ").map((hop, index) => (unseen[at]?.[index] ? null : hop)),
          "z",
        ]);
        const found = told(...ways);
        expect(found.paths.length).toBeLessThanOrEqual(new Set(taken).size);
        expect(told(...[...ways].reverse()).paths).toEqual(found.paths);
        // No flow is given a path that contradicts what it met.
        const { paths, pathOf } = knownPaths(ways);
        pathOf.forEach((index, at) => {
          if (index !== undefined) expect(fits(paths[index] ?? [], ways[at] ?? [])).toBe(true);
        });
        // Every hop that some flow met whole is on a path.
        for (const way of ways.filter((hops) => !hops.includes(null))) {
          expect(found.paths).toContain(way.join(" "));
        }
      }),
      { seed: printedSeed("known paths") },
    );
  });
});

test("two ways fit where nowhere two hops differ; a beginning may be shorter", () => {
  expect(fits(["a", null], ["a", "b"])).toBe(true);
  expect(fits(["a", null], ["a", "b", "c"])).toBe(false);
  expect(fits(["a", "c"], ["a", "b"])).toBe(false);
  expect(beginsWith(["a", "b", "c"], [null, "b"])).toBe(true);
  expect(beginsWith(["a", "b", "c"], ["b"])).toBe(false);
});
