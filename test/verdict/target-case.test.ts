import { describe, expect, test } from "vitest";
import { Topology } from "../../src/topology/topology.ts";
import type { TraceResult } from "../../src/trace/trace.ts";
import { ReportedFailures } from "../../src/verdict/reported-failures.ts";
import { caseOf } from "../../src/verdict/target-case.ts";
import type { TargetPaths } from "../../src/verdict/target-paths.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const FAILED = { probes: 4, failures: 4, streak: 4 };
const SWEPT = {
  lastHop: "b",
  lastHopTtl: 2,
  seen: ["a", "b"],
  reached: false,
  destinationTtl: undefined,
  way: [],
  wholeAt: 0,
} satisfies TraceResult;

/** What is known of a target's paths, by the counts of its flows. */
function pathsOf(topology: Topology, counts: unknown, waysFrom = Number.NEGATIVE_INFINITY) {
  return {
    topology,
    waysFrom,
    evidence: { telling: () => counts, latestOf: () => ({}) },
    reported: new ReportedFailures(),
    controls: { since: () => ({}) },
    oneWay: { of: () => undefined },
  } as unknown as TargetPaths;
}

/** What sweeps have found of any flow; no address is known to be a router's. */
const seenBy = (traced: TraceResult | undefined) =>
  ({ traced: () => traced, routers: { of: () => ({}) } }) as never;

/** What is known of one flow that fails, of which a sweep found this. */
function evidenceOf(unfinished: boolean, traced: TraceResult | undefined) {
  const target = makeProbed({ flowBuckets: 1 });
  const flow = makeFlowOf(target, 0, 61_000);
  flow.unfinished = unfinished;
  target.flows.push(flow);
  const topology = new Topology();
  const other = makeFlowOf(target, 1, 61_001);
  topology.learn(other, ["a", "b", target.target.address.text], 0);
  return caseOf(target, pathsOf(topology, new Map([[flow, FAILED]])), seenBy(traced), 0).flows[0];
}

describe("the sweep of a flow whose handshakes stay unfinished", () => {
  test("tells its way and nothing of where its packets end, since the SYNs of sweeps get through", () => {
    expect(evidenceOf(true, SWEPT)).toMatchObject({
      path: ["a", "b", "198.51.100.2"],
      seen: [],
      last_hop: "unknown",
    });
    expect(evidenceOf(true, { ...SWEPT, seen: [null, "b"] })?.path?.length).toBe(3);
  });

  test("tells no way where it ends at a hop that is not known to hand on to the destination", () => {
    for (const traced of [undefined, { ...SWEPT, seen: ["a"] }, { ...SWEPT, seen: ["a", "c"] }]) {
      expect(evidenceOf(true, traced)?.path, JSON.stringify(traced)).toBe(null);
    }
  });
});

test("the sweep of a flow that gets no answer tells where its packets end, and no way", () => {
  expect(evidenceOf(false, SWEPT)).toMatchObject({
    path: null,
    seen: ["a", "b"],
    last_hop: "b",
  });
});

test("a way on which nobody has answered is not known where others' hops are, and is one where none is", () => {
  const knownOf = (hop: string | null): boolean[] => {
    const target = makeProbed({ flowBuckets: 2 });
    const topology = new Topology();
    const counts = new Map(
      [null, hop].map((first, bucket) => {
        const flow = makeFlowOf(target, bucket, 61_000 + bucket);
        target.flows.push(flow);
        topology.learn(flow, [first, null, target.target.address.text], 0);
        return [flow, { probes: 4, failures: 0, streak: 0 }] as const;
      }),
    );
    return caseOf(target, pathsOf(topology, counts), seenBy(undefined), 0).flows.map(
      ({ path }) => path !== null,
    );
  };
  expect(knownOf(null)).toEqual([true, true]);
  const [first, second] = knownOf("a");
  expect(second).toBe(true);
  expect(first).toBe(false);
});

describe("ways learnt before flows moved", () => {
  /** Flows of which one fails, all of them learnt at 0 but for so many that work. */
  function movedAt(waysFrom: number, learntAnew: number) {
    const target = makeProbed({ flowBuckets: 8 });
    const topology = new Topology();
    const counts = new Map(
      Array.from({ length: 8 }, (_, bucket) => {
        const flow = makeFlowOf(target, bucket, 61_000 + bucket);
        target.flows.push(flow);
        const at = bucket > 7 - learntAnew ? 1000 : 0;
        topology.learn(flow, ["a", "b", target.target.address.text], at);
        return [flow, bucket === 0 ? FAILED : { probes: 4, failures: 0, streak: 0 }] as const;
      }),
    );
    const { flows, moving = false } = caseOf(
      target,
      pathsOf(topology, counts, waysFrom),
      seenBy(undefined),
      1000,
    );
    return { moving, known: flows.map(({ path }) => path !== null) };
  }

  test("are not known, and what is said meanwhile is less sure until most are learnt anew", () => {
    expect(movedAt(Number.NEGATIVE_INFINITY, 0)).toEqual({
      moving: false,
      known: Array(8).fill(true),
    });
    expect(movedAt(500, 3)).toEqual({
      moving: true,
      known: [...Array(5).fill(false), ...Array(3).fill(true)],
    });
    expect(movedAt(500, 6)).toEqual({
      moving: false,
      known: [false, false, ...Array(6).fill(true)],
    });
  });
});
