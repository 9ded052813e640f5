import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Sweep, type SweepOptions } from "../../src/trace/sweep.ts";
import { printedSeed } from "../support/seed.ts";

function sweep(options: Partial<SweepOptions> = {}): Sweep {
  return new Sweep({ from: 1, maxHops: 30, attempts: 3, lookahead: 2, ...options });
}

/** Asks everything that is wanted until nothing is; `answers` says who answers at a TTL. */
function climb(traceroute: Sweep, answers: (ttl: number) => string | null, most = 200): number[] {
  const asked: number[] = [];
  while (asked.length < most) {
    const [ttl] = traceroute.wanted();
    if (ttl === undefined) break;
    asked.push(ttl);
    traceroute.asked(ttl);
    const hop = answers(ttl);
    if (hop === "destination") traceroute.reached(ttl);
    else if (hop?.startsWith("rejects ")) traceroute.rejected(ttl, hop.slice(8));
    else if (hop !== null) traceroute.answered(ttl, hop);
    traceroute.settled(ttl);
    if (hop === null) traceroute.silent(ttl);
  }
  return asked;
}

function along(hops: readonly (string | null)[]): (ttl: number) => string | null {
  return (ttl) => (ttl <= hops.length ? (hops[ttl - 1] ?? null) : null);
}

describe("Sweep", () => {
  test("sent one TTL after the other and looks so far beyond the last that answered", () => {
    const traceroute = sweep();
    expect(traceroute.wanted()).toEqual([1, 2]);
    expect(climb(traceroute, along(["a", "b"]))).toEqual([1, 2, 3, 4, 3, 4, 3, 4]);
    expect(traceroute.done).toBe(true);
    expect(traceroute.result()).toEqual({
      seen: ["a", "b"],
      lastTtl: 2,
      destinationTtl: undefined,
      way: [],
      rejectedBy: undefined,
      loopTtl: undefined,
      repeated: undefined,
    });
  });

  test("does not ask a silent TTL again that lies before one that answered", () => {
    const asked = climb(sweep(), along(["a", null, "c"]));
    expect(asked.filter((ttl) => ttl === 2)).toHaveLength(1);
    expect(asked.filter((ttl) => ttl === 4)).toHaveLength(3);
  });

  test("sent every TTL before the destination as often as it takes where it is thorough", () => {
    const traceroute = sweep({ thorough: true, lookahead: 4 });
    const asked = climb(traceroute, along(["a", null, "c", "destination"]));
    expect(asked.filter((ttl) => ttl === 2)).toHaveLength(3);
    expect(traceroute.result().way).toEqual(["a", null, "c"]);
  });

  test("counts as silence only what it is told, and gives a TTL up in the end all the same", () => {
    const traceroute = sweep({ lookahead: 1 });
    let sent = 0;
    for (; sent < 1000 && traceroute.wanted().includes(1); sent += 1) {
      traceroute.asked(1);
      traceroute.settled(1);
    }
    expect(sent).toBeGreaterThan(3);
    expect(sent).toBeLessThan(100);
    expect(traceroute.result().seen).toEqual([]);
  });

  test("wants nothing twice at once and is not done while an answer may come", () => {
    const traceroute = sweep();
    traceroute.asked(1);
    traceroute.asked(2);
    expect(traceroute.wanted()).toEqual([]);
    expect(traceroute.done).toBe(false);
    traceroute.settled(1);
    traceroute.settled(1);
    expect(traceroute.wanted()).toEqual([1]);
    traceroute.asked(1);
    traceroute.settled(1);
    traceroute.settled(2);
    expect(traceroute.done).toBe(false);
  });

  test("takes the lowest TTL at which the destination answered, whatever came first", () => {
    const traceroute = sweep();
    for (const ttl of [5, 3, 4]) traceroute.reached(ttl);
    traceroute.answered(1, "a");
    expect(traceroute.result()).toMatchObject({ destinationTtl: 3, way: ["a", null], lastTtl: 1 });
    expect(Math.max(...traceroute.wanted())).toBeLessThan(3);
  });

  test("looks no further than a router that rejects, and names the nearest of them", () => {
    const traceroute = sweep({ lookahead: 5 });
    const route = along(["a", "b", "rejects b"]);
    for (const ttl of [5, 4]) traceroute.rejected(ttl, "c");
    expect(Math.max(...climb(traceroute, route))).toBe(3);
    expect(traceroute.result()).toMatchObject({ rejectedBy: "b", seen: ["a", "b"] });
  });

  test("begins where it is told, and sent nothing above the highest TTL it may", () => {
    const traceroute = sweep({ from: 4, maxHops: 5, lookahead: 9 });
    expect(new Set(climb(traceroute, () => null))).toEqual(new Set([4, 5]));
    expect(sweep({ from: 6, maxHops: 5 }).done).toBe(true);
  });

  test("does not ask what it was given, be it a hop or a silent one", () => {
    const traceroute = sweep({ thorough: true, lookahead: 4 });
    traceroute.give(1, "a");
    traceroute.give(2, null);
    traceroute.reached(4);
    expect(climb(traceroute, along([null, null, "c"]))).toEqual([3]);
    expect(traceroute.result()).toMatchObject({ way: ["a", null, "c"], seen: ["a", null, "c"] });
    expect([traceroute.hopAt(1), traceroute.hopAt(2), traceroute.hopAt(9)]).toEqual([
      "a",
      null,
      null,
    ]);
  });

  test("finds the same in whatever order the answers come", () => {
    const seed = printedSeed("order of answers");
    const routes = fc.array(fc.constantFrom("a", "b", "c", "d", null), { maxLength: 9 });
    const property = fc.property(routes, fc.array(fc.nat(100), { maxLength: 9 }), (hops, keys) => {
      const inOrder = sweep();
      const mixed = sweep();
      const ttls = hops.map((_, index) => index + 1);
      const shuffled = [...ttls].sort((x, y) => (keys[x - 1] ?? 0) - (keys[y - 1] ?? 0));
      for (const [traceroute, order] of [
        [inOrder, ttls],
        [mixed, shuffled],
      ] as const) {
        for (const ttl of order) {
          const hop = hops[ttl - 1];
          if (typeof hop === "string") traceroute.answered(ttl, hop);
        }
      }
      expect(mixed.result()).toEqual(inOrder.result());
    });
    fc.assert(property, { seed, numRuns: 300 });
  });
});

describe("a loop", () => {
  test("ends the traceroute before its first repetition", () => {
    const traceroute = sweep({ lookahead: 5 });
    const asked = climb(traceroute, (ttl) =>
      ttl === 1 ? "a" : (["b", "c", "d"][(ttl - 2) % 3] ?? null),
    );
    expect(traceroute.result()).toMatchObject({
      seen: ["a", "b", "c", "d"],
      lastTtl: 4,
      loopTtl: 5,
      repeated: "b",
    });
    expect(Math.max(...asked)).toBeLessThan(10);
  });

  test("leaves a silent hop before the repetition out of what was seen", () => {
    const traceroute = sweep();
    for (const ttl of [1, 3]) traceroute.answered(ttl, "a");
    expect(traceroute.result()).toMatchObject({ seen: ["a"], lastTtl: 1, loopTtl: 3 });
  });
});
