import { describe, expect, test } from "vitest";
import { traceReport } from "../../src/cli/trace-report.ts";
import { flowView } from "../support/flow-view.ts";
import { view } from "../support/trace-view.ts";

const PLAIN = { all: false, colour: false };

describe("what a trace prints", () => {
  test("is the verdict first, then suspects, counts, topology, failing beside working flows, paths and commands", () => {
    expect(traceReport(view, PLAIN).split("\n")).toEqual([
      "192.0.2.10:3306: path_fault: 2 of 6 flows fail.",
      "Suspect: every flow across 10.0.0.8 fails. Confidence 98.7 %.",
      "",
      "6 flows: 3 work, 3 fail. 2 paths seen, coverage 50 %.",
      "flow_buckets is 6: see --flows.",
      "",
      "Topology",
      "  └─ 10.0.0.1  4 flows, 2 fail",
      "     ├─ 10.0.0.8  1 flow, all fail",
      "     │  └─ ?  1 flow, all fail",
      "     ├─ 10.0.0.9  1 flow",
      "     │  └─ *  1 flow",
      "     │     └─ 192.0.2.10  1 flow",
      "     └─ 10.0.0.10  2 flows, 1 fail, 12.5 % lost",
      "        └─ *  2 flows, 1 fail",
      "           └─ 192.0.2.10  2 flows, 1 fail",
      "  not traced: 2",
      "",
      "Flows that fail (3)",
      "  bucket  source port  result   last hop    expected next hop",
      "       3        61003  timeout  10.0.0.8    -",
      "       4        61004  timeout  unknown     -",
      "       5        61005  refused  192.0.2.10  -",
      "",
      "Flows that work (3)",
      "  bucket  source port        rtt  path",
      "       0        61000    1.50 ms  3f9a21c0",
      "       1        61001  250.00 ms  11223344",
      "       2        61002    1.50 ms  not traced",
      "",
      "Paths",
      "  3f9a21c0  10.0.0.1 > 10.0.0.10 > * > 192.0.2.10  (2 flows)",
      "  11223344  10.0.0.1 > 10.0.0.9 > * > 192.0.2.10  (1 flow)",
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
      flows: view.flows.slice(0, 3),
      paths: [],
      suspects: [],
      coverage: { ...view.coverage, warning: null },
      reproduce: { failing: [], working: ["nc -p 61000"] },
    };
    const text = traceReport(bare, PLAIN);
    for (const absent of ["Paths", "fails", "Flows that fail", "--flows", "--all", "Suspect"]) {
      expect(text).not.toContain(absent);
    }
  });

  test("lists as many flows as fit on a screen, and all of them if asked to", () => {
    const flows = [
      ...view.flows.slice(3, 4),
      ...Array.from({ length: 60 }, (_, at) => flowView(at)),
    ];
    const rows = (text: string) => text.match(/^ +\d+ +\d{5} /gm)?.length;
    const short = traceReport({ ...view, flows }, PLAIN);
    expect(rows(short)).toBe(16);
    expect(short).toContain("Flows that work (15 of 60; all with --all)");
    expect(rows(traceReport({ ...view, flows }, { ...PLAIN, all: true }))).toBe(61);
  });

  test("names the hop that a failing flow should have reached next", () => {
    const [flow] = view.flows.slice(3, 4);
    const cut = { ...view, flows: flow === undefined ? [] : [{ ...flow, last_hop: "10.0.0.1" }] };
    const own = { ...cut, flows: cut.flows.map((one) => ({ ...one, path: "11223344" })) };
    expect(traceReport(cut, PLAIN)).toMatch(/timeout {2}10\.0\.0\.1 {2}one of 2\n/);
    expect(traceReport(own, PLAIN)).toMatch(/timeout {2}10\.0\.0\.1 {2}10\.0\.0\.9\n/);
  });

  test("needs no more than 80 columns, however long addresses and sentences are", () => {
    const six = (end: string) => `2001:db8:ffff:eeee:dddd:cccc:bbbb:${end}`;
    const flow = { ...flowView(3), state: "failing", last_result: "timeout" } as const;
    const hops = Array.from({ length: 29 }, (_, at) => six(`a0${10 + at}`));
    const text = traceReport(
      {
        ...view,
        reason: "a word ".repeat(40),
        flows: [{ ...flow, last_hop: six("a010") }, flowView(4, { path: "abcdef01" })],
        paths: [{ id: "abcdef01", hops, flows: 1, probes: 1, failures: 0, success_ratio: 1 }],
      },
      PLAIN,
    );
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(text).toContain(`${six("a010")}, then ${six("a011")}`.split(", ")[0]);
  });

  test("colours the verdict and the headings for a terminal only", () => {
    const colour = traceReport(view, { all: false, colour: true });
    expect(colour).toContain("\u001b[1m");
    expect(traceReport(view, PLAIN)).not.toContain("\u001b");
  });

  test("writes out what a terminal would act upon, in names and reasons", () => {
    const text = traceReport({ ...view, name: "a\u001b[2J\u202eb", reason: "c\u009bd" }, PLAIN);
    expect(text.split("\n")[0]).toBe("a\\u001b[2J\\u202eb: path_fault: c\\u009bd");
  });
});
