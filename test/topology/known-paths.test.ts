import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beginsWith, fits, knownPaths, SILENT, type Way } from "../../src/topology/known-paths.ts";
import { seeded } from "../support/random.ts";
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

/** Distinct paths as they are defined, each way compared with each path. */
function byComparing(ways: readonly Way[]): (readonly number[])[] {
  const keyOf = (way: Way) => way.map((hop) => hop ?? "").join(">");
  const counts = new Map<string, { way: Way; flows: number }>();
  for (const way of ways) {
    const known = counts.get(keyOf(way)) ?? { way, flows: 0 };
    counts.set(keyOf(way), { way, flows: known.flows + 1 });
  }
  const gaps = (way: Way) => way.filter((hop) => hop === null).length;
  const ordered = [...counts.values()].sort(
    (a, b) =>
      gaps(a.way) - gaps(b.way) || b.flows - a.flows || (keyOf(a.way) < keyOf(b.way) ? -1 : 1),
  );
  const fitting = (paths: readonly Way[], way: Way) =>
    paths.flatMap((path, index) => (fits(path, way) ? [index] : []));
  const merged = (all: readonly Way[]) => {
    const paths: Way[] = [];
    for (const way of all) {
      const [only, another] = fitting(paths, way);
      if (another !== undefined) continue;
      const path = paths[only ?? -1];
      if (path === undefined) paths.push(way);
      else paths[only ?? -1] = path.map((hop, at) => hop ?? way[at] ?? null);
    }
    return paths;
  };
  const all = ordered.map(({ way }) => way);
  const first = merged(all);
  const paths = merged(all.filter((way) => fitting(first, way).length < 2));
  return ways.map((way) => fitting(paths, way));
}

test("the paths are those that comparing every way with every path finds", () => {
  const random = seeded(printedSeed("known paths, compared"));
  for (let time = 0; time < 300; time += 1) {
    const length = random.between(2, 5);
    const silent = random.next() / 2;
    const hop = (at: number): string | null =>
      random.chance(silent)
        ? null
        : random.chance(0.1)
          ? SILENT
          : `10.${at}.0.${random.between(1, 3)}`;
    const ways: Way[] = Array.from({ length: random.between(1, 40) }, () =>
      Array.from({ length: random.chance(0.1) ? length + 1 : length }, (_, at) => hop(at)),
    );
    const { pathOf } = knownPaths(ways);
    const expected = byComparing(ways);
    const together = (a: number, b: number) =>
      expected[a]?.length === 1 && expected[a]?.[0] === expected[b]?.[0];
    for (const [index, fitting] of expected.entries()) {
      expect(pathOf[index] === undefined).toBe(fitting.length !== 1);
      for (let other = 0; other < index; other += 1) {
        if (fitting.length !== 1 || expected[other]?.length !== 1) continue;
        expect(pathOf[index] === pathOf[other]).toBe(together(index, other));
      }
    }
  }
});
