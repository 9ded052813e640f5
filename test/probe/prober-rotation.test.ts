import { describe, expect, test } from "vitest";
import { synAck } from "../support/answers.ts";
import { nextPort } from "../support/next-port.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import { makeTarget } from "../support/target.ts";

const HOLD_MS = 60_000;

/** Eight flows, some of whose source ports get no answer. */
function running(deadPorts: Set<number> = new Set()) {
  const rig = new ProberRig((sent) =>
    deadPorts.has(sent.sourcePort) ? [] : [{ afterMs: 7, packet: synAck(sent) }],
  );
  const target = rig.add(makeTarget({ rotationHoldMs: HOLD_MS }));
  const ports = () => flowsOf(target).map((flow) => flow.sourcePort);
  return { rig, target, ports };
}

describe("rotation", () => {
  test("moves every healthy flow to the next port of its ring, with its next probe", () => {
    const { rig, target, ports } = running();
    rig.run(1100);
    const before = ports();
    const flows = flowsOf(target);
    rig.prober.rotate(target);
    expect(ports()).toEqual(before);
    const sent = rig.network.sent.length;
    rig.run(1000);
    expect(ports()).toEqual(before.map((port, bucket) => nextPort(target.rings, bucket, port)));
    expect(
      rig.network.sent
        .slice(sent)
        .map(({ sourcePort }) => sourcePort)
        .sort(),
    ).toEqual(ports().sort());
    expect(rig.moved.map(({ before: old }) => old)).toEqual(expect.arrayContaining(flows));
    expect(rig.moved).toHaveLength(8);
    for (const { before: old, after } of rig.moved) {
      expect(old).toMatchObject({ active: false, bucket: after.bucket });
      expect(after.active).toBe(true);
      expect(target.flows[after.bucket]).toBe(after);
    }
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });

  test("moves the flows one after the other within the time that it is given", () => {
    const { rig, target, ports } = running();
    rig.run(1100);
    const before = ports();
    const { intervalMs } = target.target;
    rig.prober.rotate(target, 8 * intervalMs);
    for (let moved = 1; moved <= 8; moved += 1) {
      rig.run(intervalMs);
      const now = ports().map((port, bucket) => port !== before[bucket]);
      expect(now.filter(Boolean).length).toBeGreaterThanOrEqual(moved - 1);
      expect(now.filter(Boolean).length).toBeLessThanOrEqual(moved);
    }
    rig.run(2 * intervalMs);
    expect(ports()).toEqual(before.map((port, bucket) => nextPort(target.rings, bucket, port)));
  });

  test("waits for the probe in flight, so that none is lost on the way", () => {
    const rig = new ProberRig((sent) => [{ afterMs: 450, packet: synAck(sent) }]);
    const target = rig.add(makeTarget());
    rig.run(5000, 5);
    for (let turn = 0; turn < 30; turn += 1) {
      rig.prober.rotate(target);
      rig.run(330);
    }
    rig.run(1000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    expect([...rig.prober.counters.ignored]).toEqual([]);
    expect(rig.moved.length).toBeGreaterThan(60);
  });

  test("asked for twice before a probe moves a flow once", () => {
    const { rig, target, ports } = running();
    rig.run(1100);
    const before = ports();
    rig.prober.rotate(target);
    rig.prober.rotate(target);
    rig.run(1000);
    expect(ports()).toEqual(before.map((port, bucket) => nextPort(target.rings, bucket, port)));
  });

  test("holds a failing flow until the hold time has passed, then lets it go", () => {
    const dead = new Set<number>();
    const { rig, target, ports } = running(dead);
    const [held = 0] = ports();
    dead.add(held);
    rig.run(2000);
    const flow = flowsOf(target)[0];
    expect(flow?.state).toBe("failing");
    const since = flow?.failingSince ?? 0;
    while (rig.clock.monotonic() < since + HOLD_MS - 1100) {
      rig.prober.rotate(target);
      rig.run(1000, 10);
      expect(ports()[0]).toBe(held);
    }
    rig.run(since + HOLD_MS + 1 - rig.clock.monotonic());
    rig.prober.rotate(target);
    rig.run(1600);
    expect(ports()[0]).toBe(nextPort(target.rings, 0, held));
    expect(flowsOf(target)[0]?.state).toBe("up");
  });

  test("lets a flow go that has recovered", () => {
    const dead = new Set<number>();
    const { rig, target, ports } = running(dead);
    const [held = 0] = ports();
    dead.add(held);
    rig.run(2000);
    dead.clear();
    rig.run(1100);
    rig.prober.rotate(target);
    rig.run(1000);
    expect(ports()[0]).toBe(nextPort(target.rings, 0, held));
  });

  test("that waited for a probe which then fails does not take the flow away from its fault", () => {
    const dead = new Set<number>();
    const { rig, target, ports } = running(dead);
    rig.run(1005);
    const [port = 0] = ports();
    // The first flow's probe is the one just sent.
    expect(flowsOf(target)[0]?.inFlight).toBe(true);
    const sent = rig.network.sent.filter(({ sourcePort }) => sourcePort === port).length;
    dead.add(port);
    rig.run(995);
    rig.run(10);
    expect(rig.network.sent.filter(({ sourcePort }) => sourcePort === port)).toHaveLength(sent + 1);
    rig.prober.rotate(target);
    rig.run(3000);
    expect(ports()[0]).toBe(port);
    expect(flowsOf(target)[0]?.state).toBe("failing");
  });

  test("goes through the same ports in the same order after a restart", () => {
    const walk = () => {
      const { rig, target, ports } = running();
      const walked: number[][] = [];
      for (let turn = 0; turn < 5; turn += 1) {
        rig.run(1100);
        walked.push(ports());
        rig.prober.rotate(target);
      }
      return walked;
    };
    const first = walk();
    expect(walk()).toEqual(first);
    expect(new Set(first.flat()).size).toBe(40);
  });
});
