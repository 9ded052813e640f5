import { describe, expect, test } from "vitest";
import { expiredAt, pong, refusedBy, reset, synAck } from "../support/answers.ts";
import { type EcmpScript, ecmp, pathOf } from "../support/ecmp.ts";
import type { Behaviour } from "../support/memory-network.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import { seeded } from "../support/random.ts";
import { printedSeed } from "../support/seed.ts";
import { makeTarget } from "../support/target.ts";

const RTT_MS = 7;
const listening: Behaviour = (sent) => [{ afterMs: RTT_MS, packet: synAck(sent) }];
const silent: Behaviour = () => [];

/** Four paths of two routers each in front of a listening server. */
function network(): EcmpScript {
  const paths = [2, 3, 4, 5].map((n) => ["10.0.0.1", `10.0.0.${n}`]);
  return { paths, service: (sent) => [synAck(sent)], rttMs: RTT_MS, broken: new Set() };
}

describe("a probe", () => {
  test("that is answered gives its round-trip time and makes its flow up", () => {
    const rig = new ProberRig(listening);
    const target = rig.add(makeTarget());
    rig.run(990);
    expect(rig.tally()).toEqual({ answered: 8 });
    for (const { outcome } of rig.outcomes) {
      expect(outcome.kind === "answered" && outcome.rttMs).toBeCloseTo(RTT_MS, 6);
    }
    for (const flow of flowsOf(target)) {
      expect(flow).toMatchObject({ state: "up", failingSince: undefined, inFlight: false });
      expect(flow.last).toMatchObject({ kind: "answered" });
    }
    expect(rig.prober.counters).toMatchObject({ sent: 8, received: 8 });
    expect([...rig.prober.counters.ignored]).toEqual([]);
  });

  test("fails where its path is broken, and only there", () => {
    const script = network();
    const rig = new ProberRig(ecmp(script));
    const target = rig.add(makeTarget({ flowBuckets: 64 }));
    rig.run(1000);
    script.broken.add("10.0.0.4");
    const after = rig.clock.monotonic();
    rig.run(2600);
    const bad = flowsOf(target).filter((flow) =>
      pathOf(script, flow.sourcePort).includes("10.0.0.4"),
    );
    expect(bad.length).toBeGreaterThan(4);
    for (const flow of flowsOf(target)) {
      expect(flow.state).toBe(bad.includes(flow) ? "failing" : "up");
    }
    const failures = rig.outcomes.filter(({ outcome }) => outcome.kind === "failed");
    expect(new Set(failures.map(({ flow }) => flow))).toEqual(new Set(bad));
    expect(rig.tally(failures)).toEqual({ "failed timeout": failures.length });
    for (const { flow } of failures) {
      expect(flow.failingSince).toBeGreaterThan(after);
      expect(flow.failingSince).toBeLessThan(after + 1600);
    }
    script.broken.clear();
    rig.run(1600);
    expect(flowsOf(target).filter((flow) => flow.state !== "up")).toEqual([]);
    expect(flowsOf(target).filter((flow) => flow.failingSince !== undefined)).toEqual([]);
  });

  test.each([
    ["refused", "198.51.100.2", makeTarget(), (sent) => reset(sent)],
    ["unreachable", "10.0.0.9", makeTarget(), (sent) => refusedBy("10.0.0.9", sent, { code: 1 })],
    ["prohibited", "10.0.0.9", makeTarget(), (sent) => refusedBy("10.0.0.9", sent, { code: 13 })],
    ["ttl_exceeded", "10.0.0.9", makeTarget(), (sent) => expiredAt("10.0.0.9", sent)],
  ] as [
    string,
    string,
    ReturnType<typeof makeTarget>,
    (sent: Parameters<Behaviour>[0]) => Uint8Array,
  ][])("fails as %s where %s says so", (reason, responder, target, answer) => {
    const rig = new ProberRig((sent) => [{ afterMs: RTT_MS, packet: answer(sent) }]);
    rig.add(target);
    // What an ICMP error says is final when the time is up.
    rig.run(1490);
    expect(Object.keys(rig.tally())).toEqual([`failed ${reason}`]);
    expect(new Set(rig.outcomes.map(({ flow }) => flow.bucket)).size).toBe(8);
    for (const { outcome } of rig.outcomes) {
      expect(outcome).toMatchObject({ responder: { text: responder } });
    }
  });

  test("of ICMP is answered by its echo", () => {
    const rig = new ProberRig((sent) => [{ afterMs: RTT_MS, packet: pong(sent) }]);
    rig.add(makeTarget({ protocol: "icmp" }));
    rig.run(3000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });

  test("is lost only when everything received before its deadline was read", () => {
    // Received a millisecond before the deadline, but readable only some time after it.
    const rig = new ProberRig((sent) => [{ afterMs: 499, packet: synAck(sent) }]);
    rig.network.visibilityMs = 100;
    rig.add(makeTarget());
    rig.run(2000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    expect(rig.outcomes.length).toBeGreaterThan(8);
    for (const { outcome } of rig.outcomes) {
      expect(outcome.kind === "answered" && outcome.rttMs).toBeCloseTo(499, 6);
    }
    expect(rig.late).toEqual([]);
  });

  test("whose answer comes after the deadline is lost, and its answer late, once each", () => {
    for (const afterMs of [501, 510, 530, 700]) {
      const rig = new ProberRig((sent) => [{ afterMs, packet: synAck(sent) }]);
      rig.add(makeTarget());
      rig.run(5000);
      rig.network.behaviour = silent;
      rig.run(900);
      const failed = rig.outcomes.filter(({ flow }) => flow.state === "failing").length;
      expect(Object.keys(rig.tally())).toEqual(["failed timeout"]);
      // Those that were sent after the change get no answer at all.
      const answered = rig.network.sent.filter(({ at }) => at <= rig.clock.monotonic() - 900);
      expect(rig.late).toHaveLength(answered.length);
      expect(failed).toBeGreaterThanOrEqual(answered.length);
    }
  });

  test("that is answered twice counts once", () => {
    const rig = new ProberRig((sent) => [
      { afterMs: RTT_MS, packet: synAck(sent) },
      { afterMs: 30, packet: synAck(sent) },
    ]);
    rig.add(makeTarget());
    rig.run(990);
    expect(rig.tally()).toEqual({ answered: 8 });
    expect([...rig.prober.counters.ignored]).toEqual([["duplicate", 8]]);
  });

  test("that is answered twice after its deadline is late once", () => {
    const rig = new ProberRig((sent) =>
      [700, 720].map((afterMs) => ({ afterMs, packet: synAck(sent) })),
    );
    rig.add(makeTarget());
    rig.run(1700);
    const late = rig.late.length;
    expect(late).toBeGreaterThanOrEqual(7);
    expect(rig.prober.counters.ignored.get("duplicate")).toBeGreaterThanOrEqual(late - 1);
    expect(rig.prober.counters.ignored.get("duplicate")).toBeLessThanOrEqual(late);
  });

  test("ends once, as its first answer says, whatever the network and the loop do", () => {
    const random = seeded(printedSeed("prober"));
    for (let round = 0; round < 20; round += 1) {
      // Up to a timeout that ends with the interval: a flow's next probe must not mix with the one before.
      const timeoutMs = random.pick([50, 500, 900, 990, 999]);
      const expected = new Map<number, string[]>();
      const rig = new ProberRig((sent) => {
        const lost = random.chance(0.2);
        const delays = lost ? [] : [random.between(0, 1500), random.between(0, 3000)];
        const first = Math.min(...delays, Number.POSITIVE_INFINITY);
        const list = expected.get(sent.sourcePort) ?? [];
        expected.set(sent.sourcePort, list);
        list.push(first <= timeoutMs ? `answered ${first}` : "timeout");
        return delays.map((afterMs) => ({ afterMs, packet: synAck(sent) }));
      });
      const target = rig.add(makeTarget({ timeoutMs }));
      while (rig.clock.monotonic() < 25_000) rig.run(random.between(1, 40), 40);
      for (const flow of flowsOf(target)) {
        const ended = rig.outcomes.filter((one) => one.flow === flow).map(({ outcome }) => outcome);
        const said = ended.map((outcome) =>
          outcome.kind === "answered" ? `answered ${Math.round(outcome.rttMs)}` : outcome.reason,
        );
        const all = expected.get(flow.sourcePort) ?? [];
        expect(said).toEqual(all.slice(0, all.length - (flow.inFlight ? 1 : 0)));
        expect(said.length).toBeGreaterThan(8);
      }
    }
  });

  test("that the kernel does not take is invalid, and changes nothing about its flow", () => {
    const rig = new ProberRig(listening);
    const target = rig.add(makeTarget());
    rig.run(1100);
    rig.network.sendError = "ENOBUFS";
    rig.outcomes.length = 0;
    rig.run(1000);
    expect(rig.tally()).toEqual({ "invalid send_error": 8 });
    expect([...rig.prober.counters.sendErrors]).toEqual([["ENOBUFS", 8]]);
    expect(flowsOf(target).every((flow) => flow.state === "up")).toBe(true);
  });

  test("is invalid where this host lost its way to the target while it waited, and no other error of sending makes it so", () => {
    for (const [error, what] of [
      ["ENETUNREACH", "invalid send_error"],
      ["EPERM", "failed timeout"],
    ] as const) {
      const rig = new ProberRig(silent);
      rig.add(makeTarget());
      rig.run(400);
      const [first] = rig.network.sent;
      rig.network.sendError = error;
      rig.run(700);
      const ended = rig.outcomes.find(({ flow }) => flow.sourcePort === first?.sourcePort);
      expect(
        `${ended?.outcome.kind} ${ended?.outcome.kind === "answered" ? "" : ended?.outcome.reason}`,
      ).toBe(what);
    }
  });

  test("is invalid where the kernel dropped packets while it waited for its answer", () => {
    const rig = new ProberRig(silent);
    const target = rig.add(makeTarget());
    rig.run(400);
    rig.network.drop(5);
    rig.run(300);
    expect(rig.tally()).toEqual({ "invalid receive_drops": rig.outcomes.length });
    expect(rig.outcomes.length).toBeGreaterThan(0);
    expect(rig.prober.counters.receiveDrops).toBe(5);
    rig.run(2000);
    expect(Object.keys(rig.tally())).toContain("failed timeout");
    expect(flowsOf(target).every((flow) => flow.state === "failing")).toBe(true);
  });

  test("that does not fit in the budget is skipped and counted", () => {
    const rig = new ProberRig(listening, 50);
    rig.add(makeTarget({ flowBuckets: 100 }));
    rig.run(4000);
    const skipped = rig.prober.counters.skipped.get("budget") ?? 0;
    expect(skipped).toBeGreaterThan(150);
    expect(rig.network.sent.length).toBeLessThanOrEqual(4 * 50 + 2);
    // What has been due for no more than 60 ms may still find room.
    expect(skipped + rig.network.sent.length).toBeGreaterThanOrEqual(399 - 6);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });
});

describe("probes of a flow", () => {
  test("have one sequence number, timestamps that rise, and no two numbers alike between flows", () => {
    const rig = new ProberRig(listening);
    rig.add(makeTarget());
    rig.run(5000);
    const flows = new Map<number, number[]>();
    const sequences = new Map<number, Set<number>>();
    for (const { sourcePort, sequence, timestamp } of rig.network.sent) {
      flows.set(sourcePort, [...(flows.get(sourcePort) ?? []), timestamp]);
      sequences.set(sourcePort, (sequences.get(sourcePort) ?? new Set()).add(sequence));
    }
    expect(flows.size).toBe(8);
    for (const stamps of flows.values()) {
      expect(stamps.length).toBeGreaterThanOrEqual(5);
      expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
      expect(new Set(stamps).size).toBe(stamps.length);
    }
    expect([...sequences.values()].map((set) => set.size)).toEqual(new Array(8).fill(1));
    expect(new Set([...sequences.values()].flatMap((set) => [...set])).size).toBe(8);
  });

  test("leave evenly spread, also with many targets", () => {
    const rig = new ProberRig(listening);
    for (let index = 0; index < 40; index += 1) {
      rig.add(makeTarget({ port: 1000 + index, flowBuckets: 16 }));
    }
    rig.run(3000);
    const times = rig.network.sent.map(({ at }) => at);
    const share = (40 * 16) / 10;
    for (const from of times) {
      const window = times.filter((at) => at >= from && at < from + 100).length;
      expect(window).toBeLessThan(1.5 * share);
    }
    expect(times.length).toBeGreaterThan(1900);
  });
});
