import type { Random } from "../support/random.ts";
import { type EdgeOptions, Graph } from "./graph.ts";
import { diamonds, wideArea } from "./wide-area.ts";

/** Builds the middle of a network between these routers; what leaves the last one goes on to the target. */
type Middle = (graph: Graph, random: Random, first: number) => number[];

/** The kinds of network, by name. */
export const FABRICS = {
  "leaf-spine": leafSpine,
  "three tiers": threeTiers,
  "fat tree": fatTree,
  "bundled leaf-spine": bundled,
  diamonds,
  "wide area": wideArea,
} as const satisfies Record<string, Middle>;

/** A kind of network. */
export type FabricName = keyof typeof FABRICS;

/** The names of all kinds of network. */
export const FABRIC_NAMES: readonly FabricName[] = Object.keys(FABRICS) as FabricName[];

/**
 * A network of a kind: up to two routers that all flows cross in front, then the fabric, then up to two more or none.
 * Where the fabric ends in several routers and nothing follows, the target is on all of them.
 */
export function buildFabric(name: FabricName, random: Random): Graph {
  const graph = new Graph();
  let at = graph.source;
  const before = random.chance(0.4) ? random.between(1, 2) : 0;
  for (let i = 0; i < before; i++) at = next(graph, at);
  const first = next(graph, at);
  let ends = FABRICS[name](graph, random, first);
  const after = random.chance(0.5) ? random.between(1, 2) : 0;
  for (let i = 0; i < after; i++) {
    const joined = graph.router();
    graph.mesh(ends, [joined]);
    ends = [joined];
  }
  graph.mesh(ends, [graph.target]);
  return graph;
}

function next(graph: Graph, from: number): number {
  const router = graph.router();
  graph.link(from, router);
  return router;
}

/** Leaf, 2 to 8 spines, one leaf or a pair. */
function leafSpine(
  graph: Graph,
  random: Random,
  leaf: number,
  options: EdgeOptions = {},
): number[] {
  const spines = graph.routers(random.between(2, 8));
  const leaves = graph.routers(random.between(1, 2));
  graph.mesh([leaf], spines, options);
  graph.mesh(spines, leaves, options);
  return leaves;
}

/** Leaf-spine over bundles: members below IP, or parallel links that each have addresses. */
function bundled(graph: Graph, random: Random, leaf: number): number[] {
  if (random.chance(0.6)) return leafSpine(graph, random, leaf, { members: random.between(2, 4) });
  const spines = graph.routers(random.between(2, 4));
  const leaves = graph.routers(random.between(1, 2));
  for (let parallel = random.between(2, 3); parallel > 0; parallel--) {
    graph.mesh([leaf], spines);
    graph.mesh(spines, leaves);
  }
  return leaves;
}

/** Leaf, aggregation in planes, a core for each plane, and down again in the same plane. */
function threeTiers(graph: Graph, random: Random, leaf: number): number[] {
  const leaves = graph.routers(random.between(1, 2));
  const cores = random.between(2, 4);
  for (let planes = random.between(2, 4); planes > 0; planes--) {
    const [up, down] = [graph.router(), graph.router()];
    const plane = graph.routers(cores);
    graph.link(leaf, up);
    graph.mesh([up], plane);
    graph.mesh(plane, [down]);
    graph.mesh([down], leaves);
  }
  return leaves;
}

/** Edge to edge of a fat tree of 4-, 6- or 8-port switches: (k/2)² ways. */
function fatTree(graph: Graph, random: Random, edge: number): number[] {
  const half = random.pick([2, 3, 4]);
  const end = graph.router();
  for (let pod = 0; pod < half; pod++) {
    const [up, down] = [graph.router(), graph.router()];
    const cores = graph.routers(half);
    graph.link(edge, up);
    graph.mesh([up], cores);
    graph.mesh(cores, [down]);
    graph.link(down, end);
  }
  return [end];
}
