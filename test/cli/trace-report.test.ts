import { describe, expect, test } from "vitest";
import { traceReport } from "../../src/cli/trace-report.ts";
import { topologyTree } from "../../src/cli/trace-tree.ts";
import type { TargetView } from "../../src/view/target-view.ts";
import { failingView, flowView } from "../support/flow-view.ts";

const HOPS = ["10.0.0.1", "10.0.0.10", null, "192.0.2.10"];
const OTHER = ["10.0.0.1", "10.0.0.9", null, "192.0.2.10"];
const path = (id: string, hops: readonly (string | null)[], flows: number) => ({
  id,
  hops,
  flows,
  probes: flows,
  failures: 0,
  success_ratio: 1,
});

const view: TargetView = {
  name: "192.0.2.10:3306",
  protocol: "tcp",
  method: "raw",
  nat: null,
  dscp_change: null,
  hops: [],
  address: "192.0.2.10",
  port: 3306,
  labels: {},
  error: null,
  verdict: "path_fault",
  reason: "2 of 6 flows fail.",
  flows: [
    flowView(0, { path: "3f9a21c0" }),
    flowView(1, { path: "11223344", rtt_seconds: 0.25 }),
    flowView(2),
    failingView(3, ["10.0.0.1", "10.0.0.8", null, null]),
    failingView(4),
    flowView(5, { path: "3f9a21c0", state: "failing", last_result: "refused", rtt_seconds: null }),
  ],
  paths: [path("3f9a21c0", HOPS, 2), path("11223344", OTHER, 1)],
  links: [],
  suspects: [
    {
      from: "10.0.0.8",
      to: null,
      segment: "forward",
      place: "beyond",
      name: "10.0.0.8",
      alternatives: [],
      interface: null,
      loss_ratio: 1,
      confidence: 0.987,
      reason: "every flow across 10.0.0.8 fails",
    },
  ],
  coverage: { paths: 2, confidence: 0.5, per_packet_ttls: [], warning: "flow_buckets is 6" },
  reproduce: { failing: ["nc -p 61003"], working: ["nc -p 61000"] },
};

describe("what a trace prints", () => {
  test("is the table, the paths, the topology, the verdict and the commands", () => {
    expect(traceReport(view).split("\n")).toEqual([
      "bucket  source port  result         rtt  last hop    path",
      "     0        61000  ok         1.50 ms  192.0.2.10  3f9a21c0",
      "     1        61001  ok       250.00 ms  192.0.2.10  11223344",
      "     2        61002  ok         1.50 ms  192.0.2.10  -",
      "     3        61003  timeout          -  10.0.0.8    -",
      "     4        61004  timeout          -  unknown     -",
      "     5        61005  refused          -  192.0.2.10  3f9a21c0",
      "",
      "Paths",
      "  3f9a21c0  10.0.0.1 > 10.0.0.10 > * > 192.0.2.10  (2 flows)",
      "  11223344  10.0.0.1 > 10.0.0.9 > * > 192.0.2.10  (1 flow)",
      "",
      "Topology",
      "  └─ 10.0.0.1  4 flows, 2 fail",
      "     ├─ 10.0.0.8  1 flow, all fail",
      "     │  └─ ?  1 flow, all fail",
      "     ├─ 10.0.0.9  1 flow",
      "     │  └─ *  1 flow",
      "     │     └─ 192.0.2.10  1 flow",
      "     └─ 10.0.0.10  2 flows, 1 fail",
      "        └─ *  2 flows, 1 fail",
      "           └─ 192.0.2.10  2 flows, 1 fail",
      "  not traced: 2",
      "",
      "Verdict: path_fault",
      "  2 of 6 flows fail.",
      "  every flow across 10.0.0.8 fails (confidence 0.99)",
      "  flow_buckets is 6: see --flows.",
      "",
      "By hand, from a source port that fails",
      "  nc -p 61003",
      "",
      "By hand, from a source port that works",
      "  nc -p 61000",
      "",
    ]);
  });

  test("leaves out what there is none of", () => {
    const bare = {
      ...view,
      paths: [],
      suspects: [],
      coverage: { ...view.coverage, warning: null },
      reproduce: { failing: [], working: ["nc -p 61000"] },
    };
    const text = traceReport(bare);
    expect(text).not.toContain("Paths");
    expect(text).not.toContain("that fails");
    expect(text).not.toContain("--flows");
  });
});

describe("the topology of a trace", () => {
  test("takes a hop that kept silent once for the only one met before the next, and no other", () => {
    const flows = [failingView(0, ["10.0.0.1", "10.0.0.8"]), failingView(1, [null, "10.0.0.8"])];
    expect(topologyTree({ flows, paths: [] })).toEqual([
      "└─ 10.0.0.1  2 flows, all fail",
      "   └─ 10.0.0.8  2 flows, all fail",
      "      └─ ?  2 flows, all fail",
    ]);
    const several = [...flows, failingView(2, ["10.0.0.2", "10.0.0.8"])];
    expect(topologyTree({ flows: several, paths: [] })).toContain("├─ *  1 flow, all fail");
  });

  test("shows a failing flow nobody answered as lost at once", () => {
    const flows = [failingView(0, [null, null])];
    expect(topologyTree({ flows, paths: [] })).toEqual(["└─ ?  1 flow, all fail"]);
  });
});
