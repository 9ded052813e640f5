import { describe, expect, test } from "vitest";
import { printedSeed } from "../support/seed.ts";
import { parallel, type RouterPlan, SimulatedRouters } from "../support/simulated-routers.ts";
import { mostWithin, TracingRig } from "../support/tracing-rig.ts";

const DESTINATION = "198.51.100.2";

/** Routers one after the other. */
function chain(...routers: readonly (RouterPlan["answering"] | undefined)[]): SimulatedRouters {
  const plan: Record<string, RouterPlan> = {};
  routers.forEach((answering, at) => {
    const next = at + 1 < routers.length ? [`10.0.0.${at + 2}`] : [];
    plan[`10.0.0.${at + 1}`] = { next, answering: answering ?? "linux" };
  });
  return new SimulatedRouters(plan, DESTINATION, 1);
}

/** The most packets that any hop was asked in a second, from a moment on. */
function fastestAsked({ asked }: SimulatedRouters, since: number): number {
  const times = new Map<string, number[]>();
  for (const { who, at } of asked) {
    if (at >= since) times.set(who, [...(times.get(who) ?? []), at]);
  }
  return Math.max(...[...times.values()].map((each) => mostWithin(each, 1000)));
}

describe("packets", () => {
  // Twelve minutes in turns of 3 ms are simulated.
  const limit = { timeout: 60_000 };
  test("never ask a hop more often, nor all of them together, than a second allows", limit, () => {
    const seed = printedSeed("rates");
    for (const [total, perHop] of [
      [200, 10],
      [40, 4],
      [25, 20],
      [1, 1],
    ] as const) {
      const network = parallel(4, seed);
      const rig = new TracingRig(network, {
        packetsPerSecond: total,
        hopPacketsPerSecond: perHop,
        turnMs: 3,
      });
      rig.surveyor.start(rig.target);
      rig.run(90_000);
      // At first contact one hop goes by several names: behind each of the hops that lead to it.
      expect(fastestAsked(network, 0)).toBeLessThan(perHop + 4);
      const known = rig.now;
      network.faults.set("10.0.0.3", "drops after");
      rig.run(60_000);
      network.faults.set("10.0.0.100", "drops before");
      rig.run(30_000);
      expect(rig.sentAt.length).toBeGreaterThan(total * 5);
      expect(mostWithin(rig.sentAt, 1000)).toBeLessThanOrEqual(total);
      expect(fastestAsked(network, known)).toBeLessThanOrEqual(perHop);
    }
  });

  test("of a flow that goes on failing come in sweeps with growing pauses", () => {
    const network = chain("always", "always", "always");
    const rig = new TracingRig(network, { flows: 1 });
    rig.run(11_000);
    network.faults.set("10.0.0.2", "drops after");
    rig.probeAll();
    rig.run(3_600_000);
    const ends = rig.traced.filter(({ purpose }) => purpose === "failure").map(({ at }) => at);
    const pauses = ends.slice(1).map((at, index) => at - (ends[index] ?? 0));
    expect(pauses.length).toBeGreaterThan(10);
    pauses.slice(1).forEach((pause, index) => {
      expect(pause).toBeGreaterThan(0.9 * (pauses[index] ?? 0));
    });
    expect(pauses[0]).toBeLessThan(15_000);
    expect(pauses.at(-1)).toBeGreaterThan(290_000);
    expect(pauses.at(-1)).toBeLessThan(320_000);
  });
});

