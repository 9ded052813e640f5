import { describe, expect, test } from "vitest";
import { FlowKeyer } from "../../src/probe/probe-id.ts";
import { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { CommonHops } from "../../src/survey/common-hops.ts";
import { SharedHopInference } from "../../src/survey/shared-hop-inference.ts";
import { nextPort } from "../support/next-port.ts";
import { makeProbed } from "../support/probed-flow.ts";

/** Flows asked on behalf of all. */
const ENOUGH = 24;

const target = makeProbed({ flowBuckets: 64 });
const other = makeProbed({ flowBuckets: 64, to: "198.51.100.9" });
const keyer = new FlowKeyer(Buffer.alloc(32, 1));
const flows = Array.from({ length: 64 }, (_, bucket) => {
  return new ProbedFlow(target, bucket, nextPort(target.rings, bucket, 0), keyer);
});
const asked = flows.slice(0, ENOUGH);
const others = flows.slice(ENOUGH);

/** Asks the first flows at a TTL; those that have a hop by `hop` meet it. */
function sampled(
  ttl: number,
  hop: (index: number) => string | null | undefined,
  before = "source",
): SharedHopInference {
  const sharedHops = new SharedHopInference(new CommonHops());
  asked.forEach((flow, index) => {
    sharedHops.asked(flow, ttl, before);
    const met = hop(index);
    if (met !== undefined) sharedHops.met(flow, ttl, before, met);
  });
  return sharedHops;
}

function waiting(sharedHops: SharedHopInference, ttl: number, before: string): number {
  return others.filter((flow) => sharedHops.waits(flow, ttl, before)).length;
}

describe("SharedHopInference", () => {
  test("asks 24 flows and lets the others wait for what these meet", () => {
    const sharedHops = sampled(1, (index) => (index < ENOUGH - 1 ? "10.0.0.1" : undefined));
    expect(waiting(sharedHops, 1, "source")).toBe(others.length);
    expect(
      asked.some((flow) => sharedHops.waits(flow, 1, "source") && sharedHops.shared(1, null)),
    ).toBe(false);
    expect(sharedHops.shared(1, "source")).toBeUndefined();
    const last = asked.at(-1);
    if (last !== undefined) sharedHops.met(last, 1, "source", "10.0.0.1");
    expect(sharedHops.shared(1, "source")).toBe("10.0.0.1");
    expect(sharedHops.shared(1, null)).toBe("10.0.0.1");
  });

  test("shares silence that all of them met", () => {
    expect(sampled(2, () => null).shared(2, null)).toBeNull();
  });

  test("lets nobody wait once two differ", () => {
    const sharedHops = sampled(2, (index) => (index < 2 ? `10.0.1.${index}` : undefined));
    expect(waiting(sharedHops, 2, "10.0.0.1")).toBe(0);
    expect(sharedHops.shared(2, "source")).toBeUndefined();
  });

  test("shares behind a hop what differs at its TTL", () => {
    const sharedHops = sampled(3, () => "10.0.2.1", "10.0.1.1");
    const [one] = others;
    if (one === undefined) throw new Error("there are others");
    sharedHops.asked(one, 3, "10.0.1.2");
    sharedHops.met(one, 3, "10.0.1.2", "10.0.2.2");
    expect(sharedHops.shared(3, null)).toBeUndefined();
    expect(sharedHops.shared(3, "10.0.1.1")).toBe("10.0.2.1");
    expect(sharedHops.shared(3, "10.0.1.2")).toBeUndefined();
    expect(waiting(sharedHops, 3, "10.0.1.2")).toBe(0);
  });

  test("leaves the place of one that ends without an answer to another", () => {
    const sharedHops = sampled(1, () => undefined);
    expect(waiting(sharedHops, 1, "source")).toBe(others.length);
    const [one] = asked;
    if (one !== undefined) sharedHops.ended(one);
    expect(waiting(sharedHops, 1, "source")).toBe(0);
  });

  test("learns nothing from a flow that was given its hop", () => {
    const sharedHops = new SharedHopInference(new CommonHops());
    for (const flow of flows) sharedHops.met(flow, 1, "source", "10.0.0.1");
    expect(sharedHops.shared(1, null)).toBeUndefined();
  });

  test("doubts the first silences where others are answered, and believes them together", () => {
    const sharedHops = sampled(2, (index) => (index === 0 ? "10.0.1.1" : undefined));
    const doubts = others.slice(0, 4).map((flow) => sharedHops.doubts(flow, 2, "10.0.0.1"));
    expect(doubts).toEqual([true, true, false, false]);
    const nobody = sampled(2, () => undefined);
    expect(others.slice(0, 3).some((flow) => nobody.doubts(flow, 2, "10.0.0.1"))).toBe(false);
  });

  /** What 24 flows of other targets met behind each of these hops. */
  function commonly(ttl: number, hops: Readonly<Record<string, string | null>>): CommonHops {
    const common = new CommonHops();
    for (const [before, hop] of Object.entries(hops)) {
      const place = `${ttl} behind ${before}`;
      for (let bucket = 0; bucket < ENOUGH; bucket += 1) {
        const flow = new ProbedFlow(other, bucket, nextPort(other.rings, bucket, 0), keyer);
        common.asked(place, flow);
        common.met(ttl, place, flow, hop);
      }
    }
    return common;
  }

  test("asks one flow only where those of other targets all met the same hop", () => {
    const sharedHops = new SharedHopInference(commonly(1, { source: "10.0.0.1" }));
    const [first, second] = flows as [ProbedFlow, ProbedFlow];
    expect(sharedHops.shared(1, "source")).toBeUndefined();
    expect(sharedHops.waits(first, 1, "source")).toBe(false);
    sharedHops.asked(first, 1, "source");
    expect(sharedHops.waits(first, 1, "source")).toBe(false);
    expect(sharedHops.waits(second, 1, "source")).toBe(true);
    expect(sharedHops.shared(1, "source")).toBeUndefined();
    sharedHops.met(first, 1, "source", "10.0.0.1");
    expect(sharedHops.shared(1, "source")).toBe("10.0.0.1");
  });

  test("tells what others meet behind one hop by a single answer behind another", () => {
    const common = commonly(3, { "10.0.1.1": "10.0.2.1", "10.0.1.2": "10.0.2.2" });
    const sharedHops = new SharedHopInference(common);
    const [first] = flows as [ProbedFlow];
    sharedHops.asked(first, 3, "10.0.1.1");
    sharedHops.met(first, 3, "10.0.1.1", "10.0.2.1");
    expect(sharedHops.shared(3, "10.0.1.2")).toBe("10.0.2.2");
    expect(sharedHops.shared(3, "10.0.1.3")).toBeUndefined();
  });

  test("tells nothing of a target that met another hop than the others, or silence", () => {
    for (const hop of ["10.0.2.9", null]) {
      const common = commonly(3, { "10.0.1.1": "10.0.2.1", "10.0.1.2": "10.0.2.2" });
      const sharedHops = new SharedHopInference(common);
      const [first, second] = flows as [ProbedFlow, ProbedFlow];
      sharedHops.asked(first, 3, "10.0.1.1");
      sharedHops.met(first, 3, "10.0.1.1", hop);
      expect(sharedHops.shared(3, "10.0.1.1")).toBeUndefined();
      expect(sharedHops.shared(3, "10.0.1.2")).toBeUndefined();
      expect(sharedHops.waits(second, 3, "10.0.1.2")).toBe(false);
    }
  });

  test("believes in a silence that the flows of all targets met once four of its own did", () => {
    const sharedHops = new SharedHopInference(commonly(2, { "10.0.0.1": null }));
    const four = asked.slice(0, 4);
    for (const flow of four) {
      expect(sharedHops.shared(2, "10.0.0.1")).toBeUndefined();
      expect(sharedHops.waits(flow, 2, "10.0.0.1")).toBe(false);
      sharedHops.asked(flow, 2, "10.0.0.1");
    }
    expect(waiting(sharedHops, 2, "10.0.0.1")).toBe(others.length);
    for (const flow of four) sharedHops.met(flow, 2, "10.0.0.1", null);
    expect(sharedHops.shared(2, "10.0.0.1")).toBeNull();
  });

  test("asks as many as ever of a target that is an exception", () => {
    const sharedHops = new SharedHopInference(commonly(1, { source: "10.0.0.1" }));
    for (const flow of asked.slice(0, 4)) {
      sharedHops.asked(flow, 1, "source");
      sharedHops.met(flow, 1, "source", "10.0.0.2");
    }
    expect(sharedHops.shared(1, "source")).toBeUndefined();
    expect(waiting(sharedHops, 1, "source")).toBe(0);
  });
});
