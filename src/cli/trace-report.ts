import { styleText } from "node:util";
import { textTable } from "../config/text-table.ts";
import { expectedNextHops } from "../view/expected-next-hop.ts";
import { placeWords } from "../view/place-words.ts";
import { readableText } from "../view/readable-text.ts";
import type { FlowView, TargetView } from "../view/target-view.ts";
import { count, percent } from "../view/words.ts";
import { topologyTree } from "./trace-tree.ts";

/** Whether there is a terminal is the caller's to know; newer Node.js would look for itself. */
const ALWAYS = { validateStream: false } as const;

/** How a trace is printed. */
export interface ReportOptions {
  /** Every flow is listed, not only as many as fit. */
  readonly all: boolean;
  /** For a terminal that shows colours. */
  readonly colour: boolean;
}

const FAILING = ["bucket", "source port", "result", "last hop", "expected next hop"] as const;
const WORKING = ["bucket", "source port", "rtt", "path"] as const;
/** Flows that are listed: half a screen for those that fail, what is left of it for those that work, at least a few. */
const LISTED = 16;
const FEW = 4;
/** Sentences are broken to this width, so that 80 columns suffice. */
const WIDTH = 78;

/** What a trace found as text: the verdict in one sentence, counts, topology, failing flows beside working ones, commands. */
export function traceReport(view: TargetView, { all, colour }: ReportOptions): string {
  const { reproduce, paths } = view;
  const failing = view.flows.filter(({ state }) => state === "failing");
  const working = view.flows.filter(({ state }) => state === "up");
  const fits = all ? view.flows.length : LISTED;
  const dead = failing.slice(0, fits);
  const shown = working.slice(0, all ? fits : Math.max(FEW, LISTED - dead.length));
  const text = [
    ...wrapped(`${view.name}: ${view.verdict}: ${view.reason}`),
    ...suspectLines(view),
    "",
    ...wrapped(counts(view, failing.length, working.length)),
    ...(view.coverage.warning === null ? [] : wrapped(`${view.coverage.warning}: see --flows.`)),
    ...section("Topology", topologyTree(view)),
    ...section(listing("Flows that fail", dead, failing), failingTable(dead, view)),
    ...section(listing("Flows that work", shown, working), [
      ...textTable([WORKING, ...shown.map(workingRow)], [0, 1, 2]),
    ]),
    ...section(
      "Paths",
      paths.flatMap(({ id, hops, flows }) =>
        wrapped(`${id}  ${hops.map((hop) => hop ?? "*").join(" > ")}  (${count(flows, "flow")})`),
      ),
    ),
    ...section("By hand, from a source port that fails", reproduce.failing),
    ...section("By hand, from a source port that works", reproduce.working),
    "",
  ].map(readableText);
  return (colour ? text.map(coloured) : text).join("\n");
}

function suspectLines({ suspects }: TargetView): string[] {
  return suspects.flatMap(({ reason, confidence, alternatives }) => {
    const others = alternatives.map(placeWords).join("; ");
    const or = others === "" ? "" : ` It may as well be ${others}.`;
    return wrapped(`Suspect: ${reason} Confidence ${percent(confidence)}.${or}`);
  });
}

function counts({ flows, paths, coverage }: TargetView, failing: number, working: number): string {
  const unknown = flows.length - working - failing;
  const unprobed = unknown === 0 ? "" : `, ${unknown} without a valid probe`;
  return `${count(flows.length, "flow")}: ${working} work, ${failing} fail${unprobed}. ${count(paths.length, "path")} seen, coverage ${Math.floor(coverage.confidence * 100)} %.`;
}

function listing(
  title: string,
  shown: readonly FlowView[],
  flows: readonly FlowView[],
): string | undefined {
  if (flows.length === 0) return undefined;
  return shown.length === flows.length
    ? `${title} (${flows.length})`
    : `${title} (${shown.length} of ${flows.length}; all with --all)`;
}

/** Long addresses stand in a line of their own, so that 80 columns suffice. */
function failingTable(flows: readonly FlowView[], view: TargetView): string[] {
  const rows = [FAILING, ...flows.map((flow) => failingRow(flow, view))];
  const lines = textTable(rows, [0, 1]);
  if (lines.every((line) => line.length <= WIDTH)) return lines;
  const short = textTable(
    rows.map((cells) => cells.slice(0, 3)),
    [0, 1],
  );
  return rows.flatMap(([, , , last, next], at) => [
    short[at] ?? "",
    ...wrapped(`    ${last}, then ${next}`),
  ]);
}

function failingRow(flow: FlowView, { paths, address }: TargetView): string[] {
  const { bucket, source_port, last_result, last_hop } = flow;
  const [first = "-", ...others] = last_hop === address ? [] : expectedNextHops(flow, paths);
  const expected = others.length > 0 ? `one of ${others.length + 1}` : first;
  return [String(bucket), String(source_port), last_result ?? "unknown", last_hop, expected];
}

function workingRow({ bucket, source_port, rtt_seconds, path }: FlowView): string[] {
  const rtt = rtt_seconds === null ? "-" : `${(rtt_seconds * 1000).toFixed(2)} ms`;
  return [String(bucket), String(source_port), rtt, path ?? "not traced"];
}

/** A heading and its lines, indented; nothing where there are none. */
function section(heading: string | undefined, lines: readonly string[]): string[] {
  if (heading === undefined || lines.length === 0) return [];
  return ["", heading, ...lines.map((line) => `  ${line}`)];
}

/** A sentence in lines of at most {@link WIDTH} characters, those behind the first indented. */
function wrapped(sentence: string): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines;
}

/** The first line by its verdict, and headings. Colours are added after the control characters of names were written out. */
function coloured(line: string, at: number): string {
  if (at === 0)
    return styleText(["bold", line.includes(": healthy: ") ? "green" : "red"], line, ALWAYS);
  return /^(?:Topology|Flows that|Paths|By hand)/.test(line)
    ? styleText("bold", line, ALWAYS)
    : line;
}
