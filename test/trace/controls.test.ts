import { beforeEach, describe, expect, test } from "vitest";
import { FlowKeyer } from "../../src/probe/probe-id.ts";
import { ProbedFlow } from "../../src/probe/probed-flow.ts";
import { Controls } from "../../src/trace/controls.ts";
import type { Trace, TraceResult } from "../../src/trace/trace.ts";
import { makeProbed } from "../support/probed-flow.ts";

const settings = { maxHops: 30, attempts: 3 };
const keyer = new FlowKeyer(Buffer.alloc(32));
const [R1, A, B, LAST] = ["10.0.0.1", "10.0.1.1", "10.0.1.2", "10.0.2.1"];

/** Flows by way: the first fails, the others work. */
function flowsOf(ways: readonly (readonly string[])[]) {
  const target = makeProbed();
  const paths = new Map<ProbedFlow, readonly string[]>();
  for (const [bucket, way] of ways.entries()) {
    const flow = new ProbedFlow(target, bucket, 61_000 + bucket, keyer);
    flow.state = bucket === 0 ? "failing" : "up";
    target.flows.push(flow);
    paths.set(flow, [...way, target.target.address.text]);
  }
  return { flows: target.flows as ProbedFlow[], paths };
}

const seen = (...hops: (string | null)[]): TraceResult => ({
  ...{ lastHop: "none", lastHopTtl: null, reached: false, destinationTtl: undefined, way: [] },
  seen: hops,
  wholeAt: 0,
});

describe("a control", () => {
  const traced = new Set<ProbedFlow>();
  const over = new Set<Trace>();
  const controlsOf = (paths: ReadonlyMap<ProbedFlow, readonly string[]>): Controls =>
    new Controls({
      isTraced: (flow) => traced.has(flow),
      isUnderWay: (trace) => !over.has(trace),
      pathOf: (flow) => paths.get(flow),
    });

  beforeEach(() => {
    traced.clear();
    over.clear();
  });

  test("is a healthy flow that crosses a hop which kept silent to a failing one", () => {
    const { flows, paths } = flowsOf([
      [R1, A, LAST],
      [R1, B, LAST],
      [R1, A, LAST],
    ]);
    const [failing, besideB, besideA] = flows;
    if (failing === undefined) throw new Error("no flow");
    const controls = controlsOf(paths);
    expect(controls.after(failing, seen(R1), 0)).toEqual({
      flow: besideA,
      doubted: { hop: A, ttl: 2 },
    });
    // The next hop that kept silent, by whoever comes first.
    expect(controls.after(failing, seen(R1), 1000)).toEqual({
      flow: besideB,
      doubted: { hop: LAST, ttl: 3 },
    });
    expect(controls.after(failing, seen(R1), 2000)).toBeUndefined();
    expect(controls.after(failing, seen(R1), 15_000)?.doubted).toEqual({ hop: A, ttl: 2 });
  });

  test("is none where every hop answered, where none of the others crosses it, or where these are swept already", () => {
    const { flows, paths } = flowsOf([
      [R1, A, LAST],
      [R1, B, LAST],
    ]);
    const [failing, other] = flows;
    if (failing === undefined || other === undefined) throw new Error("no flow");
    const controls = controlsOf(paths);
    expect(controls.after(failing, seen(R1, A, LAST), 0)).toBeUndefined();
    expect(controls.after(failing, seen(R1, null, LAST), 0)).toBeUndefined();
    traced.add(other);
    expect(controls.after(failing, seen(R1), 0)).toBeUndefined();
    expect(controls.beside(failing, 0)).toBeUndefined();
  });

  test("comes beside every sweep of a failing flow, but once a minute", () => {
    const { flows, paths } = flowsOf([
      [R1, A],
      [R1, B],
    ]);
    const [failing, other] = flows;
    if (failing === undefined) throw new Error("no flow");
    const controls = controlsOf(paths);
    expect(controls.beside(failing, 0)).toEqual({ flow: other, doubted: undefined });
    expect(controls.beside(failing, 59_000)).toBeUndefined();
    expect(controls.beside(failing, 60_000)?.flow).toBe(other);
  });

  test("waits while four others are under way", () => {
    const { flows, paths } = flowsOf([[R1, A], ...Array.from({ length: 6 }, () => [R1, B])]);
    const [failing, other] = flows;
    if (failing === undefined || other === undefined) throw new Error("no flow");
    const controls = controlsOf(paths);
    const traces = Array.from({ length: 4 }, () =>
      controls.begin({ flow: other, doubted: undefined }, settings, 0),
    );
    expect(controls.beside(failing, 0)).toBeUndefined();
    over.add(traces[1] as Trace);
    expect(controls.beside(failing, 0)?.flow).toBe(other);
  });
});