describe("a failing flow", () => {
  test("has no last hop before its first sweep has ended, then that of all sweeps", () => {
    const network = chain("always", "always");
    const rig = new TracingRig(network, { flows: 4 });
    rig.run(11_000);
    network.faults.set("10.0.0.2", "drops after");
    rig.probeAll();
    const [flow] = rig.flows;
    if (flow === undefined) throw new Error("no flow");
    expect(rig.tracer.resultOf(flow)).toBeUndefined();
    expect(rig.lastHops.current(flow)).toBe("unknown");
    rig.run(20_000);
    expect(rig.tracer.resultOf(flow)).toMatchObject({
      lastHop: "10.0.0.2",
      lastHopTtl: 2,
      seen: ["10.0.0.1", "10.0.0.2"],
      reached: false,
    });
  });

  test("behind a router that rejects has that router as its last hop", () => {
    const network = chain("always", "always", "always");
    const rig = new TracingRig(network, { flows: 8 });
    rig.run(11_000);
    network.faults.set("10.0.0.2", "rejects");
    rig.probeAll();
    rig.run(30_000);
    for (const flow of rig.flows) {
      expect(rig.tracer.resultOf(flow)).toMatchObject({ lastHop: "10.0.0.2", lastHopTtl: 2 });
    }
  });

  test("in a loop has the last hop where the loop begins, sweep after sweep", () => {
    const plan: Record<string, RouterPlan> = {
      "10.0.0.1": { next: ["10.0.0.2"] },
      "10.0.0.2": { next: ["10.0.0.3"] },
      "10.0.0.3": { next: ["10.0.0.4"] },
      "10.0.0.4": { next: ["10.0.0.2"] },
    };
    const rig = new TracingRig(new SimulatedRouters(plan, DESTINATION, 4), { flows: 2 });
    rig.probeAll();
    for (let minute = 0; minute < 20; minute += 1) {
      rig.run(60_000);
      for (const flow of rig.flows) {
        expect(rig.tracer.resultOf(flow)).toMatchObject({
          lastHop: "10.0.0.2",
          lastHopTtl: 2,
          seen: ["10.0.0.1", "10.0.0.2"],
        });
      }
    }
  });

  test("that no hop answers has the last hop none", () => {
    const network = chain("never", "never", "never");
    const rig = new TracingRig(network, { flows: 4 });
    rig.run(11_000);
    network.faults.set("10.0.0.2", "drops after");
    rig.probeAll();
    rig.run(30_000);
    for (const flow of rig.flows) expect(rig.lastHops.current(flow)).toBe("none");
  });

  test("that works again while it is swept is swept to the end, and its failure gets what was found", () => {
    const network = chain("always", "always");
    const rig = new TracingRig(network, { flows: 2, intervalMs: 100_000 });
    rig.probeAll();
    network.faults.set("10.0.0.1", "drops after");
    const [flow] = rig.flows;
    if (flow === undefined) throw new Error("no flow");
    rig.probe(flow);
    rig.run(200);
    rig.probe(flow, true);
    expect(rig.traced).toEqual([]);
    rig.run(10_000);
    const sweeps = (): number =>
      rig.traced.filter((one) => one.flow === flow && one.purpose === "failure").length;
    expect(sweeps()).toBe(1);
    expect(rig.byLastHop.get("10.0.0.1")).toEqual({ probes: 1, failures: 1 });
    network.faults.clear();
    rig.run(60_000);
    expect(sweeps()).toBe(1);
  });

  test("that was swept when it had healed is said to have reached the destination", () => {
    const rig = new TracingRig(chain("always", "always"), { flows: 1, intervalMs: 100_000 });
    const [flow] = rig.flows;
    if (flow === undefined) throw new Error("no flow");
    rig.probe(flow, false);
    rig.run(5_000);
    expect(rig.traced.map(({ result }) => result)).toMatchObject([
      { reached: true, lastHop: DESTINATION, destinationTtl: 3 },
    ]);
  });

  test("that cannot be swept for a minute, or before it works again, is told as untraceable", () => {
    const network = chain("always", "always");
    const rig = new TracingRig(network, { flows: 64, packetsPerSecond: 1 });
    rig.probeAll();
    network.faults.set("10.0.0.1", "drops after");
    rig.probeAll();
    rig.run(59_000);
    expect(rig.untraceable).toEqual([]);
    rig.run(3_000);
    expect(rig.untraceable.length).toBeGreaterThan(20);
    expect(rig.byLastHop.get("unknown")?.failures).toBeGreaterThan(20);
    const told = rig.untraceable.length;
    network.faults.clear();
    // Those that are not being swept give up when they work; no failure is left without a last hop.
    rig.probeAll();
    rig.run(600_000);
    expect(rig.untraceable.length).toBeGreaterThanOrEqual(told);
    const counted = [...rig.byLastHop.values()].reduce((sum, { failures }) => sum + failures, 0);
    expect(counted).toBe(rig.failures);
  });

  test("that works and fails again is swept anew: what a sweep under way met before is not of the new failure", () => {
    const network = chain("always", "always");
    const rig = new TracingRig(network, { flows: 2, intervalMs: 1e7, packetsPerSecond: 3 });
    rig.probeAll();
    const [flow] = rig.flows;
    if (flow === undefined) throw new Error("no flow");
    rig.probe(flow, false);
    rig.run(500);
    rig.probe(flow, true);
    network.faults.set("10.0.0.1", "drops after");
    flow.failures = 1;
    rig.probe(flow, false);
    rig.run(20_000);
    expect(rig.tracer.resultOf(flow)).toMatchObject({
      seen: ["10.0.0.1"],
      lastHop: "10.0.0.1",
      reached: false,
    });
  });

  test("is found anew once it is dead, where the destination answered its last sweep", () => {
    const network = chain("always", "always");
    const rig = new TracingRig(network, { flows: 2, intervalMs: 1e7 });
    rig.probeAll();
    const [flow] = rig.flows;
    if (flow === undefined) throw new Error("no flow");
    rig.probe(flow, false);
    rig.run(10);
    rig.probe(flow, true);
    flow.failures = 1;
    rig.probe(flow, false);
    rig.run(3000);
    expect(rig.tracer.resultOf(flow)).toMatchObject({ reached: true });
    network.faults.set("10.0.0.1", "drops after");
    for (let failures = 2; failures <= 4; failures += 1) {
      flow.failures = failures;
      // The destination answered that sweep: a flow that has failed twice since died after it.
      expect(rig.tracer.resultOf(flow) !== undefined).toBe(failures < 3);
      rig.probe(flow, false);
    }
    expect(rig.tracer.resultOf(flow)).toBeUndefined();
    rig.run(10_000);
    expect(rig.tracer.resultOf(flow)).toMatchObject({ lastHop: "10.0.0.1", reached: false });
  });

  test("is found anew once others have come back that failed as long, though they were never swept", () => {
    const network = chain("always", "always");
    const rig = new TracingRig(network, { flows: 64, packetsPerSecond: 3, intervalMs: 1e7 });
    rig.probeAll();
    network.faults.set("10.0.0.1", "drops after");
    const [first, ...others] = rig.flows;
    if (first === undefined) throw new Error("no flow");
    rig.probe(first);
    rig.run(12_000);
    expect(rig.tracer.resultOf(first)).toMatchObject({ lastHop: "10.0.0.1" });
    for (const flow of others) rig.probe(flow);
    rig.run(9000);
    const unswept = others.filter((flow) => rig.tracer.resultOf(flow) === undefined).slice(-2);
    for (const flow of unswept) rig.probe(flow, true);
    expect(unswept).toHaveLength(2);
    expect(rig.tracer.resultOf(first)).toBeUndefined();
  });

  test("is found although surveys of other targets take all the room they may", () => {
    const network = chain("always", "always");
    const rig = new TracingRig(network, { flows: 200, intervalMs: 1e7 });
    rig.probeAll();
    for (const flow of rig.flows.slice(0, 150)) rig.tracer.survey(flow, rig.now);
    rig.run(100);
    network.faults.set("10.0.0.2", "drops after");
    const flow = rig.flows.at(-1);
    if (flow === undefined) throw new Error("no flow");
    rig.probe(flow);
    rig.run(12_000);
    expect(rig.packets.survey).toBeGreaterThan(40);
    expect(rig.lastHops.current(flow)).toBe("10.0.0.2");
  });

  test("is accompanied by the sweep of a healthy flow, one a minute while sweeps go on", () => {
    const network = parallel(2, 7);
    const rig = new TracingRig(network, { flows: 16 });
    rig.run(11_000);
    network.faults.set("10.0.0.2", "drops after");
    rig.probeAll();
    const began = rig.now;
    rig.run(600_000);
    const controls = rig.traced.filter(({ purpose }) => purpose === "control");
    const sweeps = rig.traced.filter(({ purpose }) => purpose === "failure");
    expect(controls[0]?.at).toBeLessThan(began + 30_000);
    for (const { at } of sweeps) {
      expect(controls.some((control) => Math.abs(control.at - at) < 90_000)).toBe(true);
    }
    expect(controls.length).toBeLessThanOrEqual(10);
    for (const { flow, result } of controls) {
      expect(network.reaches(flow.sourcePort)).toBe(true);
      expect(result).toMatchObject({ reached: true, destinationTtl: 4 });
    }
  });
});

