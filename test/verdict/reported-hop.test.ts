import { describe, expect, test } from "vitest";
import { withReporter } from "../../src/verdict/reported-hop.ts";

const PATH = ["r1", "a2", "rl", "z"];

describe("a router that reports a failure", () => {
  test("was reached, though it kept silent to the sweep", () => {
    const swept = { seen: ["r1"], lastHop: "r1" };
    expect(withReporter(swept, "a2", PATH)).toEqual({ seen: ["r1", "a2"], lastHop: "a2" });
    expect(withReporter(swept, "rl", PATH)).toEqual({ seen: ["r1", null, "rl"], lastHop: "rl" });
  });

  test("is the last hop where no sweep was answered, and says nothing of the silence before it", () => {
    for (const lastHop of ["unknown", "none"]) {
      expect(withReporter({ seen: [], lastHop }, "a2", PATH)).toEqual({ seen: [], lastHop: "a2" });
    }
  });

  test("takes nothing away of what the sweep met at it or behind it", () => {
    const swept = { seen: ["r1", null, "rl"], lastHop: "rl" };
    expect(withReporter(swept, "a2", PATH)).toBe(swept);
    expect(withReporter(swept, "rl", PATH)).toBe(swept);
    expect(withReporter(swept, undefined, PATH)).toBe(swept);
  });

  test("that is not on the flow's path does not contradict it", () => {
    const swept = { seen: ["r1"], lastHop: "r1" };
    expect(withReporter(swept, "x", PATH, [["x", "z"]])).toBe(swept);
  });

  test("says nothing of a flow that takes another way by now", () => {
    const moved = { seen: ["x"], lastHop: "x" };
    expect(withReporter(moved, "a2", PATH)).toBe(moved);
  });

  test("stands where the paths of other flows have it, where the flow's own is not known", () => {
    const others = [PATH, ["r1", "a3", "rl", "z"]];
    expect(withReporter({ seen: ["r1"], lastHop: "r1" }, "a2", null, others)).toEqual({
      seen: ["r1", "a2"],
      lastHop: "a2",
    });
    expect(withReporter({ seen: [], lastHop: "unknown" }, "a2", null, others)).toEqual({
      seen: [null, "a2"],
      lastHop: "a2",
    });
    const unclear = { seen: ["r1"], lastHop: "r1" };
    expect(withReporter(unclear, "a2", null, [...others, ["a2", "z"]])).toBe(unclear);
    expect(withReporter(unclear, "x", null, others)).toBe(unclear);
  });
});
