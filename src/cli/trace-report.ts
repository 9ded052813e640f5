import type { FlowView, TargetView } from "../view/target-view.ts";
import { topologyTree } from "./trace-tree.ts";

const HEAD = ["bucket", "source port", "result", "rtt", "last hop", "path"] as const;

/** What a trace found as text: the table of flows, paths and topology, the verdict in words, commands to repeat it. */
export function traceReport(view: TargetView): string {
  const { reproduce } = view;
  const tree = topologyTree(view);
  return [
    table([HEAD, ...view.flows.map(row)]),
    ...section(
      "Paths",
      view.paths.map(({ id, hops, flows }) => {
        const count = `${flows} ${flows === 1 ? "flow" : "flows"}`;
        return `${id}  ${hops.map((hop) => hop ?? "*").join(" > ")}  (${count})`;
      }),
    ),
    ...section("Topology", tree),
    ...section(`Verdict: ${view.verdict}`, [
      view.reason,
      ...view.suspects.map(
        ({ reason, confidence }) => `${reason} (confidence ${confidence.toFixed(2)})`,
      ),
      ...(view.coverage.warning === null ? [] : [`${view.coverage.warning}: see --flows.`]),
    ]),
    ...section("By hand, from a source port that fails", reproduce.failing),
    ...section("By hand, from a source port that works", reproduce.working),
    "",
  ].join("\n");
}

function row(flow: FlowView): readonly string[] {
  const { bucket, source_port, last_result, rtt_seconds, last_hop, path } = flow;
  return [
    String(bucket),
    String(source_port),
    last_result === "success" ? "ok" : (last_result ?? "unknown"),
    rtt_seconds === null ? "-" : `${(rtt_seconds * 1000).toFixed(2)} ms`,
    last_hop,
    path ?? "-",
  ];
}

/** Columns as wide as their widest cell; the numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column < 2 || column === 3 ? cell.padStart(width) : cell.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A heading and its lines, indented; nothing where there are none. */
function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", heading, ...lines.map((line) => `  ${line}`)];
}
