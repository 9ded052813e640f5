import { describe, expect, test } from "vitest";
import { METRICS } from "../../src/metrics/metric-table.ts";
import { FAILURE_REASONS, INVALID_REASONS } from "../../src/probe/outcome.ts";
import { flowsOf, MetricsRig } from "../support/metrics-rig.ts";
import { makeFlow } from "../support/probed-flow.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { makeTarget } from "../support/target.ts";

const DESTINATION = "198.51.100.2";

/** Counters and histograms that alert rules may use. */
const ZERO_FROM_START = [
  METRICS.probes,
  METRICS.probeFailures,
  METRICS.probeFailureReasons,
  METRICS.probesInvalid,
  METRICS.lateReplies,
  METRICS.tracePackets,
  METRICS.traces,
].map(({ name }) => name);

describe("a configured target", () => {
  test("has its counters at zero from the start, though its name does not resolve", async () => {
    const rig = new MetricsRig();
    rig.show([makeTarget({ labels: { site: "fra1" } })]);
    const samples = await rig.samples();
    const count = (name: string): number =>
      samples.filter((sample) => sample.name === name && sample.value === 0).length;
    expect(ZERO_FROM_START.map(count)).toEqual([
      8,
      8,
      FAILURE_REASONS.length,
      INVALID_REASONS.length,
      1,
      3,
      3,
    ]);
    expect(count("ecmp_probe_rtt_seconds_count")).toBe(1);
    for (const { labels } of samples) {
      expect(labels).toMatchObject({ target: "service", protocol: "tcp", site: "fra1" });
    }
    expect(samples.find(({ name }) => name === "ecmp_target_info")?.labels).toMatchObject({
      address: "",
      port: "3306",
    });
  });

  test("carries labels that need escaping to a reader unchanged", async () => {
    const rig = new MetricsRig();
    const labels = { quote: 'a"b', back: "c\\d\\", line: "e\nf", brace: '{x="1",y}', wide: "日本" };
    const target = rig.probe({ name: 'odd "name"\\\n', labels, flowBuckets: 2 });
    for (const flow of flowsOf(target)) rig.outcome(flow, false, "10.0.0.1");
    for (const format of ["text", "openmetrics"] as const) {
      const samples = await rig.samples(format);
      expect(samples.length).toBeGreaterThan(40);
      for (const sample of samples) {
        expect(sample.labels).toMatchObject({ ...labels, target: 'odd "name"\\\n' });
      }
    }
  });

  test("shows what it resolved to, and its flows, once it is probed", async () => {
    const rig = new MetricsRig();
    const target = rig.probe({ flowBuckets: 4 });
    const [first, second] = flowsOf(target);
    if (first === undefined || second === undefined) throw new Error("no flows");
    rig.outcome(first, true);
    rig.outcome(second, false, "10.0.0.8");
    const samples = await rig.samples();
    expect(samples.find(({ name }) => name === "ecmp_target_info")?.labels["address"]).toBe(
      DESTINATION,
    );
    expect(await rig.sum("ecmp_target_flows_failing")).toBe(1);
    expect(await rig.values("ecmp_flow_source_port", "flow_bucket")).toEqual(
      Object.fromEntries(flowsOf(target).map((flow) => [String(flow.bucket), flow.sourcePort])),
    );
    const up = samples.filter(({ name }) => name === "ecmp_flow_up");
    // Flows that have no result yet are neither up nor down.
    expect(
      up.map(({ labels, value }) => [labels["flow_bucket"], labels["last_hop"], value]),
    ).toEqual([
      ["0", DESTINATION, 1],
      ["1", "10.0.0.8", 0],
    ]);
  });
});

