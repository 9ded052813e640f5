import { describe, expect, test } from "vitest";
import { synAck } from "../support/answers.ts";
import type { Answer, Behaviour } from "../support/memory-network.ts";
import { flowsOf, ProberRig } from "../support/prober-rig.ts";
import { ENDS, makeTarget } from "../support/target.ts";

const RTT_MS = 7;
/** When a server that was not answered repeats its SYN-ACK (Linux: doubling from a second on). */
const REPEATS_MS = [1000, 3000, 7000, 15_000];
const SECOND = { intervalMs: 2000, timeoutMs: 500 };

/**
 * A server that keeps a connection half open as long as no reset gets to it: it answers a further SYN as it did the first,
 * at most every 500 ms, and repeats its SYN-ACK by itself.
 */
class Server {
  /** Ports whose resets are lost. */
  readonly lost: Set<number>;
  readonly #held: Map<number, { echo: number; answeredAt: number; sequence: number }> = new Map();
  #began = 0;

  constructor(lost: Iterable<number>) {
    this.lost = new Set(lost);
  }

  readonly behaviour: Behaviour = (sent) => {
    const held = this.#held.get(sent.sourcePort);
    if (!this.lost.has(sent.sourcePort)) this.#held.delete(sent.sourcePort);
    if (held !== undefined) {
      const packet = synAck(sent, { echo: held.echo, sequence: held.sequence });
      if (sent.at - held.answeredAt < 500) return [];
      held.answeredAt = sent.at;
      return [{ afterMs: RTT_MS, packet }];
    }
    this.#began += 1;
    const sequence = 0x1000 + this.#began;
    const first = synAck(sent, { sequence });
    const answers: Answer[] = [{ afterMs: RTT_MS, packet: first }];
    if (this.lost.has(sent.sourcePort)) {
      this.#held.set(sent.sourcePort, { echo: sent.timestamp, answeredAt: sent.at, sequence });
      for (const afterMs of REPEATS_MS) answers.push({ afterMs: afterMs + RTT_MS, packet: first });
    }
    return answers;
  };
}

describe.each([4, 6] as const)("a server that repeats its SYN-ACK over IPv%s", (family) => {
  test("makes exactly those flows unfinished whose resets do not get there, until they do", () => {
    const server = new Server([]);
    const rig = new ProberRig(server.behaviour);
    rig.knowsSweeps = false;
    const target = rig.add(makeTarget({ ...ENDS[family], ...SECOND }));
    rig.run(2000);
    const lost = flowsOf(target).slice(0, 3);
    for (const { sourcePort } of lost) server.lost.add(sourcePort);
    rig.run(4000);
    rig.outcomes.length = 0;
    rig.run(6000);
    const failed = rig.outcomes.filter(({ outcome }) => outcome.kind === "failed");
    expect(new Set(failed.map(({ flow }) => flow))).toEqual(new Set(lost));
    // Each probe is counted once, and none of these flows' probes counts as answered.
    expect(rig.tally(rig.outcomes.filter(({ flow }) => lost.includes(flow)))).toEqual({
      "failed unfinished": 9,
    });
    expect(rig.tally(rig.outcomes.filter(({ flow }) => !lost.includes(flow)))).toEqual({
      answered: 15,
    });
    // Every SYN-ACK of theirs is answered by a reset of the flow's own, so that nothing stays half open for longer.
    expect(
      rig.network.resets.filter(({ sourcePort }) => server.lost.has(sourcePort)).length,
    ).toBeGreaterThanOrEqual(9);

    server.lost.clear();
    rig.run(4000);
    rig.outcomes.length = 0;
    rig.run(4000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
    expect(flowsOf(target).every(({ state }) => state === "up")).toBe(true);
  });

  test("whose repeat was answered is not unfinished: a lost reset is no fault", () => {
    const server = new Server([]);
    const rig = new ProberRig(server.behaviour);
    rig.knowsSweeps = false;
    const target = rig.add(makeTarget({ ...ENDS[family], ...SECOND }));
    const [flow] = flowsOf(target);
    rig.run(2000);
    server.lost.add(flow?.sourcePort ?? 0);
    rig.run(1500);
    server.lost.clear();
    rig.network.behaviour = (sent) => [{ afterMs: RTT_MS, packet: synAck(sent) }];
    rig.run(6000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });

  test("by SYN cookies, with the same sequence number for every SYN, is no such server", () => {
    const rig = new ProberRig((sent) => [{ afterMs: RTT_MS, packet: synAck(sent) }]);
    rig.knowsSweeps = false;
    rig.add(makeTarget({ ...ENDS[family], ...SECOND }));
    rig.run(10_000);
    expect(Object.keys(rig.tally())).toEqual(["answered"]);
  });

  test("without timestamps is told by a SYN-ACK that nothing was sent before", () => {
    const rig = new ProberRig((sent) =>
      [RTT_MS, 1000, 3000].map((afterMs) => ({ afterMs, packet: synAck(sent, { echo: null }) })),
    );
    rig.knowsSweeps = false;
    rig.add(makeTarget({ ...ENDS[family], intervalMs: 5000, timeoutMs: 500 }));
    rig.run(30_000);
    rig.outcomes.length = 0;
    rig.run(10_000);
    expect(Object.keys(rig.tally())).toEqual(["failed unfinished"]);
  });
});
