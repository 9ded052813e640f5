import { describe, expect, test } from "vitest";
import type { SeriesMode } from "../../src/flow/target.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { flowsOf, MetricsRig } from "../support/metrics-rig.ts";
import { makeProbed } from "../support/probed-flow.ts";

const HOUR_MS = 3_600_000;

function firstFlow(rig: MetricsRig, series: SeriesMode): ProbedFlow {
  const [flow] = flowsOf(rig.probe({ flowBuckets: 4, series }));
  if (flow === undefined) throw new Error("no flow");
  return flow;
}

const FAILURES = "ecmp_probe_failures_total";

describe("a target whose failing buckets alone have series", () => {
  test("has them all counted together, from 0 on", async () => {
    const rig = new MetricsRig();
    const flow = firstFlow(rig, "failing");
    expect(await rig.values(FAILURES, "flow_bucket")).toEqual({ other: 0 });
    rig.outcome(flow, true);
    expect(await rig.values("ecmp_probes_total", "flow_bucket")).toEqual({ other: 1 });
    expect(await rig.values("ecmp_last_hop_probes_total", "flow_bucket")).toEqual({ other: 1 });
    for (const name of ["ecmp_flow_up", "ecmp_flow_source_port"]) {
      expect(await rig.values(name, "flow_bucket")).toEqual({});
    }
  });

  test("shows a bucket that fails at 0 first and loses none of its failures", async () => {
    const rig = new MetricsRig();
    const flow = firstFlow(rig, "failing");
    rig.outcome(flow, false, "10.0.0.1");
    expect(await rig.values(FAILURES, "flow_bucket")).toEqual({ 0: 0, other: 0 });
    expect(await rig.values("ecmp_last_hop_failures_total", "last_hop")).toEqual({ "10.0.0.1": 0 });
    expect(await rig.values("ecmp_flow_up", "flow_bucket")).toEqual({ 0: 0 });
    rig.clock.advance(14_000);
    rig.outcome(flow, false, "10.0.0.1");
    expect(await rig.values(FAILURES, "flow_bucket")).toEqual({ 0: 0, other: 0 });
    rig.clock.advance(1_000);
    expect(await rig.values(FAILURES, "flow_bucket")).toEqual({ 0: 2, other: 0 });
    expect(await rig.values("ecmp_last_hop_failures_total", "last_hop")).toEqual({ "10.0.0.1": 2 });
  });

  test("shows it for an hour after its last failure", async () => {
    const rig = new MetricsRig();
    const flow = firstFlow(rig, "failing");
    await rig.samples();
    const before = rig.budget.used;
    rig.outcome(flow, false, "10.0.0.1");
    rig.clock.advance(HOUR_MS - 1);
    rig.outcome(flow, true);
    expect(Object.keys(await rig.values(FAILURES, "flow_bucket"))).toEqual(["0", "other"]);
    rig.clock.advance(1);
    expect(await rig.values(FAILURES, "flow_bucket")).toEqual({ other: 0 });
    expect(rig.budget.used).toBe(before);
  });
});

describe("a target whose buckets have no series", () => {
  test("counts failures together and shows that flows fail", async () => {
    const rig = new MetricsRig();
    const flow = firstFlow(rig, "paths");
    rig.outcome(flow, false, "10.0.0.1");
    expect(await rig.values(FAILURES, "flow_bucket")).toEqual({ other: 1 });
    expect(await rig.values("ecmp_last_hop_failures_total", "last_hop")).toEqual({ "10.0.0.1": 1 });
    expect(await rig.sum("ecmp_target_flows_failing")).toBe(1);
    expect(await rig.values("ecmp_flow_up", "flow_bucket")).toEqual({});
  });
});

describe("the limit on series", () => {
  const named = (name: string, flowBuckets: number, series: SeriesMode = "full") =>
    makeProbed({ name, flowBuckets, series }).target;
  /** Buckets that have series, by target. */
  const shown = async (rig: MetricsRig): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { name, labels } of await rig.samples()) {
      if (name !== FAILURES || labels["flow_bucket"] === "other") continue;
      const target = labels["target"] ?? "";
      counts[target] = (counts[target] ?? 0) + 1;
    }
    return counts;
  };
  const base = (): number => {
    const rig = new MetricsRig();
    rig.show([named("a", 1, "paths")]);
    return rig.budget.used;
  };

  test("makes the largest targets show failing buckets alone, then none, and folds only then", async () => {
    const rig = new MetricsRig(3 * base() + 7 * 24);
    rig.show([named("small", 8), named("large", 64), named("middle", 16)]);
    expect(await shown(rig)).toEqual({ small: 8, middle: 16 });
    expect(rig.probes.modes.reduced()).toEqual(
      new Map([
        ["failing", 1],
        ["paths", 0],
      ]),
    );
    rig.show([named("small", 8), named("large", 64), named("middle", 16), named("one", 1)]);
    expect(await shown(rig)).toEqual({ small: 8, one: 1 });
    expect(rig.probes.modes.reduced()).toEqual(
      new Map([
        ["failing", 2],
        ["paths", 0],
      ]),
    );
    expect(rig.budget.folded).toBe(0);

    rig.budget.limit = 0;
    rig.show([named("small", 8), named("large", 64)]);
    while (rig.budget.reserve(1));
    expect(await shown(rig)).toEqual({});
    expect(rig.probes.modes.reduced()).toEqual(
      new Map([
        ["failing", 0],
        ["paths", 2],
      ]),
    );
  });

  test("makes room when series come up later, and the bucket that asked may be among those that go", async () => {
    const rig = new MetricsRig(base() + 7 * 4);
    const flow = firstFlow(rig, "full");
    for (const hop of ["a", "b", "c", "d", "e", "f", "g"]) rig.outcome(flow, false, hop);
    expect(rig.probes.modes.reduced().get("failing")).toBe(1);
    rig.clock.advance(1);
    await rig.samples();
    rig.clock.advance(15_000);
    // The bucket has failed, so it is still shown; the others are not.
    expect(Object.keys(await rig.values(FAILURES, "flow_bucket"))).toEqual(["0", "other"]);
    expect(await rig.sum("ecmp_last_hop_failures_total")).toBe(7);
    expect(rig.budget.folded).toBe(0);
  });

  test("gives what is configured back when there is room, each series from 0 on", async () => {
    const rig = new MetricsRig(2 * base());
    rig.show([named("a", 8), named("b", 8)]);
    expect(await shown(rig)).toEqual({});
    rig.budget.limit = 20_000;
    rig.show([named("a", 8), named("b", 8, "failing")]);
    expect(await shown(rig)).toEqual({ a: 8 });
    expect(rig.probes.modes.reduced()).toEqual(
      new Map([
        ["failing", 0],
        ["paths", 0],
      ]),
    );
  });

  test("does not concern a target that is configured with less", async () => {
    const rig = new MetricsRig();
    rig.show([named("a", 8)]);
    expect(await shown(rig)).toEqual({ a: 8 });
    rig.show([named("a", 8, "paths")]);
    expect(await shown(rig)).toEqual({});
    expect([...rig.probes.modes.reduced().values()]).toEqual([0, 0]);
  });
});
