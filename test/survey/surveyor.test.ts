import { describe, expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { type Answering, type RouterPlan, SimulatedRouters } from "../support/simulated-routers.ts";
import { TracingRig } from "../support/tracing-rig.ts";

const DESTINATION = "198.51.100.2";

/**
 * A first router, then stages of equal ones; all of a stage lead to all of the next.
 * @param own each router has an address for every router before it, and answers from that of the way back
 */
function stages(
  seed: number,
  widths: readonly number[],
  answering: Answering = "linux",
  own: "one address" | "interfaces" = "one address",
): SimulatedRouters {
  const plan: Record<string, RouterPlan> = {};
  const all = [1, ...widths];
  all.forEach((width, stage) => {
    const next = Array.from({ length: all[stage + 1] ?? 0 }, (_, at) => `10.${stage + 1}.0.${at}`);
    const interfaces = own === "interfaces" ? (all[stage - 1] ?? 1) : 1;
    for (let at = 0; at < width; at += 1) {
      const addresses = Array.from({ length: interfaces }, (_, of) => `10.${stage}.${of}.${at}`);
      plan[`10.${stage}.0.${at}`] = { next, answering, addresses };
    }
  });
  return new SimulatedRouters(plan, DESTINATION, seed);
}

function surveyed(network: SimulatedRouters, ms: number, flows = 64): TracingRig {
  const rig = new TracingRig(network, { flows });
  rig.surveyor.start(rig.target);
  rig.run(ms);
  return rig;
}

function found(rig: TracingRig, flow: ProbedFlow): readonly (string | null)[] | undefined {
  return rig.topology.of(flow)?.hops;
}

function first({ flows: [flow] }: TracingRig): ProbedFlow {
  if (flow === undefined) throw new Error("there are flows");
  return flow;
}

/** Every flow's path is what a survey can show of the true one, and there is no other. */
function expectTruth(rig: TracingRig): void {
  const truth = new Set<string>();
  for (const flow of rig.flows) {
    const path = rig.network.visiblePath(flow.sourcePort);
    truth.add(path.join());
    expect(found(rig, flow)).toEqual(path);
  }
  const paths = rig.topology.paths().map(({ hops }) => hops.join());
  expect(new Set(paths)).toEqual(truth);
  expect(paths).toHaveLength(truth.size);
}

describe("a survey", () => {
  test("finds all 12 paths of three by four routers with 64 flows, within one minute and 256 packets", () => {
    const random = seeded(printedSeed("three by four"));
    for (let round = 0; round < 5; round += 1) {
      const rig = surveyed(stages(random.between(0, 2 ** 31), [3, 4]), 60_000);
      expectTruth(rig);
      const all = new Set(rig.flows.map((flow) => rig.network.route(flow.sourcePort).join()));
      expect(rig.topology.taken().size).toBe(all.size);
      expect(rig.packets.survey).toBeLessThan(256);
      expect(rig.packets).toMatchObject({ failure: 0, control: 0 });
      expect(rig.pathChanges).toBe(0);
    }
  });

  test("takes few packets more where routers answer from several addresses", () => {
    const random = seeded(printedSeed("interfaces"));
    for (let round = 0; round < 3; round += 1) {
      const network = stages(random.between(0, 2 ** 31), [3, 4, 1], "linux", "interfaces");
      const rig = surveyed(network, 120_000);
      for (const flow of rig.flows) {
        const names = found(rig, flow)?.map((hop) => hop?.replace(/^(10\.\d+)\.\d+/, "$1.0"));
        expect(names).toEqual(network.route(flow.sourcePort));
      }
      expect(rig.packets.survey).toBeLessThan(384);
    }
  });

  test("does not wait long for routers that never answer", () => {
    const random = seeded(printedSeed("silent routers"));
    for (let round = 0; round < 3; round += 1) {
      const network = stages(random.between(0, 2 ** 31), [3, 4]);
      for (const silent of ["10.1.0.1", "10.2.0.2"]) {
        const { next = [] } = network.plan.get(silent) ?? {};
        network.plan.set(silent, { next, answering: "never" });
      }
      // 24 drawn networks took 120 to 154 s.
      const rig = surveyed(network, 180_000);
      expectTruth(rig);
      // Four more sweeps in each place tell a router that never answers from one that rate-limits.
      // 49 drawn networks took 415 to 510 packets.
      expect(rig.packets.survey).toBeLessThan(560);
    }
  });

  test("finds the truth of random networks, silent routers and paths of unequal length included", () => {
    const random = seeded(printedSeed("random networks"));
    for (let round = 0; round < 10; round += 1) {
      const plan: Record<string, RouterPlan> = {};
      const width = random.between(1, 5);
      const branches = Array.from({ length: width }, (_, at) => `10.1.0.${at}`);
      plan["10.0.0.1"] = { next: branches };
      for (const [at, branch] of branches.entries()) {
        // Some branches have a router more than others.
        const detour = `10.2.0.${at}`;
        const longer = random.chance(0.4);
        const answering = random.chance(0.2) ? "never" : "linux";
        plan[branch] = { next: [longer ? detour : "10.3.0.1"], answering };
        if (longer) plan[detour] = { next: ["10.3.0.1"] };
      }
      plan["10.3.0.1"] = { next: [] };
      const network = new SimulatedRouters(plan, DESTINATION, random.between(0, 2 ** 31));
      expectTruth(surveyed(network, 240_000, 48));
    }
  });

  test("needs no timestamp in the destination's answers", () => {
    const network = stages(5, [3]);
    network.timestamps = false;
    expectTruth(surveyed(network, 120_000));
  });

  test("asks what all flows share, be it silent, of 24 flows only", () => {
    const network = stages(1, [1, 1, 1], "always");
    network.plan.set("10.1.0.0", { next: ["10.2.0.0"], answering: "never" });
    const rig = surveyed(network, 120_000, 200);
    expectTruth(rig);
    expect(rig.surveyor.shared(first(rig), 1, null)).toBe("10.0.0.0");
    expect(rig.surveyor.shared(first(rig), 2, null)).toBeNull();
    expect(rig.surveyor.shared(first(rig), 5, null)).toBe(DESTINATION);
    expect(rig.surveyor.shared(first(rig), 6, null)).toBeUndefined();
    const asked = rig.network.asked.filter(({ who }) => who === "10.2.0.0").length;
    expect(asked).toBeGreaterThanOrEqual(24);
    expect(asked).toBeLessThan(36);
  });

  test("shares nothing where two flows differ", () => {
    const rig = surveyed(stages(3, [2], "always"), 60_000);
    expect(rig.surveyor.shared(first(rig), 2, null)).toBeUndefined();
    expect(rig.surveyor.shared(first(rig), 1, null)).toBe("10.0.0.0");
  });

  test("waits for flows that were not probed yet or fail, and takes them when they work", () => {
    const network = stages(1, [2], "always");
    const rig = new TracingRig(network, { flows: 16 });
    rig.surveyor.start(rig.target);
    network.faults.set("10.1.0.0", "drops after");
    rig.run(90_000);
    for (const flow of rig.flows) {
      expect(found(rig, flow) !== undefined).toBe(network.reaches(flow.sourcePort));
    }
    expect(rig.failing().length).toBeGreaterThan(0);
    network.faults.clear();
    rig.run(90_000);
    expectTruth(rig);
  });

  test("tells a flow that has failed nothing of what others met, and all others everything", () => {
    const network = stages(1, [2, 1], "always");
    const rig = surveyed(network, 60_000);
    network.faults.set("10.1.0.0", "drops after");
    rig.run(15_000);
    network.faults.clear();
    rig.run(15_000);
    for (const flow of rig.flows) {
      const hasFailed = network.route(flow.sourcePort).includes("10.1.0.0");
      expect(rig.surveyor.shared(flow, 1, "source")).toBe(hasFailed ? undefined : "10.0.0.0");
    }
    rig.surveyor.start(rig.target);
    rig.run(60_000);
    for (const flow of rig.flows) expect(rig.surveyor.shared(flow, 1, "source")).toBe("10.0.0.0");
  });

  test("of a flow whose way changes says so, in the next round", () => {
    const network = stages(1, [1, 1], "always");
    const rig = surveyed(network, 30_000, 16);
    network.plan.set("10.9.0.0", { next: ["10.2.0.0"], answering: "always" });
    network.plan.set("10.0.0.0", { next: ["10.9.0.0"], answering: "always" });
    rig.run(30_000);
    expect(rig.pathChanges).toBe(0);
    rig.surveyor.start(rig.target);
    rig.run(30_000);
    expect(rig.pathChanges).toBe(16);
    for (const flow of rig.flows) expect(found(rig, flow)?.[1]).toBe("10.9.0.0");
  });

  test("that is asked for while another runs follows it, and needs fewer packets", () => {
    const rig = surveyed(stages(5, [3, 4]), 2000);
    for (let second = 0; second < 20; second += 1) {
      rig.surveyor.start(rig.target);
      rig.run(1000);
    }
    const first = rig.packets.survey;
    rig.run(15_000);
    expectTruth(rig);
    rig.run(120_000);
    expect(rig.packets.survey - first).toBeGreaterThan(64);
    expect(rig.packets.survey).toBeLessThan(420);
  });

  test("lets nobody wait for flows that were given up short of the destination", () => {
    const rig = new TracingRig(stages(1, [2]), { flows: 64 });
    rig.surveyor.start(rig.target);
    const asked = rig.flows.slice(0, 24);
    const [other] = rig.flows.slice(24);
    for (const flow of asked) rig.surveyor.asked(flow, 1, "source");
    if (other === undefined) throw new Error("there are more flows than are asked");
    expect(rig.surveyor.waits(other, 1, "source")).toBe(true);
    const short = {
      lastHop: "10.0.0.0",
      lastHopTtl: 1,
      seen: ["10.0.0.0"],
      reached: false,
      way: [],
    };
    for (const flow of asked) {
      // The last try is believed to have been in vain.
      for (let tries = 0; tries < 3; tries += 1) {
        rig.surveyor.asked(flow, 1, "source");
        rig.surveyor.finished(flow, { ...short, wholeAt: 0, destinationTtl: undefined }, rig.now);
      }
    }
    expect(rig.surveyor.waits(other, 1, "source")).toBe(false);
  });

  test("serves a flow first whose silence is doubted, until it is cleared up: all others wait for it", () => {
    const rig = new TracingRig(stages(1, [2]), { flows: 16 });
    rig.surveyor.start(rig.target);
    const [met, silent] = rig.flows;
    if (met === undefined || silent === undefined) throw new Error("there are flows");
    rig.surveyor.asked(met, 1, "source");
    rig.surveyor.met(met, 1, "source", "10.0.0.0");
    const found = (first: string | null) => ({
      lastHop: DESTINATION,
      lastHopTtl: 3,
      seen: [],
      reached: true,
      way: [first, "10.1.0.0"],
      wholeAt: 0,
      destinationTtl: 3,
    });
    rig.surveyor.asked(silent, 1, "source");
    rig.surveyor.finished(silent, found(null), rig.now);
    expect(rig.surveyor.rank(silent)).toBeLessThan(rig.surveyor.rank(met));
    rig.surveyor.asked(silent, 1, "source");
    rig.surveyor.finished(silent, found("10.0.0.0"), rig.now);
    expect(rig.surveyor.rank(silent)).toBe(rig.surveyor.rank(met));
  });

  test("ends for a target that is gone", () => {
    const rig = new TracingRig(stages(1, [2]), { flows: 16 });
    rig.surveyor.start(rig.target);
    rig.surveyor.forget(rig.target);
    rig.run(60_000);
    expect(rig.packets.survey).toBe(0);
    expect(rig.surveyor.shared(first(rig), 1, null)).toBeUndefined();
  });
});

describe("probes of flows with and without paths", () => {
  test("add up to all probes, by last hop and by path, once everything is traced", () => {
    const random = seeded(printedSeed("sums"));
    const network = stages(random.between(0, 2 ** 31), [3, 2]);
    const rig = surveyed(network, 100_000);
    network.faults.set("10.1.0.1", "drops after");
    rig.run(200_000);
    network.faults.clear();
    rig.run(120_000);
    expect(rig.failures).toBeGreaterThan(50);
    for (const counts of [rig.byLastHop, rig.byPath]) {
      const sum = { probes: 0, failures: 0 };
      for (const { probes, failures } of counts.values()) {
        sum.probes += probes;
        sum.failures += failures;
      }
      expect(sum).toEqual({ probes: rig.probes, failures: rig.failures });
    }
    expect(rig.byPath.has("unknown")).toBe(false);
  });
});
