import type { Random } from "../support/random.ts";
import type { Graph } from "./graph.ts";

/** Ways that part and merge again, several times in a row; branches are chains of unequal length and weight. */
export function diamonds(graph: Graph, random: Random, first: number): number[] {
  let at = first;
  for (let stage = random.between(2, 3); stage > 0; stage--) {
    const join = graph.router();
    for (let branch = random.between(2, 5); branch > 0; branch--) {
      const weight = random.pick([1, 1, 1, 2, 3]);
      if (random.chance(0.2)) nested(graph, at, join, weight);
      else chain(graph, at, join, random.between(1, 3), weight);
    }
    at = join;
  }
  return [at];
}

/**
 * A wide-area network: routers in the order of their distance to the target, each with one to three links to some that
 * are nearer, of unequal weight; so ways have different lengths, merge where they happen to meet and part again.
 */
export function wideArea(graph: Graph, random: Random, first: number): number[] {
  const routers = graph.routers(random.between(8, 20));
  const last = graph.router();
  const reach = random.between(3, 6);
  const all = [first, ...routers, last];
  const met = new Set([first]);
  all.slice(0, -1).forEach((from, place) => {
    if (!met.has(from)) return;
    const nearer = all.slice(place + 1, place + 1 + reach);
    const count = place === 0 ? Math.max(2, reach - 1) : random.between(1, 3);
    for (const to of sample(nearer, count, random)) {
      graph.link(from, to, { weight: random.pick([1, 1, 1, 2, 4]) });
      met.add(to);
    }
  });
  return [last];
}

function nested(graph: Graph, from: number, to: number, weight: number): void {
  const [parts, meets] = [graph.router(), graph.router()];
  graph.link(from, parts, { weight });
  graph.mesh([parts], graph.routers(2));
  for (const { to: middle } of graph.out(parts)) graph.link(middle, meets);
  graph.link(meets, to);
}

function chain(graph: Graph, from: number, to: number, length: number, weight: number): void {
  let at = from;
  for (const router of graph.routers(length)) {
    graph.link(at, router, at === from ? { weight } : {});
    at = router;
  }
  graph.link(at, to);
}

function sample<T>(list: readonly T[], count: number, random: Random): T[] {
  const left = [...list];
  return Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(random.between(0, left.length - 1), 1)[0] as T,
  );
}
