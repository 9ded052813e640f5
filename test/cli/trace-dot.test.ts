import { expect, test } from "vitest";
import { traceDot } from "../../src/cli/trace-dot.ts";
import { view } from "../support/trace-view.ts";

test("the network as Graphviz reads it: flows on every edge, where they die, silent hops apart", () => {
  expect(traceDot(view).split("\n")).toEqual([
    'digraph "192.0.2.10:3306" {',
    "  rankdir=LR;",
    '  label="path_fault: 2 of 6 flows fail.";',
    "  node [shape=box];",
    '  "source" -> "10.0.0.1" [label="4 flows, 2 fail" color="#e69f00"];',
    '  "10.0.0.1" -> "10.0.0.10" [label="2 flows, 1 fail" color="#e69f00"];',
    '  "10.0.0.10" -> "* 3 of 3f9a21c0" [label="2 flows, 1 fail" color="#e69f00"];',
    '  "* 3 of 3f9a21c0" -> "192.0.2.10" [label="2 flows, 1 fail" color="#e69f00"];',
    '  "10.0.0.1" -> "10.0.0.9" [label="1 flow"];',
    '  "10.0.0.9" -> "* 3 of 11223344" [label="1 flow"];',
    '  "* 3 of 11223344" -> "192.0.2.10" [label="1 flow"];',
    '  "10.0.0.1" -> "10.0.0.8" [label="1 flow, 1 fail" color="#e69f00"];',
    '  "10.0.0.8" -> "lost behind 10.0.0.8" [label="1 flow, 1 fail" color="#d55e00" style=bold];',
    "}",
    "",
  ]);
});

test("names cannot end the text that they stand in", () => {
  expect(traceDot({ ...view, name: 'a" -> "b\\' })).toMatch(/^digraph "a\\" -> \\"b\\\\" \{\n/);
});
