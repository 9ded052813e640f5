import { describe, expect, test } from "vitest";
import { ManyTargetsRig } from "../support/many-targets-rig.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { parallel } from "../support/simulated-routers.ts";

/** Minutes of many flows are simulated, which takes seconds of a machine that has nothing else to do. */
const LIMIT_MS = 60_000;

/** Every path that is told of a target is one that its flows take. */
function expectNothingInvented(rig: ManyTargetsRig): void {
  for (const target of rig.targets) {
    const to = target.target.address.text;
    for (const flow of target.flows) {
      const hops = flow && rig.topology(target).of(flow)?.hops;
      if (flow === undefined || hops === undefined) continue;
      const route = rig.network.route(flow.sourcePort, to);
      // A router whose rate limit was used up may not have been met yet.
      const routers = hops.map(
        (hop, at) => hop?.replace(/^10\.0\.1\.\d+$/, "10.0.0.100") ?? route[at],
      );
      expect(routers).toEqual(route);
    }
  }
}

function complete(rig: ManyTargetsRig, width: number): number {
  return rig.targets.filter((target) => rig.topology(target).paths().length === width).length;
}

describe("surveys of many targets behind the same routers, each of which answers once a second", () => {
  for (const inbound of [false, true]) {
    const answers = inbound ? "facing the asker" : "one";
    test(`find the four paths of nearly all of twenty within 80 s, last router's address: ${answers}`, {
      timeout: LIMIT_MS,
    }, () => {
      const seed = seeded(printedSeed(`twenty ${inbound}`)).between(0, 2 ** 31);
      const rig = new ManyTargetsRig(parallel(4, seed, inbound), 20, 32);
      rig.start();
      rig.run(30_000);
      // Nobody waits for another target to be done with.
      expect(complete(rig, 1) + complete(rig, 2) + complete(rig, 3) + complete(rig, 4)).toBe(20);
      rig.run(50_000);
      expect(complete(rig, 4)).toBeGreaterThanOrEqual(14);
      expect(complete(rig, 3) + complete(rig, 4)).toBeGreaterThanOrEqual(18);
      expectNothingInvented(rig);
      // What all have in common is asked of few: once a target at the most, and of those that showed it.
      const first = rig.network.asked.filter(({ who }) => who === "10.0.0.1").length;
      const last = rig.network.asked.filter(({ who }) => who === "10.0.0.100").length;
      expect(first).toBeLessThan(48);
      expect(last).toBeLessThan(96);
      expect(rig.packets).toMatchObject({ failure: 0, control: 0 });
    });
  }

  test("fetch nearly every answer that the routers have to give", { timeout: LIMIT_MS }, () => {
    const seed = seeded(printedSeed("rate limits")).between(0, 2 ** 31);
    const rig = new ManyTargetsRig(parallel(4, seed), 60, 32);
    rig.start();
    rig.run(40_000);
    const before = rig.network.asked.length;
    rig.run(30_000);
    const asked = rig.network.asked.slice(before);
    const middle = asked.filter(({ who }) => /^10\.0\.0\.[2-5]$/.test(who)).length;
    expect(middle).toBeGreaterThan(4 * 30 * 0.85);
  });

  test("see that one target stands behind another router", { timeout: LIMIT_MS }, () => {
    const seed = seeded(printedSeed("exception")).between(0, 2 ** 31);
    const network = parallel(2, seed);
    const rig = new ManyTargetsRig(network, 20, 32);
    const odd = rig.targets[13];
    if (odd === undefined) throw new Error("there are twenty");
    network.detours.set(odd.target.address.text, new Map([["10.0.0.100", "10.0.0.200"]]));
    network.plan.set("10.0.0.200", { next: [] });
    rig.start();
    rig.run(120_000);
    const found = odd.flows.flatMap((flow) => (flow && rig.topology(odd).of(flow)?.hops) ?? []);
    expect(found).toContain("10.0.0.200");
    expect(found).not.toContain("10.0.0.100");
    expectNothingInvented(rig);
  });
});
