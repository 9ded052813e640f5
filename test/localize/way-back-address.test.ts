import { describe, expect, test } from "vitest";
import { tellsWayBack } from "../../src/localize/way-back-address.ts";
import { flow, locationAt, sceneOf } from "../support/scene.ts";

/** The network in which the flows of these ways die and the others work. */
const network = (dead: readonly string[], works: readonly string[]) =>
  sceneOf([...dead.map((way) => flow(way, 10, 10)), ...works.map((way) => flow(way, 0, 10))]);

/** Whether all that meets address x tells that the way back is broken. */
function tells(dead: readonly string[], works: readonly string[]): boolean {
  const laid = network(dead, works);
  return tellsWayBack(laid.scene, locationAt(laid, "router", "x"));
}

describe("an address that the last router answers with", () => {
  test("tells the way back where the router has one for each hop before it", () => {
    expect(tells(["abx", "acx"], ["aby", "acy"])).toBe(true);
  });

  test("tells nothing of one of the links by which it is met", () => {
    const laid = network(["abx"], ["acx", "aby", "acy"]);
    expect(tellsWayBack(laid.scene, locationAt(laid, "link", "x"))).toBe(false);
  });

  test("tells nothing where there are fewer than the hops before: these are routers of one address each", () => {
    expect(tells(["abx", "acx", "adx"], ["aby", "acy", "ady"])).toBe(false);
  });

  test("tells nothing where the hops before are behind several", () => {
    expect(tells(["abdx", "acex", "abex"], ["abdy", "acey", "abey"])).toBe(false);
  });
});
