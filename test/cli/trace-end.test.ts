import { describe, expect, test } from "vitest";
import { TraceEnd } from "../../src/cli/trace-end.ts";
import type { FlowView } from "../../src/view/target-view.ts";
import { failingView, flowView } from "../support/flow-view.ts";

const PACE = { intervalMs: 2000, timeoutMs: 1000 };
const unknown = (bucket: number) => flowView(bucket, { state: "unknown", last_result: null });
const surveyed = (bucket: number) => flowView(bucket, { path: "3f9a21c0" });
const many = (count: number, make: (bucket: number) => FlowView) =>
  Array.from({ length: count }, (_, bucket) => make(bucket));

/** Stage of the flows at a moment, of a trace that has just been begun. */
const stage = (flows: readonly FlowView[], at: number) => new TraceEnd(PACE).stage({ flows }, at);

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
    expect(stage([...swept, failingView(8)], 19_900)).toBe("tracing");
    expect(stage([...swept, failingView(8)], 20_000)).toBeUndefined();
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
    expect(end.stage(short, 7000)).toBe("tracing");
    expect(end.stage(short, 14_900)).toBe("tracing");
    expect(end.stage(short, 15_000)).toBeUndefined();
    const agreed = {
      flows: [
        ...healthy,
        failingView(6, ["10.0.0.1", "10.0.0.8"]),
        failingView(7, [null, "10.0.0.8"]),
      ],
    };
    expect(end.stage(agreed, 15_100)).toBeUndefined();
  });

  test("with a long interval may take four rounds", () => {
    const end = new TraceEnd({ intervalMs: 20_000, timeoutMs: 9000 });
    const flows = [failingView(0), failingView(1)];
    expect(end.stage({ flows }, 115_900)).toBe("tracing");
    expect(end.stage({ flows }, 116_000)).toBeUndefined();
  });
});
