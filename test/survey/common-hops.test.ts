import { describe, expect, test } from "vitest";
import { CommonHops } from "../../src/survey/common-hops.ts";

const PLACE = "1 behind source";

/** As many flows as are needed met this hop. */
function met(hop: string | null, flows = 24): CommonHops {
  const common = new CommonHops();
  for (let flow = 0; flow < flows; flow += 1) common.add(PLACE, hop);
  return common;
}

describe("CommonHops", () => {
  test("agree on a hop, or on silence, once 24 flows met it and none another", () => {
    expect(met("10.0.0.1", 23).agreeOn(PLACE)).toBe(false);
    expect(met("10.0.0.1").agreeOn(PLACE)).toBe(true);
    expect(met("10.0.0.1").agreeOn(PLACE, "10.0.0.1")).toBe(true);
    expect(met("10.0.0.1").agreeOn(PLACE, "10.0.0.2")).toBe(false);
    expect(met(null).agreeOn(PLACE, null)).toBe(true);
    expect(met("10.0.0.1").agreeOn("2 behind 10.0.0.1")).toBe(false);
  });

  test("agree on nothing where two differ, in this round or the one before", () => {
    const common = met("10.0.0.1");
    common.add(PLACE, "10.0.0.2");
    expect(common.agreeOn(PLACE)).toBe(false);
    common.age();
    common.add(PLACE, "10.0.0.1");
    expect(common.agreeOn(PLACE)).toBe(false);
  });

  test("remember one round, and no more", () => {
    const common = met("10.0.0.1");
    common.age();
    expect(common.agreeOn(PLACE, "10.0.0.1")).toBe(true);
    common.add(PLACE, "10.0.0.1");
    expect(common.agreeOn(PLACE)).toBe(true);
    common.age();
    expect(common.agreeOn(PLACE)).toBe(false);
  });
});
