import { answeredHops } from "../view/answered-hops.ts";
import { readableText } from "../view/readable-text.ts";
import type { TargetView } from "../view/target-view.ts";
import { count } from "../view/words.ts";

interface Edge {
  readonly from: string;
  readonly to: string;
  flows: number;
  failing: number;
}

const SOURCE = "source";
const LOST = "lost";

/** The network that a trace found in Graphviz's language: `trace HOST:PORT --dot | dot -Tsvg > network.svg`. */
export function traceDot(view: TargetView): string {
  const suspects = new Set(view.suspects.map(({ from, to }) => `${from ?? SOURCE} ${to}`));
  const edges = edgesOf(view).map(({ from, to, flows, failing }) => {
    const accused = suspects.has(`${from} ${to}`) || to.startsWith(LOST);
    const failed = failing === 0 ? "" : `, ${failing} fail`;
    const style = accused ? ' color="#d55e00" style=bold' : failing > 0 ? ' color="#e69f00"' : "";
    return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(`${count(flows, "flow")}${failed}`)}${style}];`;
  });
  return [
    `digraph ${quoted(view.name)} {`,
    "  rankdir=LR;",
    `  label=${quoted(`${view.verdict}: ${view.reason}`)};`,
    "  node [shape=box];",
    ...edges,
    "}",
    "",
  ].join("\n");
}

/** Every step that a flow takes, with the flows that take it. A failing flow ends in a place of its last hop's own. */
function edgesOf(view: TargetView): Edge[] {
  const edges = new Map<string, Edge>();
  const paths = new Map(view.paths.map(({ id, hops }) => [id, hops]));
  for (const { bucket, state, seen, path, last_result, last_hop } of view.flows) {
    const cut = state === "failing" && last_result !== "refused";
    const hops = cut ? seen && [...answeredHops(seen), `${LOST} behind ${last_hop}`] : undefined;
    const whole = hops ?? (cut ? [] : (paths.get(path ?? "") ?? []));
    // Silent hops are never taken for one another.
    const named = whole.map((hop, at) => hop ?? `* ${at + 1} of ${path ?? `bucket ${bucket}`}`);
    let from = SOURCE;
    for (const to of named) {
      const edge = edges.get(`${from} ${to}`) ?? { from, to, flows: 0, failing: 0 };
      edge.flows += 1;
      edge.failing += state === "failing" ? 1 : 0;
      edges.set(`${from} ${to}`, edge);
      from = to;
    }
  }
  return [...edges.values()];
}

function quoted(text: string): string {
  return `"${readableText(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
