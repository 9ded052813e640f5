import { describe, expect, test } from "vitest";
import type { FaultLocation } from "../../src/localize/fault-location.ts";
import { localize } from "../../src/localize/localize.ts";
import { mayTellWayBack, tellsWayBack } from "../../src/localize/way-back-address.ts";
import { flow, locationAt, sceneOf, TO } from "../support/scene.ts";

/** The network in which the flows of these ways die and the others work. */
const network = (dead: readonly string[], works: readonly string[]) =>
  sceneOf([...dead.map((way) => flow(way, 10, 10)), ...works.map((way) => flow(way, 0, 10))]);

/** A place that all and only what meets a hop crosses. */
function meeting({ scene, locations }: ReturnType<typeof sceneOf>, hop: string): FaultLocation {
  const is = (id: number): boolean => scene.network.hops[id]?.address === hop;
  const [found] = locations
    .filter(({ members }) =>
      members.every(({ link }) => link !== null && (is(link.from) || is(link.to))),
    )
    .sort((one, other) => other.members.length - one.members.length);
  if (found === undefined) throw new Error(`nothing meets ${hop} alone`);
  return found;
}

/** Whether all that meets address x tells that the way back is broken, and sweeps of healthy flows met the silence of another. */
function tells(dead: readonly string[], works: readonly string[], mute?: string): boolean {
  const laid = network(dead, works);
  const controls = mute === undefined ? {} : { [mute]: { heard: 0, silent: 2 } };
  const scene = { ...laid.scene, input: { ...laid.scene.input, controls } };
  return tellsWayBack(scene, meeting(laid, "x"));
}

describe("an address that the last router answers with", () => {
  test("tells the way back where the router has one for each hop before it", () => {
    expect(tells(["abx", "acx"], ["aby", "acy"])).toBe(true);
  });

  test("tells it as well where sweeps with gaps met another one behind silent places of their own", () => {
    const gaps = ["ab.y", "a..y", "ac..y", "...y"];
    const laid = network(["abBx", "acCx", "adDx", ...gaps], ["abBy", "acCy", "adDy"]);
    expect(mayTellWayBack(laid.scene, meeting(laid, "x"))).toBe(true);
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

  test("tells it where routers are mute to flows that work, and nothing else dies", () => {
    const works = ["aby", "acy", "ady"];
    expect(tells(["abx", "acx", "adx"], works, "d")).toBe(true);
    // One that takes answers on the way there would take those of others too.
    expect(tells(["abx", "acx", "adx", "aby"], ["acy", "ady"], "d")).toBe(false);
  });

  test("tells it where several of them are dead, and others are not", () => {
    const [dead, works] = [
      ["abx", "acx", "adx", "aby", "acy", "ady"],
      ["abw", "acw", "adw", "abv", "acv", "adv"],
    ];
    expect(tells(dead, works)).toBe(true);
    expect(tells(dead.slice(0, 3), [...dead.slice(3), ...works])).toBe(false);
    expect(tells(dead, [])).toBe(false);
  });

  test("tells it where one more router follows, if that is mute to flows that work", () => {
    const [dead, works] = [
      ["abxz", "acxz"],
      ["abyz", "acyz"],
    ];
    expect(tells(dead, works)).toBe(false);
    expect(tells(dead, works, "z")).toBe(true);
  });

  test("may tell it where branches of unlike length all lead to each of its addresses", () => {
    const laid = network(["abx", "acdx"], ["aby", "acdy"]);
    expect(mayTellWayBack(laid.scene, meeting(laid, "x"))).toBe(true);
    const apart = network(["abx", "acdx"], ["aby", "acdx"]);
    expect(mayTellWayBack(apart.scene, meeting(apart, "x"))).toBe(false);
  });
});

describe("addresses on one way are not one router's", () => {
  // Ways of unlike length behind r: a; b and c; d, e and f. The last router answers with A, C or F, by the link that its answer takes; f is dead in
  // both directions.
  const dead = (hops: string | null, how: number, seen = "") =>
    Array.from({ length: how }, () =>
      flow(hops, 5, 5, { seen: [...seen], last_hop: seen.at(-1) ?? "unknown" }),
    );
  const works = (hops: string | null, how: number) =>
    Array.from({ length: how }, () => flow(hops, 0, 5));
  const few = (seen: string) => [
    ...dead("rdefF", 3, seen),
    ...dead("rdefA", 1, seen),
    ...dead(null, 1, "rde"),
    ...dead(null, 1, "ra"),
    ...dead("raF", 5),
    ...dead("rbcF", 2),
    ...dead("rdefF", 6),
    ...dead("rdefA", 2),
    ...dead(null, 7),
    ...works("raA", 5),
    ...works("raC", 6),
    ...works("rbcA", 7),
    ...works("rbcC", 4),
    ...works(null, 14),
  ];
  const many = [
    ...dead("raF", 2, "ra"),
    ...dead(null, 1, "ra"),
    ...dead("raF", 5),
    ...dead("rbcF", 4),
    ...dead("rdefF", 9),
    ...dead("rdefA", 3),
    ...dead("rdefC", 1),
    ...dead(null, 3),
    ...works("raA", 9),
    ...works("raC", 7),
    ...works("rbcA", 9),
    ...works("rbcC", 7),
    ...works(null, 4),
  ];

  test.each([
    ["most ways are not known, sweeps end before it", few("rde")],
    ["most ways are not known, nor where packets end", few("")],
    ["most ways are known, not where packets end", many],
  ])("%s", (_, flows) => {
    const { suspects } = localize({ target: TO, flows, known_links: [] });
    const told = suspects.map(({ from, to, confidence }) => `${from} ${to} ${confidence}`);
    const right = suspects.find(({ from, to }) => (from === "e" && to === "f") || from === "f");
    expect(right?.confidence, told.join("; ")).toBeGreaterThan(0.3);
    for (const { name, confidence } of suspects)
      if (name === "F") expect(confidence, told.join("; ")).toBeLessThan(0.9);
  });
});
