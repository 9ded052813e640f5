import { describe, expect, test } from "vitest";
import { ManyTargetsRig } from "../support/many-targets-rig.ts";
import { type Random, seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { parallel, type SimulatedRouters } from "../support/simulated-routers.ts";
import { routerOf, stages } from "../support/staged-routers.ts";
import { invented } from "../support/told-paths.ts";

/** How many networks of each kind; `SEEDS=200` for a search. */
const SEEDS = Number(process.env["SEEDS"] ?? 1);

/** The same for all routers of a stage. */
const stageOf = (address: string): string => address.replace(/^(10\.\d+)\..*/, "$1");

const NETWORKS: Readonly<Record<string, (random: Random) => SimulatedRouters>> = {
  "four routers": (random) => stages(random, [1, 4, 1]),
  "four routers, answers from the interface that faces the asker": (random) =>
    stages(random, [1, 4, 1], [], "incoming"),
  "four routers, answers from the interface that the answer leaves by": (random) =>
    stages(random, [1, 4, 1], [], "outgoing"),
  "a silent router beside one that answers": (random) => stages(random, [1, 2, 1], ["10.1.0.1"]),
  "a silent router beside three": (random) => stages(random, [1, 4, 1], ["10.1.0.2"], "incoming"),
  "a silent router behind all": (random) => stages(random, [1, 3, 1, 1], ["10.2.0.0"]),
  "a silent router before all": (random) => stages(random, [1, 1, 3, 1], ["10.1.0.0"]),
  "a silent router of the second stage": (random) =>
    stages(random, [1, 2, 2, 1], ["10.2.0.1"], "incoming"),
  "two stages": (random) => stages(random, [1, 3, 3, 1], [], "incoming"),
};

describe("surveys of many targets behind the same routers, each of which answers once a second", () => {
  for (const [name, network] of Object.entries(NETWORKS)) {
    test(`invent nothing: ${name}`, { timeout: 60_000 * SEEDS }, () => {
      const seed = printedSeed(name);
      for (let round = 0; round < SEEDS; round += 1) {
        const rig = new ManyTargetsRig(network(seeded(seed + round)), 8, 12);
        rig.start();
        for (let look = 0; look < 4; look += 1) {
          rig.run(20_000);
          expect(invented(rig, routerOf), `seed ${seed + round}, look ${look}`).toEqual([]);
        }
        rig.start();
        rig.run(40_000);
        expect(invented(rig, routerOf), `seed ${seed + round}, second round`).toEqual([]);
      }
    });
  }

  test("do not take for everybody's what an ICMP target's flows meet, which all take one path", {
    timeout: 60_000 * SEEDS,
  }, () => {
    const seed = printedSeed("one path of a target");
    for (let round = 0; round < Math.max(6, SEEDS); round += 1) {
      const network = stages(seeded(seed + round), [1, 4, 1], [], "incoming");
      const rig = new ManyTargetsRig(network, 6, 24, 1);
      for (let survey = 0; survey < 4; survey += 1) {
        rig.start();
        rig.run(40_000);
        expect(invented(rig, routerOf), `seed ${seed + round}, survey ${survey}`).toEqual([]);
      }
    }
  });

  test("know hops that packets of one flow take turns over for what they are", {
    timeout: 60_000 * SEEDS,
  }, () => {
    const seed = printedSeed("by packet");
    for (let round = 0; round < SEEDS; round += 1) {
      const network = stages(seeded(seed + round), [1, 3, 1], [], "incoming");
      const first = network.plan.get("10.0.0.0");
      if (first === undefined) throw new Error("there is a first router");
      network.plan.set("10.0.0.0", { ...first, byPacket: true });
      const rig = new ManyTargetsRig(network, 6, 12);
      rig.start();
      rig.run(240_000);
      expect(invented(rig, stageOf), `seed ${seed + round}`).toEqual([]);
      for (const target of rig.targets) {
        const topology = rig.topology(target);
        expect(topology.perPacketTtls.has(2), `seed ${seed + round}`).toBe(true);
      }
    }
  });

  test("find the four paths of each of thirty targets, and ask what all have in common of few", {
    timeout: 120_000,
  }, () => {
    const seed = seeded(printedSeed("thirty")).between(0, 2 ** 31);
    const rig = new ManyTargetsRig(parallel(4, seed, true), 30, 32);
    rig.start();
    rig.run(30_000);
    const some = rig.targets.filter((target) => rig.topology(target).taken().size > 0).length;
    // Nobody waits for another target to be done with.
    rig.run(120_000);
    const all = rig.targets.filter((target) => rig.topology(target).taken().size === 4).length;
    const asked = (router: string) => rig.network.asked.filter(({ who }) => who === router).length;
    console.log(
      `30 s: ${some} targets know a path; 150 s: ${all} know all; first router asked ${asked("10.0.0.1")}, last ${asked("10.0.0.100")}`,
    );
    expect(all).toBeGreaterThanOrEqual(28);
    expect(asked("10.0.0.1")).toBeLessThan(60);
    // Its answers tell by which router a flow came, once it is known which of its addresses faces whom.
    expect(asked("10.0.0.100")).toBeLessThan(320);
    expect(rig.packets).toMatchObject({ failure: 0, control: 0 });
  });

  test("find the eight paths of each of thirty targets as quickly as routers answer", {
    timeout: 120_000,
  }, () => {
    const seed = seeded(printedSeed("thirty behind eight")).between(0, 2 ** 31);
    const rig = new ManyTargetsRig(parallel(8, seed, true), 30);
    rig.start();
    // Eight routers chosen at random are met by 21.7 flows in the mean, so 652 answers are needed, of eight a second. The last router,
    // which answers once a second, is asked by 16 flows behind each of the eight. Four drawn networks took 140 to 150 s.
    rig.run(180_000);
    const all = rig.targets.filter((target) => rig.topology(target).taken().size === 8).length;
    // 64 flows miss one of eight paths in one target of six hundred.
    expect(all).toBeGreaterThanOrEqual(28);
    expect(rig.targets.filter((target) => rig.topology(target).taken().size > 8)).toEqual([]);
  });

  test("see that one target stands behind another router", () => {
    const seed = seeded(printedSeed("exception")).between(0, 2 ** 31);
    const network = parallel(2, seed);
    const rig = new ManyTargetsRig(network, 12, 16);
    const odd = rig.targets[7];
    if (odd === undefined) throw new Error("there are twelve");
    network.detours.set(odd.target.address.text, new Map([["10.0.0.100", "10.0.0.200"]]));
    network.plan.set("10.0.0.200", { next: [] });
    rig.start();
    rig.run(120_000);
    const found = odd.flows.flatMap((flow) => (flow && rig.topology(odd).of(flow)?.hops) ?? []);
    expect(found).toContain("10.0.0.200");
    expect(found).not.toContain("10.0.0.100");
    expect(invented(rig, (address) => address)).toEqual([]);
  });
});
