import type { Random } from "../support/random.ts";
import { Graph } from "./graph.ts";

/**
 * The kinds of network of the fifth generator, by name: pods joined by few long links, two uplinks into unlike providers, bundles of
 * two to four in a row, a tier of load balancers, and layers with links that leave one out.
 */
export const GROWN_NETWORKS = { dragonfly, multihomed, bundles, balancers, shortcuts } as const;
/** A kind of network. */
export type GrownName = keyof typeof GROWN_NETWORKS;
/** All of them. */
export const GROWN_NAMES = Object.keys(GROWN_NETWORKS) as GrownName[];

/** Builds a network of a kind. */
export function growNetwork(name: GrownName, random: Random): Graph {
  const graph = new Graph();
  GROWN_NETWORKS[name](graph, random);
  return graph;
}

/** A chain of routers behind another one; returns the last. */
function chain(graph: Graph, from: number, length: number): number {
  let at = from;
  for (let i = 0; i < length; i++) {
    const next = graph.router();
    graph.link(at, next);
    at = next;
  }
  return at;
}

/** Joins two routers in a way that has grown: one link, a bundle below IP, or parallel links with addresses of their own. */
function join(graph: Graph, from: number, to: number, random: Random): void {
  const manner = random.pick(["plain", "plain", "bundle", "parallel"]);
  if (manner === "bundle") graph.link(from, to, { members: random.between(2, 4) });
  else {
    const count = manner === "plain" ? 1 : random.between(2, 3);
    for (let i = 0; i < count; i++) graph.link(from, to);
  }
}

/** Pods of routers; some in each have a long link to the target's pod, the others reach it by one of those or by a third pod. */
function dragonfly(graph: Graph, random: Random): void {
  const [top] = [chain(graph, graph.source, random.between(1, 2))];
  const entries = graph.routers(random.between(2, 5));
  graph.mesh([top], entries);
  const gates = graph.routers(random.between(2, 4));
  const far = graph.routers(random.between(2, 4));
  for (const entry of entries) graph.mesh([entry], chosen(gates, 0.7, random));
  // Some entries are gates themselves: a way shorter by one hop.
  for (const entry of entries) if (random.chance(0.3)) graph.link(entry, random.pick(far));
  for (const gate of gates) {
    for (const end of chosen(far, 0.5, random)) join(graph, gate, end, random);
    if (random.chance(0.4)) {
      const [enter, leave] = [graph.router(), graph.router()];
      graph.link(gate, enter);
      graph.link(enter, leave);
      graph.link(leave, random.pick(far));
    }
  }
  fill(graph, far, random);
  const last = graph.router();
  for (const end of far) {
    if (random.chance(0.3)) {
      const over = graph.router();
      graph.link(end, over);
      graph.link(over, last);
    } else graph.link(end, last);
  }
  prune(graph);
  graph.link(last, graph.target);
}

/** Two or three uplinks of unlike weight into providers of unlike length and width. */
function multihomed(graph: Graph, random: Random): void {
  const edge = random.chance(0.6) ? chain(graph, graph.source, 1) : graph.source;
  const ends = Array.from({ length: random.between(2, 3) }, () => {
    const entry = graph.router();
    graph.link(edge, entry, { weight: random.pick([1, 1, 2, 3]) });
    const at = chain(graph, entry, random.between(0, 2));
    const width = random.between(1, 4);
    const exit = graph.router();
    for (let i = 0; i < width; i++) {
      const start = graph.router();
      graph.link(at, start, { weight: random.pick([1, 1, 2]) });
      graph.link(chain(graph, start, random.between(0, 2)), exit);
    }
    return chain(graph, exit, random.between(0, 1));
  });
  const borders = graph.routers(random.between(1, 2));
  for (const end of ends) {
    for (const border of chosen(borders, 0.6, random)) join(graph, end, border, random);
  }
  fill(graph, borders, random);
  prune(graph);
  if (random.chance(0.5)) graph.mesh(borders, [graph.target]);
  else {
    const last = graph.router();
    graph.mesh(borders, [last]);
    graph.link(last, graph.target);
  }
}

/** Stages of one to three routers, each two joined by a link, a bundle or parallel links. */
function bundles(graph: Graph, random: Random): void {
  let stage = [chain(graph, graph.source, 1)];
  for (let i = random.between(2, 4); i > 0; i--) {
    const next = graph.routers(random.between(1, 3));
    for (const from of stage) for (const to of next) join(graph, from, to, random);
    stage = next;
  }
  graph.mesh(stage, [graph.target]);
}

/** Cores, then four to ten load balancers of which each has the target behind it, some by a switch that two of them share. */
function balancers(graph: Graph, random: Random): void {
  const first = chain(graph, graph.source, random.between(1, 2));
  const cores = graph.routers(random.between(2, 4));
  graph.mesh([first], cores);
  const tier = graph.routers(random.between(4, 10));
  graph.mesh(cores, tier);
  const switches = random.chance(0.5) ? graph.routers(2) : [];
  for (const each of tier) {
    graph.link(each, switches.length > 0 ? random.pick(switches) : graph.target);
  }
  const used = switches.filter((each) => graph.into(each).length > 0);
  graph.mesh(used, [graph.target]);
}

/** Layers of which some links leave one out, so that ways differ in length and a router stands at two distances. */
function shortcuts(graph: Graph, random: Random): void {
  const layers = [[chain(graph, graph.source, 1)]];
  for (let i = random.between(2, 4); i > 0; i--) layers.push(graph.routers(random.between(2, 5)));
  layers.push([graph.router()]);
  layers.forEach((layer, depth) => {
    const next = layers[depth + 1];
    if (next === undefined) return;
    for (const from of layer) {
      for (const to of chosen(next, 0.6, random)) {
        graph.link(from, to, { weight: random.pick([1, 1, 1, 2]) });
      }
      const over = layers[depth + 2];
      if (over !== undefined && random.chance(0.25)) graph.link(from, random.pick(over));
    }
  });
  prune(graph);
  graph.link(layers.at(-1)?.[0] ?? graph.source, graph.target);
}

/** Each with a chance, at least one. */
function chosen(ids: readonly number[], share: number, random: Random): number[] {
  const some = ids.filter(() => random.chance(share));
  return some.length > 0 ? some : [random.pick(ids)];
}

/** Gives routers that nothing leads to a link from the router before them in number. */
function fill(graph: Graph, ids: readonly number[], random: Random): void {
  for (const id of ids) {
    if (graph.into(id).length > 0) continue;
    const others = ids.filter((each) => each !== id && graph.into(each).length > 0);
    const [edge] = graph.into(random.pick(others));
    if (edge !== undefined) graph.link(edge.from, id);
  }
}

/** Takes away what nothing leads to, until nothing is left of it. */
function prune(graph: Graph): void {
  for (;;) {
    const at = graph.edges.findIndex(
      ({ from }) => from !== graph.source && graph.into(from).length === 0,
    );
    if (at < 0) break;
    graph.edges.splice(at, 1);
  }
  graph.edges.forEach((edge, index) => {
    graph.edges[index] = { ...edge, id: index };
  });
}
