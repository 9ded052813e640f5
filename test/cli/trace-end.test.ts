import { describe, expect, test } from "vitest";
import { TraceEnd } from "../../src/cli/trace-end.ts";
import type { FlowView } from "../../src/view/target-view.ts";
import { failingView, flowView } from "../support/flow-view.ts";

const PACE = { intervalMs: 2000, timeoutMs: 1000, rounds: 1 };
const unknown = (bucket: number) => flowView(bucket, { state: "unknown", last_result: null });
const surveyed = (bucket: number) => flowView(bucket, { path: "3f9a21c0" });
const many = (count: number, make: (bucket: number) => FlowView) =>
  Array.from({ length: count }, (_, bucket) => make(bucket));

/** Stage of the flows at a moment, of a trace that has just been begun. */
const stage = (flows: readonly FlowView[], at: number) =>
  new TraceEnd(PACE).wait({ flows }, at)?.stage;

describe("a trace", () => {
  test("goes on until every flow was probed, but not for flows that get no valid probe", () => {
    const flows = [...many(8, surveyed), unknown(8)];
    expect(stage(flows, 5900)).toBe("probing");
    expect(stage(flows, 6000)).toBeUndefined();
  });

  test("of a healthy target ends with the round once a few paths are known", () => {
    const flows = [...many(6, surveyed), ...many(58, flowView)];
    expect(stage(flows, 2900)).toBe("confirming");
    expect(stage(flows, 3000)).toBeUndefined();
  });

  test("of a healthy target waits a little for paths, then does without", () => {
    const flows = [...many(5, surveyed), ...many(59, flowView)];
    expect(stage(flows, 4900)).toBe("surveying");
    expect(stage(flows, 5000)).toBeUndefined();
  });

  test("of failing flows waits until the path of one that works is known", () => {
    const flows = [...many(8, flowView), failingView(9, ["10.0.0.1"])];
    expect(stage(flows, 12_900)).toBe("surveying");
    expect(stage(flows, 13_000)).toBeUndefined();
    expect(stage([...flows, surveyed(10)], 7000)).toBeUndefined();
  });

  test("of a single flow lasts as long as a verdict needs", () => {
    expect(stage([surveyed(0)], 6900)).toBe("confirming");
    expect(stage([surveyed(0)], 7000)).toBeUndefined();
  });

  test("probes failing flows three times and waits until all of them are swept", () => {
    const healthy = many(6, surveyed);
    const swept = [...healthy, failingView(6, ["10.0.0.1"]), failingView(7, ["10.0.0.1"])];
    expect(stage(swept, 6900)).toBe("confirming");
    expect(stage(swept, 7000)).toBeUndefined();
    expect(stage([...swept, failingView(8)], 7000)).toBe("tracing");
    expect(stage([...swept, failingView(8)], 12_900)).toBe("tracing");
    expect(stage([...swept, failingView(8)], 13_000)).toBeUndefined();
  });

  test("has nothing to sweep where the target refuses", () => {
    const refused = many(4, (bucket) =>
      flowView(bucket, { state: "failing", last_result: "refused" }),
    );
    expect(stage(refused, 7000)).toBeUndefined();
  });

  test("looks again where failing flows end in different places, until they have done so for a while", () => {
    const end = new TraceEnd(PACE);
    const healthy = many(6, surveyed);
    const short = {
      flows: [...healthy, failingView(6, ["10.0.0.1"]), failingView(7, ["10.0.0.1", "10.0.0.8"])],
    };
    expect(end.wait(short, 7000)?.stage).toBe("tracing");
    expect(end.wait(short, 12_900)?.stage).toBe("tracing");
    expect(end.wait(short, 13_000)).toBeUndefined();
    const agreed = {
      flows: [
        ...healthy,
        failingView(6, ["10.0.0.1", "10.0.0.8"]),
        failingView(7, [null, "10.0.0.8"]),
      ],
    };
    expect(new TraceEnd(PACE).wait(agreed, 7000)).toBeUndefined();
  });

  test("with a long interval takes as long as its rounds and five seconds", () => {
    const end = new TraceEnd({ intervalMs: 20_000, timeoutMs: 9000, rounds: 1 });
    const flows = [failingView(0), failingView(1)];
    expect(end.wait({ flows }, 73_900)).toEqual({ stage: "tracing", leftMs: 100 });
    expect(end.wait({ flows }, 74_000)).toBeUndefined();
  });

  test("takes as many rounds as it is asked for, and says how long that takes", () => {
    const flows = many(8, surveyed);
    const end = new TraceEnd({ ...PACE, rounds: 10 });
    expect(end.wait({ flows }, 5000)).toEqual({ stage: "confirming", leftMs: 16_000 });
    expect(end.wait({ flows }, 21_000)).toBeUndefined();
  });
});
