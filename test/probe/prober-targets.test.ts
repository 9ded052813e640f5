import { describe, expect, test } from "vitest";
import { Prober } from "../../src/probe/prober.ts";
import { synAck } from "../support/answers.ts";
import type { Behaviour } from "../support/memory-network.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import { makeTarget } from "../support/target.ts";

const listening: Behaviour = (sent) => [{ afterMs: 7, packet: synAck(sent) }];

describe("targets", () => {
  test("with the same 5-tuples are refused, and one may follow another", () => {
    const rig = new ProberRig(listening);
    const first = rig.add(makeTarget());
    expect(rig.prober.add(makeTarget({ name: "again", host: "alias.example" }))).toBe(
      'target "service" already probes 198.51.100.2 port 3306/tcp; remove one of the two, or give one source_ports of its own',
    );
    for (const other of [
      makeTarget({ name: "a", port: 3307 }),
      makeTarget({ name: "b", protocol: "udp" }),
      makeTarget({ name: "c", to: "198.51.100.3" }),
      makeTarget({ name: "d", sourcePorts: { first: 50_000, last: 50_999 } }),
    ]) {
      expect(typeof rig.prober.add(other)).toBe("object");
    }
    rig.prober.remove(first);
    expect(typeof rig.prober.add(makeTarget())).toBe("object");
  });

  test("that are removed are sent nothing more, and what still comes is of no flow", () => {
    const rig = new ProberRig((sent) => [{ afterMs: 200, packet: synAck(sent) }]);
    const target = rig.add(makeTarget());
    rig.run(1100);
    const { length } = rig.network.sent;
    const ended = rig.outcomes.length;
    rig.prober.remove(target);
    rig.run(2000);
    expect(rig.network.sent).toHaveLength(length);
    expect(rig.outcomes).toHaveLength(ended);
    expect(rig.prober.counters.ignored.get("unknown_flow")).toBe(length - ended);
    expect(flowsOf(target).every((flow) => !flow.active)).toBe(true);
  });

  test("have the same rings after a restart, and no two engines the same secret", () => {
    const [first, second] = [1, 2].map(() => {
      const rig = new ProberRig(listening);
      const { sender, receiver, clock } = {
        sender: rig.network,
        receiver: rig.network,
        clock: rig.clock,
      };
      const observer = {
        onOutcome: () => {},
        onLate: () => {},
        onMissed: () => {},
        onSweepAnswer: () => undefined,
        onReport: () => {},
        onMoved: () => {},
        onOneWayLoss: () => {},
        onRateLimit: () => {},
      };
      const prober = new Prober({ sender, receiver, clock, observer, packetsPerSecond: 1000 });
      const target = prober.add(makeTarget({ flowBuckets: 64 }));
      if (typeof target === "string") throw new Error(target);
      return flowsOf(target);
    });
    expect(first?.map((flow) => flow.sourcePort)).toEqual(second?.map((flow) => flow.sourcePort));
    const sequences = [first, second].map((flows) => flows?.map((flow) => flow.packet.sequence));
    expect(sequences[0]).not.toEqual(sequences[1]);
  });

  test("leave buckets without a port alone, and say so", () => {
    const rig = new ProberRig(listening);
    const few = makeTarget({ flowBuckets: 8, sourcePorts: { first: 61_000, last: 61_001 } });
    const target = rig.add(few);
    const flows = flowsOf(target).length;
    expect(flows).toBeLessThanOrEqual(2);
    rig.run(1000);
    expect(new Set(rig.network.sent.map(({ sourcePort }) => sourcePort)).size).toBe(flows);
    expect(rig.prober.counters.skipped.get("no_port")).toBeGreaterThanOrEqual(8 - flows);
  });

  test("do not take ports that others hold, neither at first nor in rotation", () => {
    const rig = new ProberRig(listening);
    const plain = rig.add(makeTarget());
    const taken = flowsOf(plain).map((flow) => flow.sourcePort);
    rig.prober.remove(plain);
    rig.prober.unavailablePorts = new Set(taken);
    const target = rig.add(makeTarget());
    const ports = flowsOf(target).map((flow) => flow.sourcePort);
    expect(ports.filter((port) => taken.includes(port))).toEqual([]);
    rig.prober.unavailablePorts = new Set([...taken, ...ports]);
    rig.prober.rotate(target);
    rig.run(1100);
    const moved = flowsOf(target).map((flow) => flow.sourcePort);
    expect(moved.filter((port) => taken.includes(port) || ports.includes(port))).toEqual([]);
  });
});