describe("counting", () => {
  test("takes invalid probes for no probes", async () => {
    const rig = new MetricsRig();
    const [flow] = flowsOf(rig.probe());
    if (flow === undefined) throw new Error("no flow");
    rig.probes.outcome(flow, { kind: "invalid", reason: "stall" }, 0);
    rig.probes.missed(flow.target, 4);
    rig.probes.outcome(flow, { kind: "invalid", reason: "send_error" }, 0);
    expect(await rig.values("ecmp_probes_invalid_total", "reason")).toEqual({
      send_error: 1,
      stall: 5,
      receive_drops: 0,
      icmp_rate_limit: 0,
    });
    expect(await rig.sum("ecmp_probes_total")).toBe(0);
  });

  test("shows one-way losses where its service is a reflector, and room is taken for them", async () => {
    const rig = new MetricsRig();
    const reflector = { protocol: "udp", port: 862, payload: { kind: "stamp" } } as const;
    rig.show([makeTarget()]);
    const room = rig.budget.used;
    expect(await rig.values("ecmp_one_way_losses_total", "direction")).toEqual({});
    const [flow] = flowsOf(rig.probe(reflector));
    if (flow === undefined) throw new Error("no flow");
    expect(rig.budget.used).toBe(room + 2);
    expect(await rig.values("ecmp_one_way_losses_total", "direction")).toEqual({
      forward: 0,
      return: 0,
    });
    rig.probes.oneWayLoss(flow, "return");
    expect(await rig.values("ecmp_one_way_losses_total", "direction")).toEqual({
      forward: 0,
      return: 1,
    });
  });

  test("tells reasons, late replies and sweeps apart", async () => {
    const rig = new MetricsRig();
    const [flow] = flowsOf(rig.probe());
    if (flow === undefined) throw new Error("no flow");
    for (const reason of ["refused", "refused", "prohibited"] as const) {
      rig.probes.outcome(flow, { kind: "failed", reason, responder: undefined }, 0);
    }
    rig.probes.late(flow);
    rig.probes.trace(flow, "tracePackets", "survey");
    rig.probes.trace(flow, "tracePackets", "survey");
    rig.probes.trace(flow, "traces", "failure");
    expect(await rig.values("ecmp_probe_failure_reasons_total", "reason")).toEqual({
      timeout: 0,
      refused: 2,
      unreachable: 0,
      prohibited: 1,
      ttl_exceeded: 0,
      unfinished: 0,
    });
    expect(await rig.sum("ecmp_late_replies_total")).toBe(1);
    expect(await rig.values("ecmp_trace_packets_total", "purpose")).toEqual({
      failure: 0,
      survey: 2,
      control: 0,
    });
    expect(await rig.values("ecmp_traces_total", "purpose")).toMatchObject({ failure: 1 });
  });

  test("adds up over buckets, last hops and reasons, whatever the limits fold", async () => {
    const random = seeded(printedSeed("sums"));
    for (const [limit, lastHops] of [
      [20_000, 32],
      [20_000, 2],
      [90, 32],
      [0, 0],
    ] as const) {
      const rig = new MetricsRig(limit);
      // A target that could show less would do so, and what it no longer shows would be missing here.
      const series = limit < 20_000 ? "paths" : "full";
      const target = rig.probe({ flowBuckets: 16, series }, lastHops);
      let failures = 0;
      for (let probe = 0; probe < 400; probe += 1) {
        const answered = random.chance(0.6);
        if (!answered) failures += 1;
        const hop = answered ? DESTINATION : `10.0.0.${random.between(1, 9)}`;
        rig.outcome(random.pick(flowsOf(target)), answered, hop);
      }
      expect(await rig.sum("ecmp_probes_total")).toBe(400);
      expect(await rig.sum("ecmp_last_hop_probes_total")).toBe(400);
      expect(await rig.sum("ecmp_probe_failures_total")).toBe(failures);
      expect(await rig.sum("ecmp_last_hop_failures_total")).toBe(failures);
      expect(await rig.sum("ecmp_probe_failure_reasons_total")).toBe(failures);
      expect(await rig.sum("ecmp_probe_rtt_seconds_count")).toBe(400 - failures);
      const folded = rig.budget.folded;
      await rig.samples();
      expect(rig.budget.folded).toBe(folded);
    }
  });

  test("puts source port and bucket of a probe on its exemplar, for OpenMetrics alone", async () => {
    const rig = new MetricsRig();
    const [flow] = flowsOf(rig.probe());
    if (flow === undefined) throw new Error("no flow");
    rig.outcome(flow, true);
    const withExemplar = (await rig.samples("openmetrics")).filter(({ exemplar }) => exemplar);
    expect(withExemplar.map(({ labels, exemplar }) => [labels["le"], exemplar])).toEqual([
      [
        "0.0025",
        {
          labels: { source_port: String(flow.sourcePort), flow_bucket: "0" },
          value: 0.002,
          timestamp: rig.clock.wall() / 1000,
        },
      ],
    ]);
    expect((await rig.samples()).some(({ exemplar }) => exemplar)).toBe(false);
  });

  test("ignores flows of targets that are not shown", async () => {
    const rig = new MetricsRig();
    rig.show([]);
    rig.outcome(makeFlow(), false, "10.0.0.1");
    rig.probes.missed(makeFlow().target, 1);
    rig.probes.late(makeFlow());
    expect(await rig.samples()).toEqual([]);
  });
});

