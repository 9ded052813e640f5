import { expect, test } from "vitest";
import { Kinship } from "../../src/localize/kinship.ts";
import { pickedSiblings, routerGroups } from "../../src/localize/location-groups.ts";
import { Network, SOURCE } from "../../src/localize/network.ts";

/** A network of paths; addresses of one letter. */
function networkOf(...paths: string[]): Network {
  const network = new Network("t");
  for (const path of paths) {
    let before = SOURCE;
    for (const address of path) {
      const id = network.answering(address);
      network.connect(before, id, 1);
      before = id;
    }
  }
  return network;
}

function groups(network: Network, routers: Record<string, string> = {}): string[] {
  return routerGroups(network, routers, new Kinship(network, routers))
    .map(({ hops, known }) => `${hops.map((id) => network.hops[id]?.address).join("")} ${known}`)
    .sort();
}

test("addresses behind different hops that lead to the same next address may be one router", () => {
  expect(groups(networkOf("afx", "bgx", "chy"))).toEqual(["fg false"]);
});

test("two addresses behind one hop stay two, and so do those that lead to nothing in common", () => {
  expect(groups(networkOf("afx", "agx"))).toEqual([]);
  expect(groups(networkOf("afx", "bgy"))).toEqual([]);
});

test("where a hop answers alike to several routers, addresses stand for routers", () => {
  // f and g, behind a, are two routers; both lead to x, which has one address.
  expect(groups(networkOf("afx", "agx", "bhx"))).toEqual([]);
});

test("what somebody says counts, for and against", () => {
  expect(groups(networkOf("afx", "agy"), { f: "r1", g: "r1" })).toEqual(["fg true"]);
  expect(groups(networkOf("afx", "bgx"), { f: "r1", g: "r2" })).toEqual([]);
});

test("addresses of which somebody knows that they are different routers' are several", () => {
  const network = networkOf("afx", "agx", "ahx");
  const kinship = new Kinship(network, { f: "r1", g: "r2", h: "r1" });
  const of = (letters: string): number[] => [...letters].map((letter) => network.answering(letter));
  expect(kinship.areSeveral(of("fg"))).toBe(true);
  expect(kinship.areSeveral(of("fh"))).toBe(false);
  expect(kinship.areSeveral(of("fx"))).toBe(false);
});

test("of several addresses behind one hop the third costs less than picking one by one", () => {
  expect(pickedSiblings(4, 2)).toBeCloseTo(8 + Math.log(6));
  expect(pickedSiblings(25, 4)).toBeLessThan(8 + Math.log(12650));
});
