import { describe, expect, test } from "vitest";
import { CirclingHops, loopTtlOf } from "../../src/trace/loops.ts";

/** What a sweep of a flow without a known path and without a sign of a loop shows. */
const NO_SIGN = { repeated: undefined, told: false, path: [] };
/** a2 sends back to r1, which answers under another address than before. */
const PATH = ["r1", "a2", "rl", "z"];

describe("the TTL at which a loop closes", () => {
  test("is none for a router that answers twice in a row", () => {
    expect(loopTtlOf(["a", "b", "b", "c"])).toBeUndefined();
    expect(loopTtlOf(["a", "b", "b", "b"])).toBeUndefined();
    expect(loopTtlOf([null, null, "a", null])).toBeUndefined();
    expect(loopTtlOf([])).toBeUndefined();
  });

  test("is that of the first hop that answered before", () => {
    expect(loopTtlOf(["a", "b", "a", "b"])).toBe(3);
    expect(loopTtlOf(["a", null, "a"])).toBe(3);
    expect(loopTtlOf(["a", "b", "c", "d", "b"])).toBe(5);
    expect(loopTtlOf(["a", "a", "b", "a"])).toBe(4);
  });
});

describe("the way that a sweep in a loop shows", () => {
  test("ends with the hop that is met again, where the flow's path is not known", () => {
    const signs = { ...NO_SIGN, repeated: "a2" };
    expect(new CirclingHops().wayOf(["r1", "a2", "r1'"], signs, 0)).toEqual(["r1", "a2"]);
  });

  test("goes on as far as the flow met the same while it worked", () => {
    const loopback = { ...NO_SIGN, repeated: "r1", path: PATH };
    expect(new CirclingHops().wayOf(["r1", "a2"], loopback, 0)).toEqual(["r1", "a2"]);
    const other = { ...NO_SIGN, repeated: "a2", path: PATH };
    expect(new CirclingHops().wayOf(["r1", "a2", "r1'"], other, 0)).toEqual(["r1", "a2"]);
    const silentOnPath = { ...other, path: ["r1", "a2", null, "z"] };
    expect(new CirclingHops().wayOf(["r1", "a2", "r1'"], silentOnPath, 0)).toEqual(["r1", "a2"]);
    expect(
      new CirclingHops().wayOf([null, "a2"], { ...silentOnPath, path: [null, "a2"] }, 0),
    ).toEqual([null, "a2"]);
  });

  test("ends where the flow left its path, where a probe says that it ran out of its TTL", () => {
    const told = { ...NO_SIGN, told: true, path: PATH };
    expect(new CirclingHops().wayOf(["r1", "a2", "r1'"], told, 0)).toEqual(["r1", "a2"]);
    expect(new CirclingHops().wayOf(["r1", "a2"], told, 0)).toEqual(["r1", "a2"]);
    expect(new CirclingHops().wayOf(["r1", "x"], { ...told, path: [] }, 0)).toEqual(["r1", "x"]);
  });

  test("ends before a hop that another flow met in a loop, for five minutes", () => {
    const hops = new CirclingHops();
    hops.wayOf(["r1", "a2", "r1'"], { ...NO_SIGN, repeated: "a2" }, 1000);
    expect(hops.has("r1'", 1000)).toBe(true);
    expect(hops.has("a2", 1000)).toBe(false);
    expect(hops.wayOf(["r1", "a2", "r1'"], NO_SIGN, 200_000)).toEqual(["r1", "a2"]);
    // The sweep of another flow met who stands where this one met silence.
    expect(hops.wayOf(["r1", null, "r1'"], NO_SIGN, 200_000)).toEqual(["r1", "a2"]);
    expect(hops.wayOf(["r1", null, "r1'"], { ...NO_SIGN, path: ["r1", "b"] }, 0)).toEqual(["r1"]);
    expect(hops.wayOf(["r1", null, "r1'"], NO_SIGN, 400_000)).toEqual(["r1", null, "r1'"]);
  });

  test("leaves out rounds of the loop in which few answer", () => {
    const hops = new CirclingHops();
    hops.wayOf(["r1", "a2", "r1'"], { ...NO_SIGN, repeated: "a2" }, 0);
    for (const met of [
      ["r1", null, null, null, "r1'"],
      ["r1", null, null, "a2", "r1'"],
      ["r1", "a2", null, null, "r1'"],
    ]) {
      expect(hops.wayOf(met, NO_SIGN, 0)).toEqual(["r1", "a2"]);
    }
    const longer = ["r1", "b", "c", "a2"];
    expect(hops.wayOf([...longer, "r1'"], NO_SIGN, 0)).toEqual(longer);
  });

  test("keeps a hop that stands in another flow's loop where this flow met it while it worked", () => {
    const hops = new CirclingHops();
    hops.wayOf(["r1", "a2", "a3"], { ...NO_SIGN, repeated: "a2" }, 0);
    const path = ["r1", "b", "a3", "z"];
    expect(hops.wayOf(["r1", "b", "a3"], { ...NO_SIGN, path }, 0)).toEqual(["r1", "b", "a3"]);
  });

  test("ends where the flow left its path, if a probe of another flow has run out of its TTL, and teaches nothing", () => {
    const hops = new CirclingHops();
    const silent = ["r1", null, null, "r1'"];
    expect(hops.wayOf(silent, { ...NO_SIGN, path: PATH }, 0)).toEqual(silent);
    hops.told(0);
    expect(hops.wayOf(silent, { ...NO_SIGN, path: PATH }, 0)).toEqual(["r1"]);
    expect(hops.wayOf(["r1", "a2"], { ...NO_SIGN, path: PATH }, 0)).toEqual(["r1", "a2"]);
    expect(hops.lately(0)).toEqual([]);
    expect(hops.wayOf(silent, { ...NO_SIGN, path: PATH }, 400_000)).toEqual(silent);
  });

  test("is to be looked at again once more is known of loops, and only then", () => {
    const hops = new CirclingHops();
    const versions = [hops.version];
    const knows = () => versions.push(hops.version);
    hops.told(0);
    knows();
    hops.told(1000);
    knows();
    for (const now of [2000, 3000]) {
      hops.wayOf(["r1", "a2", "r1'"], { ...NO_SIGN, repeated: "a2" }, now);
      knows();
    }
    expect(hops.lately(4000)).toEqual(["r1'"]);
    expect(versions).toEqual([0, 1, 1, 2, 2]);
  });
});
