import { describe, expect, test } from "vitest";
import { Confirmations } from "../../src/probe/confirmations.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { datagram, refusedBy, synAck } from "../support/answers.ts";
import type { Behaviour } from "../support/memory-network.ts";
import { makeFlowOf, makeProbed } from "../support/probed-flow.ts";
import { flowsOf, ProberRig, type Recorded } from "../support/prober-rig.ts";
import { makeTarget } from "../support/target.ts";

const TARGET = { flowBuckets: 8, intervalMs: 10_000, timeoutMs: 1000 } as const;
const answered: Behaviour = (sent) => [{ afterMs: 5, packet: synAck(sent) }];

/** A rig whose eight flows have been answered once, and one of which is dead from now on while `broken` holds. */
function oneDies(protocol: "tcp" | "udp" = "tcp"): {
  rig: ProberRig;
  flow: ProbedFlow;
  state: { broken: boolean };
  ends: () => Recorded[];
} {
  const state = { broken: false };
  let port = 0;
  const rig = new ProberRig((sent) =>
    state.broken && sent.sourcePort === port ? [] : answered(sent),
  );
  const [flow] = flowsOf(rig.add(makeTarget({ ...TARGET, protocol })));
  if (flow === undefined) throw new Error("no flow");
  port = flow.sourcePort;
  rig.run(9000);
  state.broken = true;
  const before = rig.outcomes.length;
  return { rig, flow, state, ends: () => rig.outcomes.slice(before) };
}