describe("flow_up", () => {
  test("is one series a bucket, the current one, past the limit on last hops as well", async () => {
    const rig = new MetricsRig();
    const target = rig.probe({ flowBuckets: 6 }, 2);
    for (let round = 0; round < 5; round += 1) {
      for (const flow of flowsOf(target)) {
        rig.outcome(flow, round % 2 === 0, round % 2 === 0 ? DESTINATION : `10.0.${flow.bucket}.1`);
      }
      const up = (await rig.samples()).filter(({ name }) => name === "ecmp_flow_up");
      expect(up.map(({ labels }) => labels["flow_bucket"])).toEqual(["0", "1", "2", "3", "4", "5"]);
      expect(up.every(({ value }) => value === (round % 2 === 0 ? 1 : 0))).toBe(true);
    }
  });

  test("leaves out buckets that the limit on series folded", async () => {
    const rig = new MetricsRig(0);
    for (const flow of flowsOf(rig.probe())) rig.outcome(flow, true);
    expect((await rig.samples()).filter(({ name }) => name === "ecmp_flow_up")).toEqual([]);
    expect(await rig.values("ecmp_probes_total", "flow_bucket")).toEqual({ other: 8 });
  });
});

describe("a reload", () => {
  test("keeps the counters of targets whose series stay the same, and drops others", async () => {
    const rig = new MetricsRig();
    const kept = makeTarget({ name: "kept", labels: { b: "2", a: "1" } });
    const relabelled = makeTarget({ name: "relabelled" });
    rig.show([kept, relabelled, makeTarget({ name: "gone" })]);
    for (const name of ["kept", "relabelled", "gone"]) rig.outcome(makeFlow({ name }), true);
    rig.show([
      { ...kept, labels: { a: "1", b: "2" }, intervalMs: 5000 },
      { ...relabelled, labels: { site: "x" } },
      makeTarget({ name: "new" }),
    ]);
    const probes = (await rig.samples()).filter(({ name }) => name === "ecmp_probes_total");
    const byTarget: Record<string, number> = {};
    for (const { labels, value } of probes) {
      const name = labels["target"] ?? "";
      byTarget[name] = (byTarget[name] ?? 0) + value;
    }
    expect(byTarget).toEqual({ kept: 1, relabelled: 0, new: 0 });
  });

  test("gives back what gone targets used, so that used is again what it was", () => {
    const rig = new MetricsRig(400);
    const first = makeTarget({ name: "first" });
    rig.show([first]);
    const before = rig.budget.used;
    for (let round = 0; round < 4; round += 1) {
      rig.show([first, makeTarget({ name: "second", flowBuckets: 100, port: 80 + round })]);
      expect(rig.budget.used).toBeGreaterThan(before);
      for (let hop = 0; hop < 50; hop += 1) {
        rig.outcome(makeFlow({ name: "second" }), false, `10.0.0.${hop}`);
      }
      rig.show([first]);
      expect(rig.budget.used).toBe(before);
    }
    rig.show([]);
    expect(rig.budget.used).toBe(0);
  });

  test("gives back before it asks, so that a limit just large enough is enough", () => {
    const rig = new MetricsRig();
    rig.show([makeTarget({ name: "old" })]);
    rig.budget.limit = rig.budget.used;
    rig.show([makeTarget({ name: "new" })]);
    expect(rig.budget.folded).toBe(0);
  });
});
