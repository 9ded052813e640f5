import { describe, expect, test, vi } from "vitest";
import { newEngineCounters } from "../../src/probe/engine-counters.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { Validity } from "../../src/probe/validity.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryNetwork } from "../support/memory-network.ts";
import { makeFlow } from "../support/probed-flow.ts";

function setUp() {
  const network = new MemoryNetwork(new FakeClock());
  const counters = newEngineCounters();
  return { network, counters, validity: new Validity(network, counters, 1000) };
}

function sentAt(at: number): ProbedFlow {
  const flow = makeFlow();
  flow.sentAt = at;
  return flow;
}

/** Turns of a healthy loop. */
function turns(validity: Validity, from: number, to: number): void {
  for (let now = from; now <= to; now += 5) validity.turn(now);
}

describe("Validity", () => {
  test("finds nothing to object to on a healthy host", () => {
    const { validity } = setUp();
    turns(validity, 1000, 3000);
    expect(validity.spoiled(sentAt(1500), 2000, 2020)).toBeUndefined();
    expect(validity.doubtful(sentAt(1500), 1600)).toBe(false);
  });

  test("calls silence invalid of what was under way when this host lost its way there", () => {
    const { validity } = setUp();
    turns(validity, 1000, 3000);
    const [flow, earlier, later] = [sentAt(1500), sentAt(1000), sentAt(1701)];
    for (const each of [flow, earlier, later]) each.target.noWay.notSent("ENETUNREACH", 1700, 500);
    expect(validity.spoiled(flow, 2000, 2020)).toBe("send_error");
    expect(validity.spoiled(earlier, 1500, 2020)).toBeUndefined();
    expect(validity.spoiled(later, 2201, 2220)).toBeUndefined();
  });

  test("calls it invalid also when errors of sending have gone on until long after its deadline", () => {
    const { validity } = setUp();
    turns(validity, 1000, 3000);
    const [flow, before, after] = [sentAt(1500), sentAt(1190), sentAt(2901)];
    for (const { target } of [flow, before, after]) {
      for (let at = 1700; at <= 2900; at += 100) target.noWay.notSent("ENETUNREACH", at, 500);
    }
    expect(validity.spoiled(flow, 2000, 2930)).toBe("send_error");
    expect(validity.spoiled(before, 1690, 2930)).toBeUndefined();
    expect(validity.spoiled(after, 3401, 3420)).toBeUndefined();
  });

  test("does not take two short losses of the way for one long one", () => {
    const { validity } = setUp();
    turns(validity, 1000, 4000);
    const flow = sentAt(2300);
    flow.target.noWay.notSent("ENETUNREACH", 1700, 500);
    flow.target.noWay.notSent("ENETUNREACH", 2850, 500);
    expect(validity.spoiled(flow, 2800, 2830)).toBeUndefined();
  });

  test("calls silence over a stall invalid, and silence beside it not", () => {
    const { validity } = setUp();
    turns(validity, 1000, 2000);
    turns(validity, 5000, 6000);
    expect(validity.spoiled(sentAt(1800), 2300, 5000)).toBe("stall");
    expect(validity.spoiled(sentAt(1400), 1900, 5000)).toBeUndefined();
    expect(validity.spoiled(sentAt(5000), 5500, 5520)).toBeUndefined();
  });

  test("doubts times over a stall only where the process itself took them", () => {
    const { network, validity } = setUp();
    turns(validity, 1000, 2000);
    turns(validity, 5000, 6000);
    expect(validity.doubtful(sentAt(1990), 5000)).toBe(false);
    network.kernelTimestamps = false;
    expect(validity.doubtful(sentAt(1990), 5000)).toBe(true);
    expect(validity.doubtful(sentAt(5100), 5200)).toBe(false);
  });

  test("doubts everything about a probe whose sending was interrupted", () => {
    const { validity } = setUp();
    const flow = sentAt(1000);
    flow.sendStalled = true;
    expect(validity.doubtful(flow, 1010)).toBe(true);
    expect(validity.spoiled(flow, 1500, 1520)).toBe("stall");
  });

  test("calls silence invalid where the kernel dropped packets since sending, and counts them", () => {
    const { network, counters, validity } = setUp();
    network.drop(7);
    expect(validity.spoiled(sentAt(1000), 1500, 1520)).toBe("receive_drops");
    // The count was read at 1520 and is zero now; the other probes of the time are invalid all the same.
    validity.drained();
    expect(validity.spoiled(sentAt(1510), 2010, 2030)).toBe("receive_drops");
    expect(validity.spoiled(sentAt(1530), 2030, 2050)).toBeUndefined();
    expect(counters.receiveDrops).toBe(7);
  });

  test("reads the count of drops once for all probes that end after one reading of the sockets", () => {
    const { network, validity } = setUp();
    const read = vi.spyOn(network, "takeDrops");
    for (let ended = 0; ended < 12_800; ended += 1) {
      expect(validity.spoiled(sentAt(1000), 1500, 1520)).toBeUndefined();
    }
    expect(read).toHaveBeenCalledTimes(1);
    network.drop(1);
    validity.drained();
    expect(validity.spoiled(sentAt(1000), 1510, 1530)).toBe("receive_drops");
    expect(read).toHaveBeenCalledTimes(2);
  });

  test("reads the count of drops every second even when no probe is lost", () => {
    const { network, counters, validity } = setUp();
    network.drop(3);
    turns(validity, 1000, 2010);
    expect(counters.receiveDrops).toBe(3);
    network.drop(2);
    turns(validity, 2015, 3020);
    expect(counters.receiveDrops).toBe(5);
  });
});