describe("a flow whose probe is lost for the first time", () => {
  test("is probed three times more before its next slot, and then at its own pace again", () => {
    const { rig, flow, ends } = oneDies();
    rig.run(9900);
    const own = ends().filter((end) => end.flow === flow);
    expect(own.map(({ outcome }) => outcome.kind)).toEqual(Array(4).fill("failed"));
    const [first, , , last] = own;
    expect((last?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(4500);
    rig.run(20_000);
    expect(ends().filter((end) => end.flow === flow)).toHaveLength(6);
  });

  test("is probed three times more again when it dies once more, half a minute after it had come back", () => {
    const { rig, flow, state, ends } = oneDies();
    rig.run(18_000);
    state.broken = false;
    rig.run(21_000);
    expect(flow.state).toBe("up");
    state.broken = true;
    const before = ends().length;
    rig.run(18_000);
    const own = ends()
      .slice(before)
      .filter((end) => end.flow === flow && end.outcome.kind === "failed");
    expect(own.length).toBeGreaterThanOrEqual(4);
    expect((own[3]?.at ?? 0) - (own[0]?.at ?? 0)).toBeLessThan(4500);
  });

  test("is confirmed by as many probes whether they are answered or not", () => {
    const { rig, flow, state, ends } = oneDies();
    rig.run(2100);
    expect(flow.state).toBe("failing");
    state.broken = false;
    rig.run(7000);
    const own = ends().filter((end) => end.flow === flow);
    expect(own).toHaveLength(4);
    expect(flow.state).toBe("up");
  });

  test("leaves the other flows alone, and no slot of its own is skipped for it", () => {
    const { rig, flow, ends } = oneDies();
    rig.run(30_000);
    const others = ends().filter((end) => end.flow !== flow);
    expect(others).toHaveLength(3 * 7);
    expect(rig.prober.counters.skipped.size).toBe(0);
  });

  test("is not confirmed where the rounds come as fast by themselves", () => {
    const rig = new ProberRig(() => []);
    const target = rig.add(makeTarget({ flowBuckets: 4, intervalMs: 1000, timeoutMs: 900 }));
    rig.run(20_500);
    const [flow] = flowsOf(target);
    const sent = rig.network.sent.filter(({ sourcePort }) => sourcePort === flow?.sourcePort);
    expect(sent.length).toBeLessThanOrEqual(21);
  });

  test("gets no extra probes where the destination's ICMP errors are the answers", () => {
    const { rig, flow, ends } = oneDies("udp");
    rig.run(9900);
    expect(ends().filter((end) => end.flow === flow).length).toBeLessThanOrEqual(1);
  });

  test("is confirmed there too where somebody else reports it, who takes none of these answers", () => {
    let port = 0;
    const rig = new ProberRig((sent) =>
      sent.sourcePort === port ? [{ afterMs: 5, packet: refusedBy("10.0.0.9", sent) }] : [],
    );
    const [flow] = flowsOf(rig.add(makeTarget({ ...TARGET, protocol: "udp" })));
    port = flow?.sourcePort ?? 0;
    rig.run(9900);
    const own = rig.outcomes.filter((end) => end.flow === flow);
    expect(own.map(({ outcome }) => "reason" in outcome && outcome.reason)).toEqual(
      Array(4).fill("unreachable"),
    );
  });
});

describe("a flow that was dead", () => {
  test("is probed three times more when it answers again", () => {
    const { rig, flow, state, ends } = oneDies();
    rig.run(20_000);
    state.broken = false;
    const before = ends().length;
    rig.run(10_000);
    const since = ends()
      .slice(before)
      .filter((end) => end.flow === flow && end.outcome.kind === "answered");
    expect(since).toHaveLength(4);
  });
});

describe("a target of which every flow dies", () => {
  test("is never sent more than its own rate again", () => {
    const state = { broken: false };
    const rig = new ProberRig((sent) => (state.broken ? [] : answered(sent)));
    rig.add(makeTarget({ ...TARGET, flowBuckets: 64 }));
    rig.run(10_000);
    const before = rig.network.sent.length;
    state.broken = true;
    rig.run(10_000);
    expect(rig.network.sent.length - before).toBeLessThanOrEqual(2 * 64 + 2);
  });

  test("takes nothing from the budget that what is due needs", () => {
    const state = { broken: false };
    // 64 flows in 10 s need 6.4 packets a second: a budget of 8 has little to spare.
    const rig = new ProberRig((sent) => (state.broken ? [] : answered(sent)), 8);
    rig.add(makeTarget({ ...TARGET, flowBuckets: 64 }));
    rig.run(10_000);
    state.broken = true;
    const before = rig.network.sent.length;
    rig.run(20_000);
    expect(rig.network.sent.length - before).toBeLessThanOrEqual(8 * 20 + 1);
  });
});

test("an answer that comes late is not taken for one to a confirmation, where nothing in it says to which probe it is", () => {
  const late = { protocol: "udp", timeoutMs: 600, intervalMs: 3000, flowBuckets: 4 } as const;
  const payload = { kind: "hex", bytes: "00", expect: "" } as const;
  const rig = new ProberRig((sent) => [{ afterMs: 1200, packet: datagram(sent, sent.payload) }]);
  rig.add(makeTarget({ ...late, payload }));
  rig.run(15_000);
  expect(rig.outcomes.length).toBeGreaterThan(16);
  expect(new Set(rig.outcomes.map(({ outcome }) => outcome.kind))).toEqual(new Set(["failed"]));
});

test("flows of a target that may not be sent a confirmation yet are not looked at in every turn", () => {
  const probed = makeProbed({ flowBuckets: 64, intervalMs: 10_000, timeoutMs: 1000 });
  const confirmations = new Confirmations();
  let looks = 0;
  const flows = Array.from({ length: 64 }, (_, bucket) => {
    const flow = makeFlowOf(probed, bucket, 61_000 + bucket);
    confirmations.slot(flow, 0);
    // Each look asks whether the flow's probe is in flight.
    Object.defineProperty(flow, "inFlight", {
      get: () => {
        looks += 1;
        return false;
      },
    });
    return flow;
  });
  const lost = { kind: "failed", reason: "timeout", responder: undefined } as const;
  for (const flow of flows) confirmations.ended(flow, lost, 1000);
  const sent: { flow: ProbedFlow; at: number }[] = [];
  for (let now = 1000; now < 3000; now += 5) {
    confirmations.turn(now, (flow) => sent.push({ flow, at: now }) > 0);
  }
  // One in 500 ms or in the target's own step, whichever is less, from 250 ms after the failures on.
  const gap = Math.min(500, probed.pacer.step);
  expect(sent[0]?.at).toBe(1250);
  sent.slice(1).forEach(({ at }, index) => {
    const since = at - (sent[index]?.at ?? 0);
    expect(since).toBeGreaterThanOrEqual(gap);
    expect(since).toBeLessThan(gap + 10);
  });
  expect(looks).toBeLessThan(64 * 2 * (sent.length + 2));
});
