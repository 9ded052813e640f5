// Draws a network as SVG: columns by TTL, source left, target right.
import { moveByArrows, svg } from "./elements.js";
import { layOut } from "./network-layout.js";
import { count, percent } from "./text.js";

/** Sizes in pixels. A box holds 20 characters of an address; longer titles are cut and told in full on hover. */
const BOX = { width: 150, height: 38 };
const COLUMN = 236;
const ROW = 64;
const MARGIN = { top: 30, side: 12, bottom: 14 };
const STUB = 62;
const WIDEST = 12;
/** Beyond so many links only those with loss carry a number, or nothing could be read. */
const LABELLED = 40;
const CHARACTERS = 20;
/** A number cannot be read on a line wider than this: it stands above. */
const WIDE_LINE = 6;

/**
 * @param {import("./network-model.js").Network} network
 * @param {{lit: ReadonlySet<string>, flows: number, wayBack: {loss: number | null, sure: boolean} | undefined,
 * choose: (key: string) => void}} shown keys of what stands out (empty for all), how many flows there are, what is lost on
 * the way back, and what choosing a node, link or stub does
 * @returns {SVGElement}
 */
export function drawNetwork(network, { lit, flows, wayBack, choose }) {
  const { columns, rows, bends } = layOut(network.nodes, network.edges);
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const place = (key, column) => ({
    x: MARGIN.side + column * COLUMN,
    y: MARGIN.top + (rows.get(key) ?? 0) * ROW + ROW / 2,
  });
  const width = 2 * MARGIN.side + (columns.length - 1) * COLUMN + BOX.width + STUB;
  const below = wayBack === undefined ? 0 : 46;
  const height = MARGIN.top + tallest * ROW + MARGIN.bottom + below;
  const drawing = { network, place, bends, lit, flows, choose };
  const heads = columns.map((_, column) =>
    svg(
      "text",
      { class: "ttl", x: MARGIN.side + column * COLUMN + BOX.width / 2, y: 14 },
      column === 0 ? "exporter" : column === columns.length - 1 ? "target" : `TTL ${column}`,
    ),
  );
  const canvas = svg(
    "svg",
    {
      class: lit.size === 0 ? "network" : "network chosen",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "group",
      "aria-label":
        "Network by TTL; arrow keys move between routers, Enter lights up the flows of one",
    },
    ...heads,
    ...network.edges.map((edge) => drawEdge(edge, drawing)),
    ...network.stubs.map((stub) => drawStub(stub, drawing)),
    ...network.nodes.map((node) => drawNode(node, drawing)),
    wayBack && drawWayBack(wayBack, width, height),
  );
  moveByArrows(canvas, (from, arrow) => neighbour(canvas, columns, from, arrow));
  return canvas;
}

function classes(...names) {
  return names.filter((name) => name).join(" ");
}

/** How bad a share of lost probes is: the class that colours it. */
function lossLevel({ probes, failures }) {
  if (probes === 0) return "unproven";
  if (failures === 0) return "good";
  return failures / probes < 0.5 ? "warn" : "bad";
}

function drawEdge(edge, { network, place, bends, lit, flows, choose }) {
  const columnOf = (key) => network.nodes.find((node) => node.key === key)?.column ?? 0;
  const [from, to] = [columnOf(edge.from), columnOf(edge.to)];
  const step = Math.sign(to - from) || 1;
  const start = place(edge.from, from);
  const end = place(edge.to, to);
  const middle = (bends.get(edge.key) ?? []).map((key, at) => place(key, from + step * (at + 1)));
  const line = curve([
    { x: start.x + BOX.width, y: start.y },
    ...middle.flatMap(({ x, y }) => [
      { x, y },
      { x: x + BOX.width, y },
    ]),
    { x: end.x, y: end.y },
  ]);
  const unused = edge.buckets.length === 0;
  const width = 1.5 + (WIDEST * edge.buckets.length) / Math.max(1, flows);
  const loss = edge.probes === 0 ? null : edge.failures / edge.probes;
  const told = edgeWords(edge, network, loss);
  const near = middle[0] ?? end;
  const at = { x: (start.x + BOX.width + near.x) / 2, y: (start.y + near.y) / 2 };
  const below = width > WIDE_LINE ? -width / 2 - 4 : 4;
  const labelled = loss > 0 || lit.has(edge.key) || (network.edges.length <= LABELLED && !unused);
  const label = loss > 0 ? percent(loss) : String(edge.buckets.length);
  return svg(
    "g",
    {
      class: classes(
        "edge",
        lossLevel(edge),
        unused && "unused",
        edge.suspect && "suspect",
        lit.has(edge.key) && "lit",
      ),
      onclick: () => choose(edge.key),
    },
    svg("title", {}, told),
    svg("path", { class: "reach", d: line }),
    svg("path", { class: "line", d: line, "stroke-width": width.toFixed(1) }),
    labelled
      ? svg("text", { x: at.x, y: at.y + below, class: loss > 0 ? "loss" : "flows" }, label)
      : null,
  );
}

/** What a link is, for those who cannot see it. */
export function edgeWords(edge, network, loss) {
  const name = (key) => nodeWords(network.nodes.find((node) => node.key === key));
  const lost =
    loss === null
      ? "no probe in the last five minutes"
      : `${percent(loss)} of the probes of flows across it were lost (${edge.failures} of ${edge.probes})`;
  const suspect = edge.suspect ? "; suspect" : "";
  return `${name(edge.from)} to ${name(edge.to)}: ${count(edge.buckets.length, "flow")}, ${lost}${suspect}`;
}

