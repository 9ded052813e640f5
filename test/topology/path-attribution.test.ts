import { describe, expect, test } from "vitest";
import { PathAttribution } from "../../src/topology/path-attribution.ts";
import { Topology } from "../../src/topology/topology.ts";
import { makeFlow } from "../support/probed-flow.ts";

/** An attribution on one topology, and what it told: path's second hop (or unknown), probes, failures. */
function attributionOf(topology = new Topology()) {
  const told: [string, number, number][] = [];
  const attribution = new PathAttribution(
    (_, path, probes, failures) => told.push([path?.hops[1] ?? "unknown", probes, failures]),
    () => topology,
  );
  return { attribution, topology, told };
}

describe("PathAttribution", () => {
  test("gives a probe the path its flow was last seen to take", () => {
    const { attribution, topology, told } = attributionOf();
    const flow = makeFlow();
    topology.learn(flow, ["a", "b", "z"], 0);
    attribution.outcome(flow, false);
    topology.learn(flow, ["a", "c", "z"], 1);
    attribution.outcome(flow, true);
    expect(told).toEqual([
      ["b", 1, 0],
      ["c", 1, 1],
    ]);
  });

  test("lets probes wait until a survey has told the path", () => {
    const { attribution, topology, told } = attributionOf();
    const flow = makeFlow();
    for (const failed of [false, true, false]) attribution.outcome(flow, failed);
    attribution.learned(flow);
    expect(told).toEqual([]);
    topology.learn(flow, ["a", "b", "z"], 0);
    attribution.learned(flow);
    attribution.learned(flow);
    expect(told).toEqual([["b", 3, 1]]);
  });

  test("a flow of which no sweep will come counts as on an unknown path, until a survey tells", () => {
    const { attribution, topology, told } = attributionOf();
    const flow = makeFlow();
    attribution.outcome(flow, true);
    attribution.untraced(flow);
    attribution.outcome(flow, true);
    topology.learn(flow, ["a", "b", "z"], 0);
    attribution.learned(flow);
    attribution.outcome(flow, true);
    attribution.untraced(flow);
    expect(told).toEqual([
      ["unknown", 1, 1],
      ["unknown", 1, 1],
      ["b", 1, 1],
    ]);
  });

  test("what a sweep saw before is kept where no other will come", () => {
    const { attribution, topology, told } = attributionOf();
    topology.learn(makeFlow(), ["a", "b", "z"], 0);
    topology.learn(makeFlow(), ["a", "c", "z"], 0);
    const flow = makeFlow();
    attribution.traced(flow, ["a", "c"]);
    attribution.outcome(flow, true);
    attribution.untraced(flow);
    attribution.outcome(flow, true);
    expect(told).toEqual([
      ["c", 1, 1],
      ["c", 1, 1],
    ]);
  });

  test("takes the one known path that a failing flow's hops begin, else none", () => {
    const { attribution, topology, told } = attributionOf();
    topology.learn(makeFlow(), ["a", "b", "z"], 0);
    topology.learn(makeFlow(), ["a", "c", "z"], 0);
    const clear = makeFlow();
    const ambiguous = makeFlow();
    for (const flow of [clear, ambiguous]) attribution.outcome(flow, true);
    attribution.traced(clear, ["a", "c"]);
    attribution.traced(ambiguous, ["a"]);
    attribution.outcome(clear, true);
    attribution.outcome(ambiguous, true);
    expect(told).toEqual([
      ["c", 1, 1],
      ["unknown", 1, 1],
      ["c", 1, 1],
      ["unknown", 1, 1],
    ]);
  });

  test("follows later sweeps, until a survey knows better than all of them", () => {
    const { attribution, topology, told } = attributionOf();
    topology.learn(makeFlow(), ["a", "b", "z"], 0);
    topology.learn(makeFlow(), ["a", "c", "z"], 0);
    const flow = makeFlow();
    attribution.traced(flow, ["a"]);
    attribution.outcome(flow, true);
    attribution.traced(flow, ["a", "b"]);
    attribution.outcome(flow, true);
    topology.learn(flow, ["a", "c", "z"], 1);
    attribution.learned(flow);
    attribution.traced(flow, ["a", "b"]);
    attribution.outcome(flow, false);
    expect(told.map(([path]) => path)).toEqual(["unknown", "b", "c"]);
  });

  test("tells no path that is forgotten meanwhile", () => {
    const { attribution, topology, told } = attributionOf();
    const healthy = makeFlow();
    topology.learn(healthy, ["a", "b", "z"], 0);
    const flow = makeFlow();
    attribution.traced(flow, ["a", "b"]);
    healthy.active = false;
    for (const now of [0, 300_001, 601_000]) topology.prune(now);
    attribution.outcome(flow, true);
    expect(told).toEqual([["unknown", 1, 1]]);
  });

  test("tells what still waits when the flow is no longer probed, once", () => {
    const { attribution, told } = attributionOf();
    const flow = makeFlow();
    attribution.outcome(flow, true);
    attribution.outcome(flow, false);
    attribution.forget(flow);
    attribution.forget(flow);
    expect(told).toEqual([["unknown", 2, 1]]);
  });
});
