import { beforeEach, describe, expect, test } from "vitest";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { TargetPaths } from "../../src/verdict/target-paths.ts";
import { TargetHistory } from "../../src/view/target-history.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";

const ANSWERED = { kind: "answered", rttMs: 2 } as const;
const FAILED = { kind: "failed", reason: "timeout", responder: undefined } as const;
const SLOT = 30_000;

describe("the history of a target", () => {
  let now: number;
  let history: TargetHistory;
  let target: ProbedTarget;
  let flow: ProbedFlow;
  let paths: TargetPaths;
  let seen: readonly (string | null)[] | undefined;

  beforeEach(() => {
    now = 0;
    seen = undefined;
    paths = new TargetPaths(0);
    const view = {
      pathsOf: () => paths,
      tellAnswers: () => {},
      traceOf: () => seen && { seen, way: [], lastHop: "10.0.0.1", lastHopTtl: 1 },
    };
    history = new TargetHistory(view as unknown as ConstructorParameters<typeof TargetHistory>[0], {
      monotonic: () => now,
      wall: () => now + 1_000_000,
    });
    target = makeProbed({ to: "192.0.2.10", flowBuckets: 2, name: "vip" });
    flow = makeFlowOf(target, 0, 61_000);
  });

  test("is an hour of half minutes, the oldest first, with the share of probes that failed", () => {
    for (let i = 0; i < 9; i += 1) history.onOutcome(flow, ANSWERED, now);
    now = 2 * SLOT;
    for (let i = 0; i < 6; i += 1) history.onOutcome(flow, i < 2 ? FAILED : ANSWERED, now);
    const { hour } = history.past(target);
    expect(hour).toHaveLength(120);
    expect(hour.slice(-4)).toBe("-0-3");
    now = 119 * SLOT;
    expect(history.past(target).hour.slice(0, 4)).toBe("0-3-");
    now = 300 * SLOT;
    expect(history.past(target).hour).toBe("-".repeat(120));
  });

  test("shows the least failure, and success of five minutes", () => {
    history.onOutcome(flow, FAILED, now);
    for (let i = 0; i < 99; i += 1) history.onOutcome(flow, ANSWERED, now);
    expect(history.past(target)).toMatchObject({ success_ratio: 0.99 });
    expect(history.past(target).hour.at(-1)).toBe("1");
    now = 10 * SLOT;
    expect(history.past(target).success_ratio).toBeNull();
  });

  test("does not count what the exporter itself spoiled", () => {
    history.onOutcome(flow, { kind: "invalid", reason: "stall" }, now);
    expect(history.past(target).hour).toBe("-".repeat(120));
  });

  test("knows when the verdict changed last", () => {
    expect(history.past(target).changed_at).toBeNull();
    now = 5000;
    history.onChange(target, { event: "verdict", message: "" });
    now = 9000;
    history.onChange(target, { event: "path_change", message: "" });
    expect(history.past(target).changed_at).toBe(1_005_000);
  });

  test("keeps where a flow died that has recovered within the same half minute", () => {
    paths.topology.learn(flow, ["10.0.0.1", "192.0.2.10"], 0);
    history.onOutcome(flow, FAILED, now);
    seen = ["10.0.0.1", null];
    history.onOutcome(flow, FAILED, now);
    history.onOutcome(flow, FAILED, now);
    // Once it works it is traced no more. One that lost half of its probes is shown as failing too.
    seen = undefined;
    for (let answered = 0; answered < 3; answered += 1) history.onOutcome(flow, ANSWERED, now);
    const steps = history.read(target);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const { way, ways } = step.value;
    const index = way[0]?.at(-1)?.[1] ?? -1;
    expect(ways[index]).toEqual({ path: null, hops: ["10.0.0.1"], cut: true });
  });

  test("tells of every bucket its state, the way of its flow and the path's round-trip time", () => {
    paths.topology.learn(flow, ["10.0.0.1", "192.0.2.10"], 0);
    history.onOutcome(flow, ANSWERED, now);
    now = SLOT;
    flow.state = "failing";
    seen = ["10.0.0.1", null, null];
    history.onOutcome(flow, FAILED, now);
    const steps = history.read(target);
    expect([steps.next().done, steps.next().done]).toEqual([false, false]);
    const { value: view } = steps.next();
    if (view === undefined) throw new Error("it takes more steps than there are buckets");
    expect(view.slot_seconds).toBe(30);
    expect(view.newest).toBe(1_000_000 + SLOT);
    expect(view.buckets.map((text) => text.slice(-2))).toEqual(["09", "--"]);
    const id = paths.topology.of(flow)?.path?.id;
    expect(view.ways).toEqual([
      { path: id, hops: ["10.0.0.1", "192.0.2.10"], cut: false },
      { path: null, hops: ["10.0.0.1"], cut: true },
    ]);
    expect(view.way).toEqual([
      [
        [118, 0],
        [119, 1],
      ],
      [],
    ]);
    expect(view.rtt_ms[id ?? ""]?.slice(-2)).toEqual([2, null]);
  });
});
