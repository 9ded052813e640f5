import { describe, expect, test } from "vitest";
import { FlowKeyer } from "../../src/probe/probe-id.ts";
import { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { CommonHops } from "../../src/survey/common-hops.ts";
import { Sampling } from "../../src/survey/sampling.ts";
import { makeProbed } from "../support/probed-flow.ts";

/** Flows asked on behalf of all. */
const ENOUGH = 24;

const target = makeProbed({ flowBuckets: 64 });
const keyer = new FlowKeyer(Buffer.alloc(32, 1));
const flows = Array.from({ length: 64 }, (_, bucket) => {
  return new ProbedFlow(target, bucket, target.rings.next(bucket, 0), keyer);
});
const asked = flows.slice(0, ENOUGH);
const others = flows.slice(ENOUGH);

/** Asks the first flows at a TTL; those that have a hop by `hop` meet it. */
function sampled(
  ttl: number,
  hop: (index: number) => string | null | undefined,
  before = "source",
): Sampling {
  const sampling = new Sampling(new CommonHops());
  asked.forEach((flow, index) => {
    sampling.asked(flow, ttl, before);
    const met = hop(index);
    if (met !== undefined) sampling.met(flow, ttl, before, met);
  });
  return sampling;
}

function waiting(sampling: Sampling, ttl: number, before: string): number {
  return others.filter((flow) => sampling.waits(flow, ttl, before)).length;
}

describe("Sampling", () => {
  test("asks 24 flows and lets the others wait for what these meet", () => {
    const sampling = sampled(1, (index) => (index < ENOUGH - 1 ? "10.0.0.1" : undefined));
    expect(waiting(sampling, 1, "source")).toBe(others.length);
    expect(
      asked.some((flow) => sampling.waits(flow, 1, "source") && sampling.shared(1, null)),
    ).toBe(false);
    expect(sampling.shared(1, "source")).toBeUndefined();
    const last = asked.at(-1);
    if (last !== undefined) sampling.met(last, 1, "source", "10.0.0.1");
    expect(sampling.shared(1, "source")).toBe("10.0.0.1");
    expect(sampling.shared(1, null)).toBe("10.0.0.1");
  });

  test("shares silence that all of them met", () => {
    expect(sampled(2, () => null).shared(2, null)).toBeNull();
  });

  test("lets nobody wait once two differ", () => {
    const sampling = sampled(2, (index) => (index < 2 ? `10.0.1.${index}` : undefined));
    expect(waiting(sampling, 2, "10.0.0.1")).toBe(0);
    expect(sampling.shared(2, "source")).toBeUndefined();
  });

  test("shares behind a hop what differs at its TTL", () => {
    const sampling = sampled(3, () => "10.0.2.1", "10.0.1.1");
    const [one] = others;
    if (one === undefined) throw new Error("there are others");
    sampling.asked(one, 3, "10.0.1.2");
    sampling.met(one, 3, "10.0.1.2", "10.0.2.2");
    expect(sampling.shared(3, null)).toBeUndefined();
    expect(sampling.shared(3, "10.0.1.1")).toBe("10.0.2.1");
    expect(sampling.shared(3, "10.0.1.2")).toBeUndefined();
    expect(waiting(sampling, 3, "10.0.1.2")).toBe(0);
  });

  test("leaves the place of one that ends without an answer to another", () => {
    const sampling = sampled(1, () => undefined);
    expect(waiting(sampling, 1, "source")).toBe(others.length);
    const [one] = asked;
    if (one !== undefined) sampling.ended(one);
    expect(waiting(sampling, 1, "source")).toBe(0);
  });

  test("learns nothing from a flow that was given its hop", () => {
    const sampling = new Sampling(new CommonHops());
    for (const flow of flows) sampling.met(flow, 1, "source", "10.0.0.1");
    expect(sampling.shared(1, null)).toBeUndefined();
  });

  test("doubts the first silences where others are answered, and believes them together", () => {
    const sampling = sampled(2, (index) => (index === 0 ? "10.0.1.1" : undefined));
    const doubts = others.slice(0, 4).map((flow) => sampling.doubts(flow, 2, "10.0.0.1"));
    expect(doubts).toEqual([true, true, false, false]);
    const nobody = sampled(2, () => undefined);
    expect(others.slice(0, 3).some((flow) => nobody.doubts(flow, 2, "10.0.0.1"))).toBe(false);
  });

  test("asks four flows only where those of other targets all met the same hop", () => {
    const common = new CommonHops();
    for (let flow = 0; flow < ENOUGH; flow += 1) common.add("1 behind source", "10.0.0.1");
    const sampling = new Sampling(common);
    const [first, second, third, fourth, fifth] = flows;
    if (!first || !second || !third || !fourth || !fifth) throw new Error("there are five");
    for (const flow of [first, second, third, fourth]) {
      expect(sampling.waits(flow, 1, "source")).toBe(false);
      sampling.asked(flow, 1, "source");
    }
    expect(sampling.waits(fifth, 1, "source")).toBe(true);
    for (const flow of [first, second, third, fourth]) sampling.met(flow, 1, "source", "10.0.0.1");
    expect(sampling.shared(1, "source")).toBe("10.0.0.1");
  });

  test("asks as many as ever of a target that is an exception", () => {
    const common = new CommonHops();
    for (let flow = 0; flow < ENOUGH; flow += 1) common.add("1 behind source", "10.0.0.1");
    const sampling = new Sampling(common);
    for (const flow of asked.slice(0, 4)) {
      sampling.asked(flow, 1, "source");
      sampling.met(flow, 1, "source", "10.0.0.2");
    }
    expect(sampling.shared(1, "source")).toBeUndefined();
    expect(waiting(sampling, 1, "source")).toBe(0);
  });
});
