// The grid of flow buckets: one cell a bucket, its state as colour and sign.
import { element, moveByArrows } from "./elements.js";
import { milliseconds } from "./text.js";

const SIGNS = { up: "✓", failing: "✕", unknown: "?" };

/** One flow in words. */
export function flowWords(flow, paths) {
  const { bucket, source_port: port, state, last_result: result, last_hop: lastHop } = flow;
  const path = paths.find(({ id }) => id === flow.path);
  const hops = path?.hops.map((hop) => hop ?? "*").join(" > ") ?? "not known yet";
  const how = state === "failing" ? `failing (${result})` : state;
  const end = state === "failing" ? `, last hop ${lastHop}` : `, ${milliseconds(flow.rtt_seconds)}`;
  return `Bucket ${bucket}, source port ${port}: ${how}${end}; path ${path === undefined ? "" : `${path.id}: `}${hops}`;
}

/**
 * The grid.
 * @param {object} target as the API shows it
 * @param {{lit: ReadonlySet<number>, chosen: number | undefined, choose: (bucket: number) => void,
 * tell: (words: string) => void}} shown
 */
export function bucketGrid(target, { lit, chosen, choose, tell }) {
  const { flows, paths } = target;
  const cells = flows.map((flow, at) => {
    const { bucket, state } = flow;
    const words = flowWords(flow, paths);
    return element(
      "button",
      {
        type: "button",
        class: `bucket ${state}${lit.size > 0 ? (lit.has(bucket) ? " lit" : " dim") : ""}`,
        "data-key": `bucket ${bucket}`,
        "aria-label": words,
        "aria-pressed": String(bucket === chosen),
        tabindex: bucket === chosen || (chosen === undefined && at === 0) ? 0 : -1,
        onclick: () => choose(bucket),
        onfocus: () => tell(words),
        onmouseenter: () => tell(words),
      },
      SIGNS[state] ?? "?",
    );
  });
  const grid = element(
    "div",
    { class: "grid", role: "group", "aria-label": "Flow buckets" },
    ...cells,
  );
  moveByArrows(grid, (from, arrow) => {
    const at = cells.indexOf(from);
    const top = cells[0]?.offsetTop;
    const perRow = cells.filter((cell) => cell.offsetTop === top).length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow };
    if (arrow === "Home") return cells[0];
    if (arrow === "End") return cells.at(-1);
    return cells[at + steps[arrow]];
  });
  return grid;
}
