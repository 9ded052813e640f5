import { describe, expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { linksOf } from "../../src/topology/links.ts";
import { Topology } from "../../src/topology/topology.ts";
import { makeFlow, makeFlowOf, makeProbed } from "../support/probed-flow.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";

const MINUTE = 60_000;

/** The flows of one target. */
function flows(count: number): ProbedFlow[] {
  const target = makeProbed({ flowBuckets: count });
  const made = Array.from({ length: count }, (_, at) => makeFlowOf(target, at, 61_000 + at));
  target.flows.push(...made);
  return made;
}

/** Teaches each path to a flow of its own. */
function taught(...paths: (string | null)[][]): { topology: Topology; flows: ProbedFlow[] } {
  const topology = new Topology();
  const taking = flows(paths.length);
  taking.forEach((flow, index) => {
    topology.learn(flow, paths[index] ?? [], 0);
  });
  return { topology, flows: taking };
}

describe("what a flow's way is", () => {
  test("is told as first, same or changed, and as last seen", () => {
    const topology = new Topology();
    const flow = makeFlow();
    expect(topology.of(flow)).toBeUndefined();
    expect(topology.learn(flow, ["a", "b", "z"], 1)).toBe("first");
    expect(topology.learn(flow, ["a", "b", "z"], 2)).toBe("same");
    expect(topology.learn(flow, ["a", "c", "z"], 3)).toBe("changed");
    expect(topology.learn(flow, ["a", "c", "d", "z"], 4)).toBe("changed");
    expect(topology.of(flow)).toMatchObject({ path: { hops: ["a", "c", "d", "z"] }, at: 4 });
  });

  test("keeps a hop that was silent this time, and gains one that was silent before", () => {
    const topology = new Topology();
    const flow = makeFlow();
    topology.learn(flow, ["a", null, "c", "z"], 1);
    expect(topology.learn(flow, ["a", "b", null, "z"], 2)).toBe("same");
    expect(topology.of(flow)?.hops).toEqual(["a", "b", "c", "z"]);
    expect(topology.learn(flow, ["x", null, null, "z"], 3)).toBe("changed");
    expect(topology.of(flow)?.hops).toEqual(["x", null, null, "z"]);
  });

  test("has one path for all flows that take it", () => {
    const { topology } = taught(["a", "z"], ["a", "z"], ["b", "z"]);
    expect(topology.paths()).toHaveLength(2);
    expect([...topology.taken()].map(([path, count]) => [path.hops[0], count])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    const [known] = topology.paths();
    expect(topology.path(known?.id ?? "")).toBe(known);
    expect(topology.path("00000000")).toBeUndefined();
  });

  test("shows hops that balance by packet as silent, for flows known before as well", () => {
    const { topology, flows: taking } = taught(["a", "b", "z"], ["a", "c", "z"]);
    topology.balanceByPacket(new Set([2]));
    for (const flow of taking) expect(topology.of(flow)?.hops).toEqual(["a", null, "z"]);
    expect(topology.paths()).toHaveLength(1);
    expect(topology.links()).toEqual([]);
    expect(topology.learn(taking[0] ?? makeFlow(), ["a", "c", "z"], 5)).toBe("same");
    expect([...topology.perPacketTtls]).toEqual([2]);
  });
});

describe("the path that hops begin", () => {
  const { topology } = taught(
    ["a", "b", "z"],
    ["a", "c", "z"],
    ["a", "c", "d", "z"],
    ["e", null, "z"],
  );

  test("is the only one that fits them, silent hops fitting any", () => {
    expect(topology.startingWith(["a", "b"])?.hops).toEqual(["a", "b", "z"]);
    expect(topology.startingWith([null, "c", "d"])?.hops).toEqual(["a", "c", "d", "z"]);
    expect(topology.startingWith(["e"])?.hops).toEqual(["e", null, "z"]);
    expect(topology.startingWith(["e", "f"])?.hops).toEqual(["e", null, "z"]);
  });

  test("is undefined where none or several fit, or nothing answered", () => {
    for (const hops of [["a"], ["a", "c"], ["x"], [null], [], [null, null], ["a", "b", "z"]]) {
      expect(topology.startingWith(hops), JSON.stringify(hops)).toBeUndefined();
    }
  });
});

describe("links", () => {
  test("are neighbours that both answered", () => {
    expect(linksOf(["a", "b", null, "d", "z"])).toEqual([
      ["a", "b"],
      ["d", "z"],
    ]);
    expect(linksOf(["a"])).toEqual([]);
  });

  test("are known for an hour after they were last seen", () => {
    const { topology, flows: taking } = taught(["a", "b"], ["a", "c"]);
    topology.learn(taking[0] ?? makeFlow(), ["a", "b"], 30 * MINUTE);
    topology.prune(60 * MINUTE + 1);
    expect(topology.links()).toEqual([["a", "b"]]);
    expect([topology.hasLink("a", "b"), topology.hasLink("a", "c")]).toEqual([true, false]);
    topology.prune(90 * MINUTE);
    expect(topology.hasLink("a", "b")).toBe(true);
  });
});

describe("forgetting", () => {
  test("spares paths that active flows take, and others for ten minutes", () => {
    const { topology, flows: taking } = taught(["a", "z"], ["b", "z"]);
    const [, second] = taking;
    if (second !== undefined) second.active = false;
    for (const minute of [0, 6, 10]) topology.prune(minute * MINUTE);
    expect(topology.paths()).toHaveLength(2);
    topology.prune(10 * MINUTE + 1);
    expect(topology.paths().map(({ hops }) => hops[0])).toEqual(["a"]);
  });

  test("lets retired flows speak for the network until nine in ten of the new ones are known", () => {
    const { topology, flows: taking } = taught(...Array.from({ length: 10 }, () => ["a", "z"]));
    const next = flows(10);
    for (const flow of taking) flow.active = false;
    next.slice(0, 8).forEach((flow) => {
      topology.learn(flow, ["b", "z"], 1);
    });
    const takers = (): [string | null | undefined, number][] =>
      [...topology.taken()].map(([path, count]) => [path.hops[0], count]);
    expect(takers()).toEqual([
      ["a", 10],
      ["b", 8],
    ]);
    topology.learn(next[8] ?? makeFlow(), ["b", "z"], 1);
    expect(takers()).toEqual([["b", 9]]);
  });

  test("keeps the way of a retired flow for five minutes from when that was noticed", () => {
    const { topology, flows: taking } = taught(["a", "z"]);
    const [flow] = taking;
    if (flow === undefined) throw new Error("no flow");
    flow.active = false;
    topology.prune(MINUTE);
    topology.prune(6 * MINUTE);
    expect(topology.of(flow)?.hops).toEqual(["a", "z"]);
    topology.prune(6 * MINUTE + 1);
    expect(topology.of(flow)).toBeUndefined();
  });
});

describe("coverage", () => {
  /** Chance that n flows over k equal next hops would have shown one more, had there been one, at least this. */
  const seen = (k: number, n: number): number => 1 - Math.min(1, (k + 1) * (k / (k + 1)) ** n);

  test("is 0 while nothing is known", () => {
    expect(new Topology().coverage()).toBe(0);
    expect(new Topology().width()).toBe(1);
  });

  test("is that of the last shared hop where nothing branches", () => {
    const { topology } = taught(...Array.from({ length: 20 }, () => ["a", "b", "z"]));
    expect(topology.coverage()).toBeCloseTo(seen(1, 20), 10);
    expect(topology.width()).toBe(1);
  });

  test("is the product over hops that branch and the last before them", () => {
    const paths = Array.from({ length: 60 }, (_, at) => [
      "s",
      "a",
      ["b", "c", "d"][at % 3] ?? "",
      "z",
    ]);
    const { topology } = taught(...paths);
    expect(topology.width()).toBe(3);
    expect(topology.coverage()).toBeCloseTo(seen(3, 60) * seen(1, 60), 10);
  });
});

describe("paths over routers and gaps", () => {
  test("are not made by gaps, and a flow that fits several has none until more is known", () => {
    const { topology, flows: taking } = taught(
      ["a", "b", "z"],
      ["a", "c", "z"],
      [null, "b", "z"],
      ["a", null, "z"],
    );
    expect(topology.paths().map(({ hops }) => hops)).toEqual([
      ["a", "b", "z"],
      ["a", "c", "z"],
    ]);
    const [, , gap, several] = taking.map((flow) => topology.of(flow));
    expect(gap).toMatchObject({ path: { hops: ["a", "b", "z"] }, hops: [null, "b", "z"] });
    expect(several?.path).toBeUndefined();
    expect(several?.hops).toEqual(["a", null, "z"]);
    expect(topology.taken().size).toBe(2);
  });

  test("are not made by answers of the destination that got lost", () => {
    const { topology, flows } = taught(["a", "b", "z"], ["a", "c", "z"], ["a", "b", null, "z"]);
    expect(topology.paths().map(({ hops }) => hops)).toEqual([
      ["a", "b", "z"],
      ["a", "c", "z"],
    ]);
    // Ten minutes later nothing says any more that it is so.
    for (const flow of flows) topology.learn(flow, ["a", "c", "z"], 11 * MINUTE);
    const [flow] = flows;
    if (flow !== undefined) topology.learn(flow, ["a", "b", null, "z"], 11 * MINUTE);
    expect(topology.paths()).toHaveLength(2);
    expect(flow && topology.of(flow)?.hops).toEqual(["a", "b", null, "z"]);
  });

  test("have a place for a router that stays silent however often it is asked", () => {
    const ways = [
      ["a", "b", "z"],
      ["a", "c", "z"],
      ...Array.from({ length: 6 }, () => ["a", null, "z"]),
    ];
    const { topology, flows: taking } = taught(...ways);
    expect(topology.paths()).toHaveLength(2);
    for (const flow of taking.slice(2)) topology.learn(flow, ["a", null, "z"], 1);
    expect(topology.paths().map(({ hops }) => hops)).toContainEqual(["a", null, "z"]);
    expect([...topology.taken().values()].sort()).toEqual([1, 1, 6]);
  });

  test("are of routers where their identity is known, with the same id whichever address answers", () => {
    const routers = new Map([
      ["b1", "b"],
      ["b2", "b"],
    ]);
    const names = { version: 0, routerOf: named };
    function named(address: string): { router: string } | undefined {
      const router = names.version === 0 ? undefined : routers.get(address);
      return router === undefined ? undefined : { router };
    }
    const topology = new Topology(names);
    const [one, two] = flows(2);
    if (one === undefined || two === undefined) throw new Error("no flows");
    topology.learn(one, ["a", "b1", "z"], 0);
    topology.learn(two, ["a", "b2", "z"], 0);
    const before = topology.paths().map(({ id }) => id);
    expect(before).toHaveLength(2);
    names.version = 1;
    const [path, another] = topology.paths();
    expect([path?.hops, another]).toEqual([["a", "b1", "z"], undefined]);
    expect(topology.learn(one, ["a", "b2", "z"], 1)).toBe("same");
    expect(topology.of(one)).toMatchObject({ path: { id: path?.id }, hops: ["a", "b2", "z"] });
    expect(topology.startingWith(["a", "b2"])).toBe(path);
    // What was counted for the addresses counts for the router from now on.
    for (const id of before) expect(topology.countedAs(id)).toBe(path);
  });

  test("take over what was counted before more was known, or leave it to nobody where it may be several", () => {
    const { topology, flows: taking } = taught(["a", null, "z"]);
    const [gap] = topology.paths();
    topology.learn(taking[0] ?? makeFlow(), ["a", "b", "z"], 1);
    expect(topology.countedAs(gap?.id ?? "")?.hops).toEqual(["a", "b", "z"]);
    const [other] = flows(1);
    topology.learn(other ?? makeFlow(), ["a", "c", "z"], 1);
    expect(topology.countedAs(gap?.id ?? "")).toBeNull();
    expect(topology.countedAs("00000000")).toBeUndefined();
  });
});

test("a rotation takes nothing away from coverage, and new ports add to it", () => {
  const target = makeProbed({ flowBuckets: 8 });
  const topology = new Topology();
  let known = 0;
  for (let rotation = 0; rotation < 6; rotation += 1) {
    const now = rotation * 10 * MINUTE;
    for (const flow of target.flows) if (flow !== undefined) flow.active = false;
    topology.prune(now);
    expect(topology.coverage()).toBe(known);
    const next = Array.from({ length: 8 }, (_, at) =>
      makeFlowOf(target, at, 61_000 + 8 * rotation + at),
    );
    target.flows.splice(0, target.flows.length, ...next);
    next.forEach((flow, at) => {
      topology.learn(flow, ["a", at % 2 === 0 ? "b" : "c", "z"], now);
    });
    expect(topology.coverage()).toBeGreaterThan(known);
    known = topology.coverage();
  }
  topology.prune(111 * MINUTE);
  expect(topology.coverage()).toBeLessThan(known);
});

test("ways that are learnt one after the other tell what they tell all at once", () => {
  const random = seeded(printedSeed("ways one after the other"));
  for (let round = 0; round < 60; round += 1) {
    const [looked, unlooked] = [new Topology(), new Topology()];
    const all = flows(12);
    for (let step = 0; step < 40; step += 1) {
      const flow = random.pick(all);
      const hops = ["a", random.pick(["b", "c", "d", null]), random.pick(["e", "f", null]), "z"];
      expect(looked.learn(flow, hops, step)).toBe(unlooked.learn(flow, hops, step));
      looked.of(flow);
    }
    const shown = (topology: Topology) =>
      all.map((flow) => {
        const { path, ...way } = topology.of(flow) ?? { path: undefined };
        return { ...way, path: path?.id };
      });
    expect(shown(looked)).toEqual(shown(unlooked));
    const paths = (topology: Topology) => topology.paths().map(({ id }) => id);
    expect(paths(looked).sort()).toEqual(paths(unlooked).sort());
    expect(looked.coverage()).toBe(unlooked.coverage());
  }
});
