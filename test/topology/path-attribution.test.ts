import { describe, expect, test } from "vitest";
import { PathAttribution } from "../../src/topology/path-attribution.ts";
import { Topology } from "../../src/topology/topology.ts";
import { makeFlow } from "../support/probed-flow.ts";

/** A ledger on one topology, and what it told: path's second hop (or unknown), probes, failures. */
function ledgerOf(topology = new Topology()) {
  const told: [string, number, number][] = [];
  const ledger = new PathAttribution(
    (_, path, probes, failures) => told.push([path?.hops[1] ?? "unknown", probes, failures]),
    () => topology,
  );
  return { ledger, topology, told };
}

describe("PathAttribution", () => {
  test("gives a probe the path its flow was last seen to take", () => {
    const { ledger, topology, told } = ledgerOf();
    const flow = makeFlow();
    topology.learn(flow, ["a", "b", "z"], 0);
    ledger.outcome(flow, false);
    topology.learn(flow, ["a", "c", "z"], 1);
    ledger.outcome(flow, true);
    expect(told).toEqual([
      ["b", 1, 0],
      ["c", 1, 1],
    ]);
  });

  test("lets probes wait until a survey has told the path", () => {
    const { ledger, topology, told } = ledgerOf();
    const flow = makeFlow();
    for (const failed of [false, true, false]) ledger.outcome(flow, failed);
    ledger.learned(flow);
    expect(told).toEqual([]);
    topology.learn(flow, ["a", "b", "z"], 0);
    ledger.learned(flow);
    ledger.learned(flow);
    expect(told).toEqual([["b", 3, 1]]);
  });

  test("takes the one known path that a failing flow's hops begin, else none", () => {
    const { ledger, topology, told } = ledgerOf();
    topology.learn(makeFlow(), ["a", "b", "z"], 0);
    topology.learn(makeFlow(), ["a", "c", "z"], 0);
    const clear = makeFlow();
    const ambiguous = makeFlow();
    for (const flow of [clear, ambiguous]) ledger.outcome(flow, true);
    ledger.traced(clear, ["a", "c"]);
    ledger.traced(ambiguous, ["a"]);
    ledger.outcome(clear, true);
    ledger.outcome(ambiguous, true);
    expect(told).toEqual([
      ["c", 1, 1],
      ["unknown", 1, 1],
      ["c", 1, 1],
      ["unknown", 1, 1],
    ]);
  });

  test("follows later sweeps, until a survey knows better than all of them", () => {
    const { ledger, topology, told } = ledgerOf();
    topology.learn(makeFlow(), ["a", "b", "z"], 0);
    topology.learn(makeFlow(), ["a", "c", "z"], 0);
    const flow = makeFlow();
    ledger.traced(flow, ["a"]);
    ledger.outcome(flow, true);
    ledger.traced(flow, ["a", "b"]);
    ledger.outcome(flow, true);
    topology.learn(flow, ["a", "c", "z"], 1);
    ledger.learned(flow);
    ledger.traced(flow, ["a", "b"]);
    ledger.outcome(flow, false);
    expect(told.map(([path]) => path)).toEqual(["unknown", "b", "c"]);
  });

  test("tells no path that is forgotten meanwhile", () => {
    const { ledger, topology, told } = ledgerOf();
    const healthy = makeFlow();
    topology.learn(healthy, ["a", "b", "z"], 0);
    const flow = makeFlow();
    ledger.traced(flow, ["a", "b"]);
    healthy.active = false;
    for (const now of [0, 300_001, 601_000]) topology.prune(now);
    ledger.outcome(flow, true);
    expect(told).toEqual([["unknown", 1, 1]]);
  });

  test("tells what still waits when the flow is no longer probed, once", () => {
    const { ledger, told } = ledgerOf();
    const flow = makeFlow();
    ledger.outcome(flow, true);
    ledger.outcome(flow, false);
    ledger.forget(flow);
    ledger.forget(flow);
    expect(told).toEqual([["unknown", 2, 1]]);
  });
});
