import { describe, expect, test } from "vitest";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import {
  type Fault,
  parallel,
  type RouterPlan,
  SimulatedRouters,
} from "../support/simulated-routers.ts";
import { TracingRig } from "../support/tracing-rig.ts";

const DESTINATION = "198.51.100.2";

/** What the rig says of every failing flow, and what is true. */
function lastHops(rig: TracingRig): { told: string[]; truth: string[] } {
  const failing = rig.flows.filter(({ state }) => state === "failing");
  return {
    told: failing.map((flow) => rig.lastHops.current(flow)),
    truth: failing.map((flow) => rig.network.lastHop(flow.sourcePort)),
  };
}

describe("the last hops of all flows behind one broken router", () => {
  for (const fault of ["drops before", "drops after"] as const) {
    for (const surveyed of [true, false]) {
      const known = surveyed ? "paths known beforehand" : "nothing known beforehand";
      test(`are right within 34 s when it ${fault} the TTL check, with ${known}`, () => {
        const random = seeded(printedSeed(`${fault} ${surveyed}`));
        for (let checked = 0; checked < 3; ) {
          const network = parallel(3, random.between(0, 2 ** 31));
          const rig = new TracingRig(network);
          if (surveyed) rig.surveyor.start(rig.target);
          rig.run(surveyed ? 60_000 : 11_000);
          const broken = random.pick(["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
          network.faults.set(broken, fault);
          rig.probeAll();
          // More come about by chance; this many are the ones promised.
          if (rig.failing().length < 16 || rig.failing().length > 25) continue;
          checked += 1;
          rig.run(34_000);
          const { told, truth } = lastHops(rig);
          expect(new Set(truth)).toEqual(new Set([fault === "drops after" ? broken : "10.0.0.1"]));
          expect(told).toEqual(truth);
          // They stay right.
          rig.run(120_000);
          expect(lastHops(rig).told).toEqual(truth);
          expect(rig.network.reaches(rig.failing()[0] ?? 0)).toBe(false);
        }
      });
    }
  }

  for (const fault of ["drops before", "drops after"] as const) {
    test(`are right within 34 s when it ${fault} the TTL check while paths are being learnt`, () => {
      const random = seeded(printedSeed(`learning, ${fault}`));
      for (const healthyMs of [2000, 5000, 10_000, 20_000]) {
        const network = parallel(8, random.between(0, 2 ** 31));
        const rig = new TracingRig(network, { intervalMs: 2000 });
        rig.surveyor.start(rig.target);
        rig.run(healthyMs);
        network.faults.set("10.0.0.8", fault);
        rig.run(34_000);
        const found = rig.flows
          .filter(({ state }) => state === "failing")
          .map((flow) => [flow.sourcePort, rig.tracer.resultOf(flow)?.lastHop]);
        expect(found.length).toBeGreaterThan(0);
        expect(found).toEqual(rig.failing().map((port) => [port, network.lastHop(port)]));
      }
    });
  }

  // One test for each: together they take longer than a test may on a busy machine.
  for (let round = 1; round <= 6; round += 1) {
    test(`are right on random network ${round}, with silent routers and some that answer one in five`, () => {
      const random = seeded(printedSeed(`random network ${round}`));
      const stages = random.between(1, 4);
      const plan: Record<string, RouterPlan> = {};
      const widths = Array.from({ length: stages }, () => random.between(1, 4));
      widths.forEach((width, stage) => {
        const next = Array.from(
          { length: widths[stage + 1] ?? 0 },
          (_, at) => `10.${stage + 2}.0.${at}`,
        );
        for (let at = 0; at < width; at += 1) {
          const kind = random.chance(0.15) ? "never" : random.chance(0.1) ? "one in five" : "linux";
          plan[`10.${stage + 1}.0.${at}`] = { next, answering: kind };
        }
      });
      const network = new SimulatedRouters(
        {
          "10.0.0.1": { next: Object.keys(plan).filter((hop) => hop.startsWith("10.1.")) },
          ...plan,
        },
        DESTINATION,
        random.between(0, 2 ** 31),
      );
      const rig = new TracingRig(network, { flows: 32 });
      rig.surveyor.start(rig.target);
      rig.run(120_000);
      const fault = random.pick<Fault>(["drops before", "drops after", "rejects"]);
      network.faults.set(random.pick(Object.keys(plan)), fault);
      rig.run(200_000);
      for (const flow of rig.flows.filter(({ state }) => state === "failing")) {
        const truth = network.lastHop(flow.sourcePort);
        const told = rig.lastHops.current(flow);
        // A router that answers one in five may not have answered the last sweep: then a hop before it is told.
        if (plan[truth]?.answering !== "one in five") expect(told, fault).toBe(truth);
        const route = network.route(flow.sourcePort);
        expect(["none", ...route.slice(0, route.indexOf(truth) + 1)]).toContain(told);
      }
    });
  }
});
