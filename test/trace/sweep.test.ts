import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loopTtlOf, Sweep, type SweepOptions } from "../../src/trace/sweep.ts";
import { printedSeed } from "../support/seed.ts";

function sweep(options: Partial<SweepOptions> = {}): Sweep {
  return new Sweep({ from: 1, maxHops: 30, attempts: 3, lookahead: 2, ...options });
}

/** Asks everything that is wanted until nothing is; `answers` says who answers at a TTL. */
function climb(ladder: Sweep, answers: (ttl: number) => string | null, most = 200): number[] {
  const asked: number[] = [];
  while (asked.length < most) {
    const [ttl] = ladder.wanted();
    if (ttl === undefined) break;
    asked.push(ttl);
    ladder.asked(ttl);
    const hop = answers(ttl);
    if (hop === "destination") ladder.reached(ttl);
    else if (hop?.startsWith("rejects ")) ladder.rejected(ttl, hop.slice(8));
    else if (hop !== null) ladder.answered(ttl, hop);
    ladder.settled(ttl);
    if (hop === null) ladder.silent(ttl);
  }
  return asked;
}

function along(hops: readonly (string | null)[]): (ttl: number) => string | null {
  return (ttl) => (ttl <= hops.length ? (hops[ttl - 1] ?? null) : null);
}

describe("Sweep", () => {
  test("asks one TTL after the other and looks so far beyond the last that answered", () => {
    const ladder = sweep();
    expect(ladder.wanted()).toEqual([1, 2]);
    expect(climb(ladder, along(["a", "b"]))).toEqual([1, 2, 3, 4, 3, 4, 3, 4]);
    expect(ladder.done).toBe(true);
    expect(ladder.result()).toEqual({
      seen: ["a", "b"],
      lastTtl: 2,
      destinationTtl: undefined,
      way: [],
      rejectedBy: undefined,
      loopTtl: undefined,
    });
  });

  test("does not ask a silent TTL again that lies before one that answered", () => {
    const asked = climb(sweep(), along(["a", null, "c"]));
    expect(asked.filter((ttl) => ttl === 2)).toHaveLength(1);
    expect(asked.filter((ttl) => ttl === 4)).toHaveLength(3);
  });

  test("asks every TTL before the destination as often as it takes where it is thorough", () => {
    const ladder = sweep({ thorough: true, lookahead: 4 });
    const asked = climb(ladder, along(["a", null, "c", "destination"]));
    expect(asked.filter((ttl) => ttl === 2)).toHaveLength(3);
    expect(ladder.result().way).toEqual(["a", null, "c"]);
  });

  test("counts as silence only what it is told, and gives a TTL up in the end all the same", () => {
    const ladder = sweep({ lookahead: 1 });
    let asks = 0;
    for (; asks < 1000 && ladder.wanted().includes(1); asks += 1) {
      ladder.asked(1);
      ladder.settled(1);
    }
    expect(asks).toBeGreaterThan(3);
    expect(asks).toBeLessThan(100);
    expect(ladder.result().seen).toEqual([]);
  });

  test("wants nothing twice at once and is not done while an answer may come", () => {
    const ladder = sweep();
    ladder.asked(1);
    ladder.asked(2);
    expect(ladder.wanted()).toEqual([]);
    expect(ladder.done).toBe(false);
    ladder.settled(1);
    ladder.settled(1);
    expect(ladder.wanted()).toEqual([1]);
    ladder.asked(1);
    ladder.settled(1);
    ladder.settled(2);
    expect(ladder.done).toBe(false);
  });

  test("takes the lowest TTL at which the destination answered, whatever came first", () => {
    const ladder = sweep();
    for (const ttl of [5, 3, 4]) ladder.reached(ttl);
    ladder.answered(1, "a");
    expect(ladder.result()).toMatchObject({ destinationTtl: 3, way: ["a", null], lastTtl: 1 });
    expect(Math.max(...ladder.wanted())).toBeLessThan(3);
  });

  test("looks no further than a router that rejects, and names the nearest of them", () => {
    const ladder = sweep({ lookahead: 5 });
    const route = along(["a", "b", "rejects b"]);
    for (const ttl of [5, 4]) ladder.rejected(ttl, "c");
    expect(Math.max(...climb(ladder, route))).toBe(3);
    expect(ladder.result()).toMatchObject({ rejectedBy: "b", seen: ["a", "b"] });
  });

  test("begins where it is told, and asks nothing above the highest TTL it may", () => {
    const ladder = sweep({ from: 4, maxHops: 5, lookahead: 9 });
    expect(new Set(climb(ladder, () => null))).toEqual(new Set([4, 5]));
    expect(sweep({ from: 6, maxHops: 5 }).done).toBe(true);
  });

  test("does not ask what it was given, be it a hop or a silent one", () => {
    const ladder = sweep({ thorough: true, lookahead: 4 });
    ladder.give(1, "a");
    ladder.give(2, null);
    ladder.reached(4);
    expect(climb(ladder, along([null, null, "c"]))).toEqual([3]);
    expect(ladder.result()).toMatchObject({ way: ["a", null, "c"], seen: ["a", null, "c"] });
    expect([ladder.hopAt(1), ladder.hopAt(2), ladder.hopAt(9)]).toEqual(["a", null, null]);
  });

  test("finds the same in whatever order the answers come", () => {
    const seed = printedSeed("order of answers");
    const routes = fc.array(fc.constantFrom("a", "b", "c", "d", null), { maxLength: 9 });
    const property = fc.property(routes, fc.array(fc.nat(100), { maxLength: 9 }), (hops, keys) => {
      const inOrder = sweep();
      const mixed = sweep();
      const ttls = hops.map((_, index) => index + 1);
      const shuffled = [...ttls].sort((x, y) => (keys[x - 1] ?? 0) - (keys[y - 1] ?? 0));
      for (const [ladder, order] of [
        [inOrder, ttls],
        [mixed, shuffled],
      ] as const) {
        for (const ttl of order) {
          const hop = hops[ttl - 1];
          if (typeof hop === "string") ladder.answered(ttl, hop);
        }
      }
      expect(mixed.result()).toEqual(inOrder.result());
    });
    fc.assert(property, { seed, numRuns: 300 });
  });
});

