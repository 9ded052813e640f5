import { describe, expect, test } from "vitest";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import type { TraceResult } from "../../src/trace/trace.ts";
import { TargetPaths } from "../../src/verdict/target-paths.ts";
import { type TargetState, targetView, type ViewSource } from "../../src/view/target-view.ts";
import { flowsOf } from "../support/metrics-rig.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const NOW = 60_000;
const ADDRESS = "192.0.2.10";
const HEALTHY = ["10.0.0.1", null, null, ADDRESS];
const BROKEN = ["10.0.0.1", "10.0.0.8", ADDRESS];

/** Three flows: one works, one fails behind 10.0.0.8, one was not probed yet. */
class Shown {
  readonly target: ProbedTarget = makeProbed({ to: ADDRESS, flowBuckets: 3, name: "mysql-vip" });
  readonly paths: TargetPaths = new TargetPaths(0);
  readonly traced: Map<ProbedFlow, TraceResult> = new Map();
  readonly names: Map<string, string> = new Map();

  constructor() {
    for (let bucket = 0; bucket < 3; bucket += 1) {
      this.target.flows.push(makeFlowOf(this.target, bucket, 61_000 + bucket));
    }
    const [up, failing] = flowsOf(this.target);
    if (up === undefined || failing === undefined) throw new Error("no flows");
    up.state = "up";
    up.rttMs = 12.5;
    failing.state = "failing";
    failing.lastFailure = { kind: "failed", reason: "timeout", responder: undefined };
    this.paths.topology.learn(up, HEALTHY, 0);
    this.paths.topology.learn(failing, BROKEN, 0);
    for (let probe = 0; probe < 4; probe += 1) {
      this.paths.evidence.add(up, false, 50_000 + probe);
      this.paths.evidence.add(failing, probe > 0, 50_000 + probe);
    }
    this.traced.set(failing, {
      lastHop: "10.0.0.8",
      lastHopTtl: 2,
      seen: ["10.0.0.1", "10.0.0.8"],
      reached: false,
      wholeAt: 0,
      destinationTtl: undefined,
      way: [],
    });
  }

  view(state: Partial<TargetState> = {}): ReturnType<typeof targetView> {
    const source: ViewSource = {
      engine: {
        lastHopOf: (flow) =>
          flow.state === "up" || flow.lastFailure?.reason === "unfinished"
            ? ADDRESS
            : (this.traced.get(flow)?.lastHop ?? "unknown"),
        traceOf: (flow) => this.traced.get(flow),
        pathsOf: () => this.paths,
        tellAnswers: () => {},
      },
      names: { nameOf: (hop) => this.names.get(hop), routerOf: () => undefined },
    };
    const base = { name: "mysql-vip", protocol: "tcp", port: 3306, labels: { site: "fra1" } };
    return targetView({ ...base, probed: this.target, error: undefined, ...state }, source, NOW);
  }
}

test("a failing flow tells a TTL of its last hop where its sweep met that, and what its sweep met, if anything", () => {
  const shown = new Shown();
  const [, swept, waiting] = flowsOf(shown.target);
  for (const flow of [swept, waiting]) {
    if (flow === undefined) throw new Error("no flow");
    flow.state = "failing";
    flow.lastFailure = { kind: "failed", reason: "unfinished", responder: undefined };
  }
  const [, ...failing] = shown.view().flows;
  expect(failing).toMatchObject([
    { last_hop: ADDRESS, last_hop_ttl: null, seen: ["10.0.0.1", "10.0.0.8"] },
    { last_hop: ADDRESS, last_hop_ttl: null, seen: [] },
  ]);
});

describe("a target that is not probed", () => {
  test("says why, and shows nothing that is not known", () => {
    const view = new Shown().view({ probed: undefined, error: "the name does not resolve" });
    expect(view).toEqual({
      name: "mysql-vip",
      protocol: "tcp",
      method: null,
      address: null,
      source: null,
      port: 3306,
      labels: { site: "fra1" },
      error: "the name does not resolve",
      verdict: "indeterminate",
      reason: "The target is not probed: the name does not resolve.",
      flows: [],
      paths: [],
      rate_limit: null,
      links: [],
      suspects: [],
      nat: null,
      dscp_change: null,
      hops: [],
      coverage: { paths: 0, confidence: 0, per_packet_ttls: [], warning: null },
      reproduce: { failing: [], working: [] },
    });
    const waiting = new Shown().view({ probed: undefined });
    expect(waiting.reason).toContain("being resolved");
  });
});