/** What a node is called. */
export function nodeWords(node) {
  if (node === undefined) return "an unknown hop";
  if (node.kind === "source") return "this exporter";
  if (node.kind === "silent") return `a silent hop at TTL ${node.column}`;
  if (node.kind === "group") return `${node.members} hops at TTL ${node.column}`;
  const [first = node.title] = node.names.length > 0 ? node.names : node.addresses;
  return node.kind === "destination" ? `the target ${node.addresses[0] ?? ""}`.trim() : first;
}

function drawNode(node, { place, lit, choose }) {
  const { x, y } = place(node.key, node.column);
  const lines = linesOf(node);
  const told = `${[nodeWords(node), ...node.addresses].join(", ")}; ${count(node.buckets.length, "flow")}, ${node.failing} failing${node.suspect ? "; suspect" : ""}`;
  return svg(
    "g",
    {
      class: classes("node", node.kind, node.suspect && "suspect", lit.has(node.key) && "lit"),
      transform: `translate(${x} ${y - BOX.height / 2})`,
      role: "button",
      tabindex: node.kind === "source" ? 0 : -1,
      "aria-label": told,
      "data-key": node.key,
      onclick: () => choose(node.key),
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose(node.key);
      },
    },
    svg("title", {}, told),
    svg("rect", { width: BOX.width, height: BOX.height, rx: node.kind === "group" ? 18 : 5 }),
    ...lines.map((line, at) =>
      svg(
        "text",
        {
          class: at === 0 ? "name" : "detail",
          x: BOX.width / 2,
          y: BOX.height / 2 + (lines.length === 1 ? 4 : at === 0 ? -3 : 12),
        },
        line.length > CHARACTERS ? `${line.slice(0, CHARACTERS - 1)}…` : line,
      ),
    ),
  );
}

/** One or two short lines that stand in a node. */
function linesOf(node) {
  const { kind, addresses, names, members } = node;
  if (kind === "source") return ["exporter"];
  if (kind === "silent") return ["* silent"];
  if (kind === "group") return [`${members} hops`, "open to see each"];
  const [address = node.title] = addresses;
  const several = addresses.length > 1 ? `${address} +${addresses.length - 1}` : address;
  // An identity that came from elsewhere than reverse DNS is the node's key.
  const name = kind === "router" && !addresses.includes(node.key) ? node.key : names[0];
  return name === undefined ? [several] : [name, several];
}

function drawStub(stub, { network, place, lit, flows, choose }) {
  const node = network.nodes.find(({ key }) => key === stub.from);
  const { x, y } = place(stub.from, node?.column ?? 0);
  const start = x + BOX.width;
  const low = y + BOX.height / 2 + 9;
  const share = stub.buckets.length / Math.max(1, flows);
  const told = `${count(stub.buckets.length, "flow")} ${stub.buckets.length === 1 ? "dies" : "die"} behind ${nodeWords(node)}`;
  return svg(
    "g",
    {
      class: classes("stub", stub.suspect && "suspect", lit.has(stub.key) && "lit"),
      onclick: () => choose(stub.key),
    },
    svg("title", {}, told),
    svg("path", {
      class: "line",
      d: `M${start - BOX.width / 2} ${low - 9} v9 h${BOX.width / 2}`,
      "stroke-width": (2 + WIDEST * share).toFixed(1),
    }),
    svg("text", { x: start + 6, y: low + 5, class: "end" }, `✕ ${stub.buckets.length}`),
  );
}

/** Loss that happens after the target was reached is no link's of the way there. */
function drawWayBack({ loss, sure }, width, height) {
  const y = height - 34;
  const words = `${sure ? "way back" : "way back or target"}: ${loss === null ? "lossy" : `${percent(loss)} lost`}`;
  return svg(
    "g",
    { class: "way-back" },
    svg("title", {}, words),
    svg("path", {
      d: `M${width - STUB - BOX.width / 2} ${y - 12} v12 H${MARGIN.side + BOX.width / 2} v-12`,
    }),
    svg("text", { x: (width - STUB) / 2, y: y + 18 }, `◀ ${words}`),
  );
}

/** A smooth line through points, level where it begins and ends. */
function curve([first, ...rest]) {
  let line = `M${first.x} ${first.y}`;
  let before = first;
  for (const point of rest) {
    const half = (before.x + point.x) / 2;
    line += ` C${half} ${before.y} ${half} ${point.y} ${point.x} ${point.y}`;
    before = point;
  }
  return line;
}

/** Where an arrow key leads: up and down within a column, left and right to the nearest row of the next one. */
function neighbour(canvas, columns, from, arrow) {
  const key = from.getAttribute("data-key");
  const find = (wanted) => canvas.querySelector(`[data-key="${CSS.escape(wanted)}"]`);
  const stages = columns.map((column) => column.filter((other) => find(other) !== null));
  const column = stages.findIndex((stage) => stage.includes(key));
  const row = stages[column]?.indexOf(key) ?? -1;
  if (row < 0) return null;
  if (arrow === "ArrowUp") return find(stages[column][row - 1] ?? key);
  if (arrow === "ArrowDown") return find(stages[column][row + 1] ?? key);
  const side = { ArrowLeft: column - 1, ArrowRight: column + 1, Home: 0, End: stages.length - 1 }[
    arrow
  ];
  const stage = stages[side];
  if (stage === undefined || stage.length === 0) return null;
  return find(
    stage[Math.round((row / Math.max(1, stages[column].length - 1)) * (stage.length - 1))],
  );
}
