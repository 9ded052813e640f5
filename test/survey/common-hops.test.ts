import { describe, expect, test } from "vitest";
import { CommonHops } from "../../src/survey/common-hops.ts";

/** Enough flows, and enough targets, to tell others by. */
const FLOWS = 24;
const MANY = 16;

function targets(count: number): object[] {
  return Array.from({ length: count }, (_, at) => ({ at }));
}

/** Flows of one target met this hop behind another. */
function meet(common: CommonHops, target: object, before: string, hop: string | null, flows = 1) {
  for (let flow = 0; flow < flows; flow += 1) common.add(target, 3, before, hop);
}

describe("CommonHops", () => {
  test("tell a target by its own flows once 24 met a hop, and 6 in the place", () => {
    const common = new CommonHops();
    const target = {};
    meet(common, target, "a1", "b1", FLOWS - 1);
    expect(common.at(target, 3, "a1")).toBeUndefined();
    meet(common, target, "a1", "b1");
    expect(common.at(target, 3, "a1")).toBe("b1");
    meet(common, target, "a2", "b2", 5);
    expect(common.at(target, 3, "a2")).toBeUndefined();
    meet(common, target, "a2", "b2");
    expect(common.at(target, 3, "a2")).toBe("b2");
  });

  test("tell a target by others that met the same hop, and nothing by those that did not", () => {
    const common = new CommonHops();
    const [one, two, three] = [{}, {}, {}];
    meet(common, one, "a1", "b1", 12);
    meet(common, one, "a2", "b2", 13);
    meet(common, two, "a2", "b2");
    meet(common, three, "a1", "c1", 3);
    expect(common.at(two, 3, "a1")).toBe("b1");
    expect(common.at(three, 3, "a2")).toBeUndefined();
    expect(common.at({}, 3, "a1")).toBeUndefined();
  });

  test("tell nothing where flows of one target, or of two that belong together, differ", () => {
    const common = new CommonHops();
    const [one, two] = [{}, {}];
    meet(common, one, "a1", "b1", FLOWS);
    meet(common, one, "a1", "b2");
    expect(common.at(one, 3, "a1")).toBeUndefined();
    expect(common.oneTells({}, 3, "a1")).toBe(false);
    meet(common, two, "a1", "b1");
    expect(common.missing(two)).toBe(1);
    expect(common.missing(one)).toBe(0);
    expect(common.branchesAt(3)).toBe(true);
    expect(common.branchesAt(2)).toBe(false);
  });

  test("do not take one flow each of many targets for proof that a target's flows agree", () => {
    const common = new CommonHops();
    const all = targets(200);
    for (const [at, target] of all.entries()) meet(common, target, "r1", `a${at % 4}`);
    expect(all.map((target) => common.at(target, 3, "r1"))).toEqual(all.map(() => undefined));
  });

  test("tell a target that was not asked by many others without an exception", () => {
    const common = new CommonHops();
    const [exception, ...all] = targets(MANY);
    if (exception === undefined) throw new Error("there is one");
    for (const target of all) meet(common, target, "r1", "a1");
    expect(common.oneTells({}, 3, "r1")).toBe(true);
    expect(common.at({}, 3, "r1")).toBeUndefined();
    meet(common, exception, "r1", "a1");
    expect(common.at({}, 3, "r1")).toBe("a1");
    meet(common, {}, "r1", "a2");
    expect(common.at({}, 3, "r1")).toBeUndefined();
  });

  test("take a silence for a rate limit that was used up where answers are far more", () => {
    const common = new CommonHops();
    const target = {};
    meet(common, target, "a1", "b1", FLOWS);
    meet(common, target, "a1", null, 2);
    expect(common.at(target, 3, "a1")).toBe("b1");
    meet(common, target, "a1", null, 10);
    expect(common.at(target, 3, "a1")).toBeUndefined();
    const silent = {};
    meet(common, silent, "a3", null, FLOWS);
    expect(common.at(silent, 3, "a3")).toBeNull();
  });

  test("remember one round more, and no longer", () => {
    const common = new CommonHops();
    const target = {};
    meet(common, target, "a1", "b1", FLOWS);
    common.age();
    expect(common.at(target, 3, "a1")).toBeUndefined();
    meet(common, target, "a1", "b1");
    expect(common.at(target, 3, "a1")).toBe("b1");
    meet(common, target, "a2", "b2");
    common.age();
    meet(common, target, "a1", "b1");
    expect(common.at(target, 3, "a1")).toBeUndefined();
  });
});
