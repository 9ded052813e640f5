import { describe, expect, test } from "vitest";
import { healthySeries } from "../../src/config/series-estimate.ts";
import { VERDICTS } from "../../src/localize/verdict.ts";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import type { KnownPath } from "../../src/topology/known-way.ts";
import { flowsOf, MetricsRig } from "../support/metrics-rig.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { makeTarget } from "../support/target.ts";

const Z = "198.51.100.2";

/** A survey has found the flow's path. */
function learn(
  rig: MetricsRig,
  flow: ProbedFlow,
  hops: readonly (string | null)[],
  now = 0,
): KnownPath {
  const { topology } = rig.known(flow.target);
  topology.learn(flow, hops, now);
  const path = topology.of(flow)?.path;
  if (path === undefined) throw new Error("not learnt");
  rig.paths.born(rig.probes.seriesOf(flow.target), path);
  return path;
}

function count(
  rig: MetricsRig,
  flow: ProbedFlow,
  path: KnownPath | undefined,
  failed = false,
): void {
  rig.outcome(flow, !failed);
  rig.paths.add(rig.probes.seriesOf(flow.target), path, 1, failed ? 1 : 0);
}

/** A rig with one probed target of four flows over two paths. */
function twoPaths(limit?: number): { rig: MetricsRig; target: ProbedTarget; paths: KnownPath[] } {
  const rig = new MetricsRig(limit);
  const target = rig.probe({ flowBuckets: 4, labels: { site: "fra1" } });
  const paths = flowsOf(target).map((flow) =>
    learn(rig, flow, flow.bucket % 2 === 0 ? ["a", "b", Z] : ["a", null, null, Z]),
  );
  return { rig, target, paths };
}

describe("path families", () => {
  test("are at zero once a path is known, and name its hops, silent ones as *", async () => {
    const { rig, paths } = twoPaths();
    const [even, odd] = paths;
    expect(await rig.values("ecmp_path_probes_total", "path")).toEqual({
      // So that the first failures of flows whose path is not known are seen to be an increase.
      unknown: 0,
      [even?.id ?? ""]: 0,
      [odd?.id ?? ""]: 0,
    });
    expect(await rig.values("ecmp_path_info", "hops")).toEqual({
      [`a > b > ${Z}`]: 1,
      [`a > * > * > ${Z}`]: 1,
    });
    expect(await rig.values("ecmp_link_probes_total", "hop_to")).toEqual({ a: 0, b: 0, [Z]: 0 });
    expect(await rig.sum("ecmp_target_paths")).toBe(2);
    const coverage = await rig.sum("ecmp_target_path_coverage_ratio");
    expect(coverage).toBeGreaterThanOrEqual(0);
    expect(coverage).toBeLessThan(0.5);
  });

  test("show each flow's path as the number that its id spells", async () => {
    const { rig, paths } = twoPaths();
    const shown = await rig.values("ecmp_flow_path_id", "flow_bucket");
    expect(shown).toEqual(
      Object.fromEntries(paths.map(({ id }, bucket) => [String(bucket), Number(`0x${id}`)])),
    );
  });

  test("add up to all probes, over paths and with what folds", async () => {
    const random = seeded(printedSeed("path sums"));
    for (const limit of [20_000, 100, 0]) {
      const { rig, target, paths } = twoPaths(limit);
      let failures = 0;
      for (let probe = 0; probe < 300; probe += 1) {
        const flow = random.pick(flowsOf(target));
        const failed = random.chance(0.3);
        if (failed) failures += 1;
        count(rig, flow, random.chance(0.9) ? paths[flow.bucket] : undefined, failed);
      }
      expect(await rig.sum("ecmp_probes_total")).toBe(300);
      expect(await rig.sum("ecmp_path_probes_total")).toBe(300);
      expect(await rig.sum("ecmp_path_probe_failures_total")).toBe(failures);
    }
  });

  test("lose paths, links and first hops that are gone, and give their room back", async () => {
    const { rig, target } = twoPaths();
    await rig.samples();
    const used = rig.budget.used;
    for (const flow of flowsOf(target)) learn(rig, flow, ["x", "y", Z], 1);
    await rig.samples();
    expect(rig.budget.used).toBeGreaterThan(used);
    const { topology } = rig.known(target);
    for (const flow of flowsOf(target)) topology.learn(flow, ["x", "y", Z], 3_700_000);
    topology.prune(3_700_000);
    expect(await rig.values("ecmp_link_probes_total", "hop_from")).toEqual({
      source: 0,
      x: 0,
      y: 0,
    });
    expect(await rig.values("ecmp_link_probes_total", "hop_to")).toEqual({ x: 0, y: 0, [Z]: 0 });
    expect(await rig.values("ecmp_path_info", "hops")).toEqual({ [`x > y > ${Z}`]: 1 });
    expect(await rig.values("ecmp_path_probes_total", "path")).not.toHaveProperty("other");
    rig.show([]);
    expect(rig.budget.used).toBe(0);
  });

  test("count path changes", async () => {
    const { rig, target } = twoPaths();
    expect(await rig.sum("ecmp_path_changes_total")).toBe(0);
    rig.known(target).pathChanges = 3;
    expect(await rig.sum("ecmp_path_changes_total")).toBe(3);
  });

  test("are what check-config does not count: all other series of a healthy target it knows beforehand", async () => {
    const { rig, target, paths } = twoPaths();
    for (const flow of flowsOf(target)) {
      rig.outcome(flow, true);
      count(rig, flow, paths[flow.bucket]);
    }
    const others = (await rig.samples()).filter(
      ({ name, labels }) =>
        !/^ecmp_(?:link_|path_info)/.test(name) &&
        (labels["path"] === undefined || labels["path"] === "unknown"),
    );
    expect(others).toHaveLength(healthySeries(target.target));
  });

  test("use as many series as they have told the limit, in all", async () => {
    const { rig, target, paths } = twoPaths();
    for (const flow of flowsOf(target)) count(rig, flow, paths[flow.bucket]);
    expect((await rig.samples()).length).toBe(rig.budget.used);
  });
});

