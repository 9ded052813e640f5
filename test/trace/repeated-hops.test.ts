import fc from "fast-check";
import { expect, test } from "vitest";
import { linksOf } from "../../src/topology/links.ts";
import { withoutRepeats } from "../../src/trace/repeated-hops.ts";
import { Sweep } from "../../src/trace/sweep.ts";
import { printedSeed } from "../support/seed.ts";

test("a hop that answers for whoever stands behind it is shown once, where it answered first", () => {
  expect(withoutRepeats(["a", "b", "b", "c"])).toEqual(["a", "b", null, "c"]);
  expect(withoutRepeats(["a", "b", "b", "b"])).toEqual(["a", "b", null, null]);
});

test("a hop that answers for a router before it, which passed on a TTL of 0, is shown at its own place", () => {
  expect(withoutRepeats(["a", "b", "b", "c"], (index) => index === 1)).toEqual([
    "a",
    null,
    "b",
    "c",
  ]);
  expect(withoutRepeats(["b", "b", "b"], (index) => index === 0)).toEqual([null, "b", null]);
});

test("hops that are far apart, silent ones, and an odd TTL alone are left as they are", () => {
  const hops = ["a", null, null, "b", "a"];
  expect(withoutRepeats(hops, () => true)).toEqual(hops);
});

test("no hop is linked to itself, and none is lost or added, whatever answered", () => {
  const traceroutes = fc.array(fc.constantFrom("a", "b", "c", null), { maxLength: 10 });
  fc.assert(
    fc.property(traceroutes, fc.nat(1023), (hops, bits) => {
      const kept = withoutRepeats(hops, (index) => ((bits >> index) & 1) === 1);
      expect(kept).toHaveLength(hops.length);
      expect(new Set(kept.filter((hop) => hop !== null))).toEqual(
        new Set(hops.filter((hop) => hop !== null)),
      );
      expect(kept.every((hop, index) => hop === null || hop === hops[index])).toBe(true);
      expect(linksOf(kept).every(([from, to]) => from !== to)).toBe(true);
    }),
    { seed: printedSeed("repeated hops"), numRuns: 500 },
  );
});

test("a sweep past a router that forwards a TTL of 0 names the hops behind it at their own TTLs", () => {
  const sweep = new Sweep({ from: 1, maxHops: 30, attempts: 3, lookahead: 5 });
  sweep.answered(1, "a");
  sweep.answered(2, "c", 0);
  sweep.answered(3, "c", 1);
  sweep.reached(4);
  expect(sweep.result()).toMatchObject({ seen: ["a", null, "c"], way: ["a", null, "c"] });
});

test("a sweep that ends at a hop that answers twice has it as its last hop, once", () => {
  const sweep = new Sweep({ from: 1, maxHops: 30, attempts: 3, lookahead: 5 });
  sweep.answered(1, "a");
  sweep.answered(2, "b");
  sweep.answered(3, "b");
  expect(sweep.result()).toMatchObject({ seen: ["a", "b"], lastTtl: 2 });
});
