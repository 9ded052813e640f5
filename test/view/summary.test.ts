import { expect, test } from "vitest";
import { TargetPaths } from "../../src/verdict/target-paths.ts";
import { summaryRow } from "../../src/view/summary.ts";
import type { TargetState } from "../../src/view/target-view.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const PAST = { success_ratio: 0.9, changed_at: 1000, hour: "-01" };

function probedState(name: string): TargetState {
  const probed = makeProbed({ to: "192.0.2.10", flowBuckets: 3, name });
  for (const bucket of [0, 1, 2]) probed.flows.push(makeFlowOf(probed, bucket, 61_000 + bucket));
  const [first, second] = probed.flows;
  if (first) first.state = "failing";
  if (second) second.state = "up";
  return { name, protocol: "tcp", port: 3306, labels: { site: "fra1" }, probed, error: undefined };
}

test("a row has the target's numbers", () => {
  const state = probedState("vip");
  const paths = new TargetPaths(0);
  const [flow] = state.probed?.flows ?? [];
  if (flow) paths.topology.learn(flow, ["10.0.0.1", "192.0.2.10"], 0);
  expect(summaryRow(state, paths, PAST)).toMatchObject({
    ...PAST,
    name: "vip",
    address: "192.0.2.10",
    labels: { site: "fra1" },
    verdict: "indeterminate",
    flows: 3,
    failing: 1,
    paths: 1,
  });
});

test("a row counts the paths that the target's own page and the metric count, also one that flows have just left", () => {
  const state = probedState("vip");
  const paths = new TargetPaths(0);
  if (state.probed === undefined) throw new Error("not probed");
  const before = makeFlowOf(state.probed, 0, 62_000);
  paths.topology.learn(before, ["10.0.0.1", "192.0.2.10"], 0);
  before.active = false;
  for (const flow of state.probed.flows) {
    if (flow !== undefined) paths.topology.learn(flow, ["10.0.0.2", "192.0.2.10"], 0);
  }
  expect(paths.topology.paths()).toHaveLength(2);
  expect(summaryRow(state, paths, PAST).paths).toBe(2);
});

test("a target that is not probed says why", () => {
  const state = { ...probedState("vip"), probed: undefined, error: "the name does not resolve" };
  expect(summaryRow(state, undefined)).toMatchObject({
    address: null,
    flows: 0,
    reason: "The target is not probed: the name does not resolve.",
  });
});
