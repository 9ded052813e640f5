// Wide stages of a network drawn as one box with a count. Plain data in, plain data out.
import { emptyEdge, emptyNode } from "./network-model.js";

/** A stage of so many hops is drawn as a count until somebody opens it. */
export const WIDE = 16;
/** Hops of a wide stage that are drawn all the same, because something is wrong with them. */
const SHOWN = 6;

/** The TTLs at which a network is wide, with how many hops each. @param {import("./network-model.js").Network} network */
export function wideColumns(network) {
  const sizes = new Map();
  for (const { kind, column } of network.nodes) {
    if (kind === "router" || kind === "silent") sizes.set(column, (sizes.get(column) ?? 0) + 1);
  }
  return [...sizes]
    .filter(([, size]) => size >= WIDE)
    .map(([column, size]) => ({ column, size }))
    .sort((a, b) => a.column - b.column);
}

/**
 * The network with the wide stages drawn as counts, but for what is wrong in them.
 * @param {import("./network-model.js").Network} network
 * @param {ReadonlySet<number>} opened TTLs that are drawn in full
 * @returns {import("./network-model.js").Network}
 */
export function collapse(network, opened) {
  const wide = wideColumns(network).filter(({ column }) => !opened.has(column));
  if (wide.length === 0) return network;
  const standsFor = new Map(wide.flatMap(({ column }) => folded(network, column)));
  const keyOf = (key) => standsFor.get(key) ?? key;
  const nodes = new Map();
  for (const node of network.nodes) addNode(nodes, node, keyOf(node.key));
  const edges = new Map();
  for (const edge of network.edges) addEdge(edges, edge, keyOf(edge.from), keyOf(edge.to));
  const drawn = new Map(
    network.edges.map(({ key, from, to }) => [key, `${keyOf(from)} > ${keyOf(to)}`]),
  );
  const ways = [...network.ways].map(([bucket, way]) => [
    bucket,
    way.map((key) => drawn.get(key) ?? keyOf(key)),
  ]);
  return {
    ...network,
    nodes: [...nodes.values()],
    edges: [...edges.values()],
    ways: new Map(ways),
  };
}

/** Which hops of a stage are drawn as one: all but suspects, hops where flows die, and the worst of the others. */
function folded(network, column) {
  const ends = new Set(network.stubs.map(({ from }) => from));
  const accused = new Set(
    network.edges.filter(({ suspect }) => suspect).flatMap(({ from, to }) => [from, to]),
  );
  const wrong = (node) => node.suspect || ends.has(node.key) || accused.has(node.key);
  const stage = network.nodes.filter(
    (node) => node.column === column && node.kind !== "destination",
  );
  const shown = stage
    .filter(wrong)
    .sort((a, b) => b.failing - a.failing)
    .slice(0, SHOWN);
  return stage.filter((node) => !shown.includes(node)).map(({ key }) => [key, `group ${column}`]);
}

function addNode(nodes, node, key) {
  if (key === node.key) {
    nodes.set(key, node);
    return;
  }
  const group = nodes.get(key) ?? emptyNode(key, "group", node.column, 0);
  const members = group.members + 1;
  const buckets = [...new Set([...group.buckets, ...node.buckets])];
  nodes.set(key, { ...group, members, buckets, failing: group.failing + node.failing });
}

function addEdge(edges, edge, from, to) {
  if (from === edge.from && to === edge.to) {
    edges.set(edge.key, edge);
    return;
  }
  if (from === to) return;
  const key = `${from} > ${to}`;
  const sum = edges.get(key) ?? emptyEdge(from, to);
  edges.set(key, {
    ...sum,
    buckets: [...new Set([...sum.buckets, ...edge.buckets])],
    failing: sum.failing + edge.failing,
    probes: sum.probes + edge.probes,
    failures: sum.failures + edge.failures,
    suspect: sum.suspect || edge.suspect,
  });
}