describe("an answer", () => {
  test("that nothing was asked for, or a second one to the same packet, is not taken", () => {
    const network = chain("always");
    const rig = new TracingRig(network, { flows: 1 });
    const [flow] = rig.flows;
    if (flow === undefined) throw new Error("no flow");
    const stray = {
      identification: 700,
      timestamp: undefined,
      kind: "hop",
      responder: rig.target.target.address,
      rateLimited: false,
    } as const;
    expect(rig.tracer.answer(flow, stray)).toBeUndefined();
    rig.tracer.survey(flow, rig.now);
    rig.tracer.turn(rig.now);
    const taken: (number | undefined)[] = [];
    network.deliver(rig.now + 1000, (to, answer) => {
      taken.push(rig.tracer.answer(to, answer), rig.tracer.answer(to, answer));
    });
    expect(taken).toEqual([1, undefined]);
  });

  test("without the timestamp option still tells the distance, with silent hops in between", () => {
    const network = chain("always", "never", "linux", "never");
    network.timestamps = false;
    const rig = new TracingRig(network, { flows: 20 });
    rig.surveyor.start(rig.target);
    rig.run(60_000);
    for (const flow of rig.flows) {
      expect(rig.topology.of(flow)?.hops).toEqual([
        "10.0.0.1",
        null,
        "10.0.0.3",
        null,
        DESTINATION,
      ]);
    }
  });

  test("of the target's own ICMP error is told, for its rate limit is spent", () => {
    const told: number[] = [];
    const rig = new TracingRig(chain("linux"), { flows: 1, onRateLimited: (at) => told.push(at) });
    const [flow] = rig.flows;
    if (flow === undefined) throw new Error("no flow");
    rig.tracer.survey(flow, rig.now);
    rig.tracer.turn(rig.now);
    rig.network.deliver(rig.now + 1000, (to, answer) =>
      rig.tracer.answer(to, { ...answer, rateLimited: true }),
    );
    expect(told).toEqual([rig.now]);
  });
});