describe("a loop", () => {
  test("ends the ladder before its first repetition", () => {
    const ladder = sweep({ lookahead: 5 });
    const asked = climb(ladder, (ttl) =>
      ttl === 1 ? "a" : (["b", "c", "d"][(ttl - 2) % 3] ?? null),
    );
    expect(ladder.result()).toMatchObject({ seen: ["a", "b", "c", "d"], lastTtl: 4, loopTtl: 5 });
    expect(Math.max(...asked)).toBeLessThan(10);
  });

  test("leaves a silent hop before the repetition out of what was seen", () => {
    const ladder = sweep();
    for (const ttl of [1, 3]) ladder.answered(ttl, "a");
    expect(ladder.result()).toMatchObject({ seen: ["a"], lastTtl: 1, loopTtl: 3 });
  });

  test("is not seen in a router that answers twice in a row", () => {
    expect(loopTtlOf(["a", "b", "b", "c"])).toBeUndefined();
    expect(loopTtlOf(["a", "b", "b", "b"])).toBeUndefined();
    expect(loopTtlOf([null, null, "a", null])).toBeUndefined();
    expect(loopTtlOf([])).toBeUndefined();
  });

  test("begins at the first hop that answered before", () => {
    expect(loopTtlOf(["a", "b", "a", "b"])).toBe(3);
    expect(loopTtlOf(["a", null, "a"])).toBe(3);
    expect(loopTtlOf(["a", "b", "c", "d", "b"])).toBe(5);
    expect(loopTtlOf(["a", "a", "b", "a"])).toBe(4);
  });
});
