import { describe, expect, test } from "vitest";
import { AliasResolution } from "../../src/survey/alias-resolution.ts";
import { RouterIdentity } from "../../src/topology/router-identity.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { type RouterPlan, SimulatedRouters } from "../support/simulated-routers.ts";
import { mostWithin, TracingRig } from "../support/tracing-rig.ts";

const DESTINATION = "198.51.100.2";
const TURN_MS = 5;

/** Whose address a router answers with. */
type Answers = "outgoing" | "incoming" | "one";

/** A first router, then stages of equal ones, all of a stage lead to all of the next. `10.STAGE.INTERFACE.ROUTER`. */
function stages(
  seed: number,
  widths: readonly number[],
  answers: Answers,
  answering: RouterPlan["answering"] = "linux",
): SimulatedRouters {
  const plan: Record<string, RouterPlan> = {};
  const all = [1, ...widths];
  all.forEach((width, stage) => {
    const next = Array.from({ length: all[stage + 1] ?? 0 }, (_, at) => `10.${stage + 1}.0.${at}`);
    const interfaces = Array.from({ length: all[stage - 1] ?? 1 }, (_, of) => of);
    for (let at = 0; at < width; at += 1) {
      const address = (of: number): string => `10.${stage}.${of}.${at}`;
      const facing = new Map(interfaces.map((of) => [`10.${stage - 1}.0.${of}`, address(of)]));
      const own = { outgoing: interfaces.map(address), incoming: facing, one: [address(0)] };
      plan[address(0)] = { next, answering, addresses: own[answers] };
    }
  });
  return new SimulatedRouters(plan, DESTINATION, seed);
}

/** Lets a rig learn its paths, then looks for aliases. */
function resolved(network: SimulatedRouters, ms: number, hopPacketsPerSecond = 10) {
  const rig = new TracingRig(network, { flows: 64, hopPacketsPerSecond });
  const routers = new RouterIdentity({ changes: 0, nameOf: () => undefined });
  const asked: { readonly at: number; readonly ttl: number }[] = [];
  const aliases = new AliasResolution({
    hopPacketsPerSecond: () => hopPacketsPerSecond,
    targets: () => [rig.target],
    topology: () => rig.topology,
    routers,
    ask: (flow, ttl, now, told) => {
      asked.push({ at: now, ttl });
      return rig.tracer.asks.ask(flow, ttl, now, told);
    },
    isIdle: () => rig.tracer.isIdle,
  });
  const run = (time: number): void => {
    for (const end = rig.now + time; rig.now < end; ) {
      rig.run(TURN_MS);
      aliases.turn(rig.now);
    }
  };
  rig.surveyor.start(rig.target);
  run(ms);
  return { rig, routers, asked, aliases, run };
}

/** Addresses that flows met, by the router that they are held to be of. */
function groupsOf({ rig, routers }: ReturnType<typeof resolved>): string[][] {
  const groups = new Map<string, Set<string>>();
  for (const flow of rig.flows) {
    for (const hop of rig.topology.of(flow)?.hops.slice(0, -1) ?? []) {
      if (hop === null) continue;
      const router = routers.routerOf(hop)?.router ?? hop;
      groups.set(router, (groups.get(router) ?? new Set()).add(hop));
    }
  }
  return [...groups.values()].map((group) => [...group].sort()).sort();
}

/** The same by the routers that there are. */
function truthOf({ rig }: ReturnType<typeof resolved>): string[][] {
  const groups = new Map<string, Set<string>>();
  for (const flow of rig.flows) {
    for (const hop of rig.topology.of(flow)?.hops.slice(0, -1) ?? []) {
      const router = hop?.replace(/^(10\.\d+)\.\d+/, "$1") ?? "";
      groups.set(router, (groups.get(router) ?? new Set()).add(hop ?? ""));
    }
  }
  return [...groups.values()].map((group) => [...group].sort()).sort();
}

describe("alias resolution", () => {
  test("finds the addresses of each router that answers from the interface by which its answer leaves", () => {
    const random = seeded(printedSeed("aliases"));
    for (const widths of [
      [4, 4],
      [3, 3, 1],
      [2, 4],
    ]) {
      const network = stages(random.between(0, 2 ** 31), widths, "outgoing");
      const found = resolved(network, 240_000);
      expect(groupsOf(found)).toEqual(truthOf(found));
    }
  });

  test("never joins two routers, whatever they answer with and however often they answer", () => {
    const random = seeded(printedSeed("aliases of nobody"));
    for (const answers of ["incoming", "one", "outgoing"] as const) {
      for (const answering of ["linux", "always", "one in five"] as const) {
        const network = stages(random.between(0, 2 ** 31), [3, 4, 2], answers, answering);
        const found = resolved(network, 240_000);
        for (const group of groupsOf(found)) {
          const routers = new Set(group.map((hop) => hop.replace(/^(10\.\d+)\.\d+/, "$1")));
          expect(routers.size, `${answers} ${answering}: ${group}`).toBe(1);
        }
      }
    }
  });

  test("asks nobody where each address follows on one hop, as where routers answer from the incoming interface", () => {
    const random = seeded(printedSeed("incoming"));
    const { asked } = resolved(stages(random.between(0, 2 ** 31), [3, 4], "incoming"), 150_000);
    expect(asked).toEqual([]);
  });

  test("asks no router more often than it may, and soon gives up on one without a limit", () => {
    const random = seeded(printedSeed("unlimited"));
    const network = stages(random.between(0, 2 ** 31), [4, 4], "one", "always");
    const { asked } = resolved(network, 240_000);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(60);
    for (const router of network.plan.keys()) {
      const times = network.asked.filter(({ who }) => who === router).map(({ at }) => at);
      expect(mostWithin(times.slice(-asked.length), 1000)).toBeLessThanOrEqual(11);
    }
  });

  test("does nothing where hops may be asked so seldom that no limit would be used up", () => {
    const random = seeded(printedSeed("slow"));
    const { asked } = resolved(stages(random.between(0, 2 ** 31), [2, 2], "outgoing"), 240_000, 2);
    expect(asked).toEqual([]);
  });

  test("stops as soon as a flow fails, and asks again once all work", () => {
    const random = seeded(printedSeed("fault"));
    const network = stages(random.between(0, 2 ** 31), [4, 4], "outgoing");
    const found = resolved(network, 0);
    while (!found.aliases.isTesting && found.rig.now < 200_000) found.run(100);
    expect(found.aliases.isTesting).toBe(true);
    network.faults.set("10.1.0.2", "drops after");
    found.run(10_000);
    const { length } = found.asked;
    found.run(20_000);
    expect(found.asked).toHaveLength(length);
    network.faults.clear();
    found.run(240_000);
    expect(groupsOf(found)).toEqual(truthOf(found));
  });
});
