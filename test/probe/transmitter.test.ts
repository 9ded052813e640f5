import { beforeEach, describe, expect, test } from "vitest";
import { type EngineCounters, newEngineCounters } from "../../src/probe/engine-counters.ts";
import { ttlOf } from "../../src/probe/probe-id.ts";
import { Transmitter } from "../../src/probe/transmitter.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryNetwork } from "../support/memory-network.ts";
import { makeFlow } from "../support/probed-flow.ts";

describe("Transmitter", () => {
  let clock: FakeClock;
  let network: MemoryNetwork;
  let counters: EngineCounters;
  let transmitter: Transmitter;

  beforeEach(() => {
    clock = new FakeClock();
    network = new MemoryNetwork(clock);
    counters = newEngineCounters();
    transmitter = new Transmitter(network, clock, counters, 1000);
  });

  test("says of a packet what is on the wire", () => {
    const flow = makeFlow();
    for (const [hopLimit, ttl] of [
      [64, 0],
      [5, 5],
      [127, 127],
    ] as const) {
      clock.advance(3);
      const said = transmitter.send(flow, hopLimit, ttl);
      expect(network.sent.at(-1)).toMatchObject({
        at: said.sentAt,
        ttl: hopLimit,
        id: said.identification,
        timestamp: said.timestamp,
      });
      expect(ttlOf(said.identification)).toBe(ttl);
      expect(said.error).toBeUndefined();
    }
    expect(counters.sent).toBe(3);
  });

  test("gives every packet a timestamp of its own, rising over all flows", () => {
    const flows = [makeFlow(), makeFlow({}, 61_001)];
    const stamps = Array.from({ length: 600 }, (_, i) => {
      const flow = flows[i % 2] ?? makeFlow();
      return transmitter.send(flow, 64, 0).timestamp;
    });
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    expect(new Set(stamps).size).toBe(600);
  });

  test("counts what the kernel does not take, by the errno's name", () => {
    network.sendError = "ENOBUFS";
    expect(transmitter.send(makeFlow(), 64, 0).error).toBe("ENOBUFS");
    network.sendError = "EPERM";
    transmitter.send(makeFlow(), 64, 0);
    transmitter.send(makeFlow(), 64, 0);
    expect(counters.sent).toBe(0);
    expect([...counters.sendErrors]).toEqual([
      ["ENOBUFS", 1],
      ["EPERM", 2],
    ]);
  });

  test("admits no more than the rate, and goes by a changed rate at once", () => {
    const admitted = (turns: number) => {
      let count = 0;
      for (let turn = 0; turn < turns; turn += 1) {
        clock.advance(1);
        while (transmitter.admit()) count += 1;
      }
      return count;
    };
    // The burst of 20 ms is part of the second.
    expect(Math.abs(admitted(1000) - 1000)).toBeLessThanOrEqual(1);
    transmitter.setPacketsPerSecond(100);
    expect(Math.abs(admitted(1000) - 100)).toBeLessThanOrEqual(1);
  });
});
