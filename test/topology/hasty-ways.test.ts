import { expect, test } from "vitest";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { unlearnHastyWays } from "../../src/topology/hasty-ways.ts";
import { Topology } from "../../src/topology/topology.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const INTERVAL_MS = 10_000;

/** Two flows over `a` and `b`, learnt at 0, and one over `a` and `loop`, learnt at `at`. */
function learnt(at: number): { topology: Topology; hasty: ProbedFlow } {
  const target = makeProbed({ flowBuckets: 3, intervalMs: INTERVAL_MS });
  const flows = [0, 1, 2].map((bucket) => makeFlowOf(target, bucket, 61_000 + bucket));
  target.flows.push(...flows);
  const topology = new Topology();
  const [first, second, hasty] = flows as [ProbedFlow, ProbedFlow, ProbedFlow];
  for (const flow of [first, second]) topology.learn(flow, ["a", "b", "z"], 0);
  topology.learn(hasty, ["a", "loop", "z"], at);
  return { topology, hasty };
}

test("a way over a hop of a loop is forgotten with its links where its flow failed at the next probe", () => {
  const { topology, hasty } = learnt(50_000);
  expect(topology.paths()).toHaveLength(2);
  hasty.failingSince = 55_000;
  unlearnHastyWays(hasty.target, topology, ["loop"]);
  expect(topology.of(hasty)).toBeUndefined();
  expect(topology.paths().map(({ hops }) => hops)).toEqual([["a", "b", "z"]]);
  expect(topology.links()).toEqual([
    ["a", "b"],
    ["b", "z"],
  ]);
  expect(topology.hasLink(null, "a")).toBe(true);
});

test("a way stays that was known before, of a flow that works, or without a hop of a loop", () => {
  const { topology, hasty } = learnt(50_000);
  unlearnHastyWays(hasty.target, topology, ["loop"]);
  hasty.failingSince = 90_000;
  unlearnHastyWays(hasty.target, topology, ["loop"]);
  hasty.failingSince = 55_000;
  unlearnHastyWays(hasty.target, topology, ["other"]);
  unlearnHastyWays(hasty.target, topology, []);
  expect(topology.of(hasty)?.hops).toEqual(["a", "loop", "z"]);
});
