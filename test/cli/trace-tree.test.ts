import { describe, expect, test } from "vitest";
import { topologyTree } from "../../src/cli/trace-tree.ts";
import { failingView } from "../support/flow-view.ts";

const tree = (flows: ReturnType<typeof failingView>[]) =>
  topologyTree({ flows, paths: [], links: [] });

describe("the topology of a trace", () => {
  test("takes a hop that kept silent once for the only one met before the next, and no other", () => {
    const flows = [failingView(0, ["10.0.0.1", "10.0.0.8"]), failingView(1, [null, "10.0.0.8"])];
    expect(tree(flows)).toEqual([
      "└─ 10.0.0.1  2 flows, all fail",
      "   └─ 10.0.0.8  2 flows, all fail",
      "      └─ ?  2 flows, all fail",
    ]);
    const several = [...flows, failingView(2, ["10.0.0.2", "10.0.0.8"])];
    expect(tree(several)).toContain("├─ *  1 flow, all fail");
  });

  test("shows a failing flow nobody answered as lost at once", () => {
    expect(tree([failingView(0, [null, null])])).toEqual(["└─ ?  1 flow, all fail"]);
  });
});
