import { describe, expect, test } from "vitest";
import { synAck } from "../support/answers.ts";
import { ProberRig } from "../support/prober-rig.ts";
import { makeTarget } from "../support/target.ts";

/** What sending a packet takes, milliseconds. */
const SENDING_MS = 0.5;

/** Twenty targets of 50 flows each second, in a process in which sending takes so long. */
function rigOf(sendingMs: number): ProberRig {
  const rig: ProberRig = new ProberRig((sent) => {
    rig.clock.advance(sendingMs);
    return [{ afterMs: 7, packet: synAck(sent) }];
  });
  for (let at = 0; at < 20; at += 1) {
    rig.add(makeTarget({ name: `t${at}`, port: 7000 + at, flowBuckets: 50 }));
  }
  return rig;
}

describe("what is due after a pause", () => {
  test("is sent in turns of ten milliseconds, each of which reads first, every target in its turn", () => {
    const rig = rigOf(SENDING_MS);
    rig.run(1000);
    rig.clock.advance(25);
    rig.network.sent.length = 0;
    const turns: number[] = [];
    const served = new Set<number>();
    do {
      const began = rig.clock.monotonic();
      rig.prober.turn();
      turns.push(rig.clock.monotonic() - began);
    } while (rig.prober.isBehind && turns.length < 100);
    for (const { destinationPort } of rig.network.sent) served.add(destinationPort);
    expect(Math.max(...turns)).toBeLessThan(12);
    expect(turns.length).toBeGreaterThan(1);
    expect(served.size).toBe(20);
    expect(rig.outcomes.every(({ outcome }) => outcome.kind === "answered")).toBe(true);
    expect(rig.missed).toBe(0);
  });

  test("is sent for as long in a turn whose reading took its time", () => {
    const rig = rigOf(SENDING_MS);
    rig.run(1000);
    const drain = rig.network.drain.bind(rig.network);
    rig.network.drain = (deliver, ready) => {
      rig.clock.advance(8);
      return drain(deliver, ready);
    };
    rig.clock.advance(30);
    rig.network.sent.length = 0;
    rig.prober.turn();
    expect(rig.network.sent.length).toBeGreaterThan(10);
  });

  test("is sent in one turn where that takes no time", () => {
    const rig = rigOf(0);
    rig.run(1000);
    rig.clock.advance(40);
    rig.prober.turn();
    expect(rig.prober.isBehind).toBe(false);
  });
});
