import { describe, expect, test } from "vitest";
import { synAck } from "../../support/answers.ts";
import type { Behaviour } from "../../support/memory-network.ts";
import { flowsOf, ProberRig } from "../../support/prober-rig.ts";
import { checksumsAreRight } from "../../support/sent-packet.ts";
import { ENDS, makeTarget } from "../../support/target.ts";

const RTT_MS = 7;

/** A server that no reset reaches: it answers every SYN of a port with the timestamp of the first. */
function remembering(): Behaviour {
  const first = new Map<number, number>();
  return (sent) => {
    const echo = first.get(sent.sourcePort) ?? sent.timestamp;
    first.set(sent.sourcePort, echo);
    return [{ afterMs: RTT_MS, packet: synAck(sent, { echo }) }];
  };
}

/** A rig whose flows have been answered once, and then meet `behaviour`. */
function answeredThen(behaviour: Behaviour): ProberRig {
  const rig = new ProberRig((sent) => [{ afterMs: RTT_MS, packet: synAck(sent) }]);
  rig.knowsSweeps = false;
  rig.add(makeTarget());
  rig.run(990);
  expect(rig.tally()).toEqual({ answered: 8 });
  rig.outcomes.length = 0;
  rig.network.behaviour = behaviour;
  rig.run(3000);
  return rig;
}

describe("a SYN-ACK with the timestamp of an earlier packet", () => {
  test("answers the probe of a flow whose reset was lost, once", () => {
    const rig = answeredThen(remembering());
    const first = new Map<number, string>();
    for (const { flow, outcome } of rig.outcomes) {
      const kind = outcome.kind === "failed" ? outcome.reason : outcome.kind;
      if (!first.has(flow.sourcePort)) first.set(flow.sourcePort, kind);
    }
    expect([...first.values()]).toEqual(new Array(8).fill("answered"));
    expect(rig.prober.counters.ignored.get("unmatched")).toBeUndefined();
  });

  test("answers nothing where it comes later than an answer would", () => {
    const late = (sent: Parameters<Behaviour>[0]) =>
      synAck(sent, { echo: sent.timestamp - 100_000 });
    const rig = answeredThen((sent) => [{ afterMs: 2 * RTT_MS + 11, packet: late(sent) }]);
    expect(Object.keys(rig.tally())).toEqual(["failed timeout"]);
  });

  test("answers nothing on a flow that fails, however soon it comes", () => {
    let broken = true;
    const rig = answeredThen((sent) =>
      broken ? [] : [{ afterMs: RTT_MS, packet: synAck(sent, { echo: sent.timestamp - 100_000 }) }],
    );
    broken = false;
    rig.outcomes.length = 0;
    rig.run(2000);
    expect(Object.keys(rig.tally())).toEqual(["failed timeout"]);
    expect(rig.prober.counters.ignored.get("unmatched")).toBeGreaterThan(8);
    expect([...rig.prober.targets].flatMap(flowsOf).every(({ state }) => state === "failing")).toBe(
      true,
    );
  });
});

describe("a SYN-ACK", () => {
  const answering: Behaviour = (sent) => [{ afterMs: RTT_MS, packet: synAck(sent) }];

  test("of an IPv6 flow is answered by a reset of that flow, label and all", () => {
    const rig = new ProberRig(answering);
    rig.add(makeTarget(ENDS[6]));
    rig.run(990);
    const { sent, resets } = rig.network;
    expect(resets).toHaveLength(8);
    const byPort = new Map(sent.map((probe) => [probe.sourcePort, probe]));
    for (const { sourcePort, sequence, flowLabel, bytes, ttl, destinationPort } of resets) {
      const probe = byPort.get(sourcePort);
      expect({ sequence, flowLabel, destinationPort, ttl }).toEqual({
        sequence: ((probe?.sequence ?? 0) + 1) % 2 ** 32,
        flowLabel: probe?.flowLabel,
        destinationPort: probe?.destinationPort,
        ttl: 64,
      });
      expect(checksumsAreRight(bytes)).toEqual({ ip: true, transport: true });
    }
    expect(rig.prober.counters.sent).toBe(16);
  });

  test("of an IPv4 flow is left to the kernel's reset, and so is a forged one", () => {
    const rig = new ProberRig(answering);
    rig.add(makeTarget());
    rig.run(990);
    expect(rig.network.resets).toEqual([]);
    const six = new ProberRig((sent) => [
      { afterMs: RTT_MS, packet: synAck(sent, { acknowledges: 2 }) },
    ]);
    six.add(makeTarget(ENDS[6]));
    six.run(990);
    expect(six.network.resets).toEqual([]);
  });
});