describe("a target that is probed", () => {
  const shown = new Shown();
  const view = shown.view();

  test("shows each flow as it is now", () => {
    const [up, failing, unknown] = view.flows;
    const hashes = flowsOf(shown.target).map(({ hash }) => hash);
    const path = (hops: (string | null)[]): string | undefined =>
      view.paths.find((each) => each.hops.join() === hops.join())?.id;
    expect(up).toEqual({
      bucket: 0,
      source_port: 61_000,
      hash: hashes[0],
      state: "up",
      last_result: "success",
      last_hop: ADDRESS,
      last_hop_ttl: null,
      path: path(HEALTHY),
      rtt_seconds: 0.0125,
    });
    expect(failing).toEqual({
      bucket: 1,
      source_port: 61_001,
      hash: hashes[1],
      state: "failing",
      last_result: "timeout",
      last_hop: "10.0.0.8",
      last_hop_ttl: 2,
      path: path(BROKEN),
      seen: ["10.0.0.1", "10.0.0.8"],
      rtt_seconds: null,
    });
    expect(unknown).toMatchObject({ state: "unknown", last_result: null, path: null });
  });

  test("counts the probes of the window by path and by link", () => {
    expect(view.paths.map(({ id, ...rest }) => rest)).toEqual([
      { hops: HEALTHY, flows: 1, probes: 4, failures: 0, success_ratio: 1 },
      { hops: BROKEN, flows: 1, probes: 4, failures: 3, success_ratio: 0.25 },
    ]);
    expect(view.links).toEqual([
      { from: null, to: "10.0.0.1", probes: 8, failures: 3 },
      { from: "10.0.0.1", to: "10.0.0.8", probes: 4, failures: 3 },
      { from: "10.0.0.8", to: ADDRESS, probes: 4, failures: 3 },
    ]);
  });

  test("says how to repeat a failing flow and a working one by hand", () => {
    expect(view.reproduce.failing[0]).toBe(`nc -z -w 2 -p 61001 ${ADDRESS} 3306`);
    expect(view.reproduce.working[0]).toBe(`nc -z -w 2 -p 61000 ${ADDRESS} 3306`);
  });

  test("tells the verdict that stands, with its suspects", () => {
    expect(view.verdict).toBe("indeterminate");
    const accused = new Shown();
    const suspects = [
      {
        from: "10.0.0.8",
        to: ADDRESS,
        segment: "forward",
        place: "link",
        name: ADDRESS,
        alternatives: [],
        loss_ratio: 1,
        confidence: 0.9,
        reason: "It is so.",
      } as const,
    ];
    for (const now of [0, 10_000]) {
      accused.paths.hysteresis.update({ verdict: "path_fault", reason: "Because.", suspects }, now);
    }
    expect(accused.view()).toMatchObject({ verdict: "path_fault", suspects });
    // It is of now: of the flows shown beside it.
    const failing = accused.view().flows.filter(({ state }) => state === "failing").length;
    expect(accused.view().reason).toContain(`${failing} of 3 flows fail now`);
  });

  test("warns where the network is wider than its buckets can show", () => {
    expect(view.coverage).toMatchObject({ paths: 2, warning: null });
    const wide = new Shown();
    wide.paths.bucketsNeeded = 90;
    expect(wide.view().coverage.warning).toBe(
      "flow_buckets is 3, but 90 would be needed to see every next hop with 95 %",
    );
  });

  test("names the TTLs at which packets of one flow are balanced", () => {
    const balanced = new Shown();
    balanced.paths.topology.balanceByPacket(new Set([2]));
    expect(balanced.view().coverage.per_packet_ttls).toEqual([2]);
  });

  test("shows a path without probes as one of which nothing is known", () => {
    const idle = new Shown();
    idle.paths.topology.learn(makeFlowOf(idle.target, 2, 61_009), ["10.0.0.3", ADDRESS], 0);
    expect(idle.view().paths.at(-1)).toMatchObject({ probes: 0, failures: 0, success_ratio: null });
  });

  test("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
  });
});