test("a target that is not probed has no path, none of them seen, no change of one and no NAT, each a series at zero", async () => {
  const rig = new MetricsRig();
  rig.show([makeTarget()]);
  for (const name of [
    "ecmp_target_paths",
    "ecmp_target_path_coverage_ratio",
    "ecmp_path_changes_total",
    "ecmp_target_nat_detected",
  ] as const) {
    expect(Object.values(await rig.values(name, "protocol"))).toEqual([0]);
  }
});

describe("verdicts", () => {
  test("are one series each, one of them 1, indeterminate while the target is not probed", async () => {
    const rig = new MetricsRig();
    rig.show([makeTarget()]);
    const expected = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]));
    expect(await rig.values("ecmp_target_verdict", "verdict")).toEqual({
      ...expected,
      indeterminate: 1,
    });
    const target = rig.probe();
    const { hysteresis } = rig.known(target);
    for (const now of [0, 10_000]) {
      hysteresis.update({ verdict: "path_fault", reason: "", suspects: [] }, now);
    }
    expect(await rig.values("ecmp_target_verdict", "verdict")).toEqual({
      ...expected,
      path_fault: 1,
    });
  });

  test("come with the links that are suspected, each once, unknown ends named", async () => {
    const rig = new MetricsRig();
    const target = rig.probe();
    const suspect = (from: string | null, to: string | null, loss_ratio: number) => ({
      from,
      to,
      loss_ratio,
      segment: "forward" as const,
      place: "link" as const,
      name: to ?? "source",
      alternatives: [],
      confidence: 1,
      reason: "",
    });
    const suspects = [suspect("a", "b", 0.5), suspect("a", "b", 0.75), suspect(null, null, 1)];
    for (const now of [0, 10_000]) {
      rig.known(target).hysteresis.update({ verdict: "path_loss", reason: "", suspects }, now);
    }
    const shown = (await rig.samples()).filter(
      ({ name }) => name === "ecmp_suspect_link_loss_ratio",
    );
    const labelsShown = ["hop_from", "hop_to", "place", "name"];
    expect(
      shown.map(({ labels, value }) => [...labelsShown.map((label) => labels[label]), value]),
    ).toEqual([
      ["a", "b", "link", "b", 0.75],
      ["source", "unknown", "link", "source", 1],
    ]);
    expect(shown.every(({ labels }) => labels["segment"] === "forward")).toBe(true);
  });
});

test("a NAT is told as 1 while quotes show it, and every probed target says whether there is one", async () => {
  const rig = new MetricsRig();
  const target = rig.probe({ flowBuckets: 2 });
  const { onPath } = rig.known(target);
  expect(await rig.values("ecmp_target_nat_detected", "target")).toEqual({ service: 0 });
  const report = {
    responder: target.target.address,
    ttl: 3,
    quotedTtl: 1,
    dscp: 0,
    translation: { source: { address: target.target.address, port: 1 }, destination: undefined },
    mpls: [],
    interfaces: [],
  };
  onPath.add(report, 0);
  expect(await rig.values("ecmp_target_nat_detected", "target")).toEqual({ service: 1 });
  onPath.prune(3_600_001);
  expect(await rig.values("ecmp_target_nat_detected", "target")).toEqual({ service: 0 });
});
