import { describe, expect, test } from "vitest";
import { synAck } from "../support/answers.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import { makeTarget } from "../support/target.ts";

const RTT_MS = 7;
const STALL_MS = 3000;

/** A hundred flows a second of one target, running well for a while. */
function running(rttMs = RTT_MS) {
  const rig = new ProberRig((sent) => [{ afterMs: rttMs, packet: synAck(sent) }]);
  const target = rig.add(makeTarget({ flowBuckets: 100 }));
  rig.run(2000);
  rig.outcomes.length = 0;
  return { rig, target };
}

describe("a process that did not run for three seconds", () => {
  test("keeps the kernel's round-trip times of what was answered meanwhile", () => {
    const { rig, target } = running(100);
    const waiting = flowsOf(target).filter((flow) => flow.inFlight);
    expect(waiting.length).toBeGreaterThan(5);
    rig.stall(STALL_MS);
    const ended = rig.outcomes.filter(({ flow }) => waiting.includes(flow));
    expect(rig.tally(ended)).toEqual({ answered: waiting.length });
    for (const { outcome } of ended) {
      expect(outcome.kind === "answered" && outcome.rttMs).toBeCloseTo(100, 6);
    }
  });

  test("calls probes invalid whose answer it could not time itself", () => {
    const { rig, target } = running(100);
    rig.network.kernelTimestamps = false;
    const waiting = flowsOf(target).filter((flow) => flow.inFlight);
    rig.stall(STALL_MS);
    const ended = rig.outcomes.filter(({ flow }) => waiting.includes(flow));
    expect(rig.tally(ended)).toEqual({ "invalid stall": waiting.length });
  });

  test("calls unanswered probes invalid, and leaves their flows as they were", () => {
    const { rig, target } = running();
    rig.network.behaviour = () => [];
    rig.run(100);
    const waiting = flowsOf(target).filter((flow) => flow.inFlight);
    expect(waiting.length).toBeGreaterThan(8);
    rig.outcomes.length = 0;
    rig.stall(STALL_MS);
    expect(rig.tally()).toEqual({ "invalid stall": waiting.length });
    expect(waiting.every((flow) => flow.state === "up")).toBe(true);
  });

  test("passes over the probes it missed, reports them, and sends no burst afterwards", () => {
    const { rig } = running();
    const before = rig.network.sent.length;
    const missed = rig.missed;
    rig.stall(STALL_MS);
    // What is due within the last moments may still go out; the rest never does.
    expect(rig.network.sent.length - before).toBeLessThanOrEqual(7);
    const passed = rig.missed - missed;
    expect(passed + rig.network.sent.length - before).toBeGreaterThanOrEqual(299);
    expect(rig.prober.counters.skipped.get("stall")).toBe(rig.missed);
    rig.run(2000);
    const times = rig.network.sent.slice(before).map(({ at }) => at);
    for (const from of times) {
      // The even share of a tenth of a second is ten.
      expect(times.filter((at) => at >= from && at < from + 100).length).toBeLessThan(20);
    }
    expect(rig.outcomes.filter(({ outcome }) => outcome.kind === "failed")).toEqual([]);
  });

  test("judges probes again as soon as it runs", () => {
    const { rig, target } = running();
    rig.stall(STALL_MS);
    rig.network.behaviour = () => [];
    rig.outcomes.length = 0;
    rig.run(1700);
    expect(rig.tally()["failed timeout"]).toBeGreaterThan(80);
    expect(flowsOf(target).filter((flow) => flow.state === "up")).toHaveLength(0);
  });

  test("may sleep again and again without ever reporting a failure", () => {
    const { rig } = running();
    for (let round = 0; round < 20; round += 1) {
      rig.run(150 + round * 17);
      rig.stall(250 + round * 100);
    }
    rig.run(1000);
    expect(Object.keys(rig.tally()).filter((kind) => kind.startsWith("failed"))).toEqual([]);
  });
});

describe("a process that is held up while it sends", () => {
  test("calls the batch invalid, answered or not: nobody knows when it left", () => {
    const { rig, target } = running();
    let held = false;
    rig.network.behaviour = (sent) => {
      // The packet left only after the pause; what the engine noted as its time is before.
      if (!held) rig.clock.advance(120);
      held = true;
      return [{ afterMs: RTT_MS, packet: synAck(sent) }];
    };
    const count = rig.network.sent.length;
    rig.run(15);
    const [first] = rig.network.sent.slice(count);
    rig.run(60);
    const flow = flowsOf(target).find(({ sourcePort }) => sourcePort === first?.sourcePort);
    const ended = rig.outcomes.find((outcome) => outcome.flow === flow);
    expect(ended?.outcome).toEqual({ kind: "invalid", reason: "stall" });
    rig.run(1000);
    expect(rig.tally(rig.outcomes.slice(-80))).toEqual({ answered: 80 });
  });
});

describe("a process that others have kept from running for 150 ms", () => {
  /** A hundred targets of 64 flows in 10 s: 640 probes a second. */
  function many(packetsPerSecond: number) {
    const rig = new ProberRig(
      (sent) => [{ afterMs: RTT_MS, packet: synAck(sent) }],
      packetsPerSecond,
    );
    for (let port = 1; port <= 100; port += 1) {
      rig.add(makeTarget({ port, flowBuckets: 64, intervalMs: 10_000 }));
    }
    rig.run(12_000);
    rig.outcomes.length = 0;
    return rig;
  }

  test.each([
    ["a budget of ten times that", 6400],
    ["a budget that has hardly more room than they need", 1000],
  ])("passes over none of them, within %s", (_, packetsPerSecond) => {
    const rig = many(packetsPerSecond);
    const before = rig.network.sent.length;
    rig.stall(150);
    rig.run(5000);
    expect([...rig.prober.counters.skipped]).toEqual([]);
    expect(rig.missed).toBe(0);
    expect(rig.tally()).toEqual({ answered: rig.outcomes.length });
    expect(rig.network.sent.length - before).toBeGreaterThanOrEqual(Math.floor(640 * 5.15) - 20);
    // No second holds more than the budget, and what is sent at once is 20 ms of it.
    const times = rig.network.sent.slice(before).map(({ at }) => at);
    const atOnce = new Map<number, number>();
    for (const at of times) atOnce.set(at, (atOnce.get(at) ?? 0) + 1);
    expect(Math.max(...atOnce.values())).toBeLessThanOrEqual(
      Math.max(0.02 * packetsPerSecond, 110),
    );
    expect(times.filter((at) => at < (times[0] ?? 0) + 1000).length).toBeLessThanOrEqual(
      packetsPerSecond,
    );
  });

  test("counts what a budget without room makes too late by the budget, not as invalid", () => {
    const rig = many(500);
    expect([...rig.prober.counters.skipped.keys()]).toEqual(["budget"]);
    expect(rig.missed).toBe(0);
    rig.stall(STALL_MS);
    expect(rig.prober.counters.skipped.get("stall")).toBeGreaterThan(0.9 * 640 * 3);
    expect(rig.missed).toBe(rig.prober.counters.skipped.get("stall"));
  });
});
