import type { Random } from "../support/random.ts";
import type { Answering } from "./answering.ts";
import { HASHES, type Tuple } from "./flow-hash.ts";
import type { Edge, Graph } from "./graph.ts";

/** One link that a flow crosses. */
export interface Step {
  readonly edge: Edge;
  /** Which member of the bundle. */
  readonly member: number;
  /** What its far end answers with for this flow when it answers at all; of the last one the target's address. */
  readonly answer: string | null;
}

/** A flow and the links that it crosses, from the source to the target. */
export interface Way {
  readonly tuple: Tuple;
  readonly steps: readonly Step[];
  /** Hash by which the ways back and servers behind the target are chosen. */
  readonly key: number;
}

/** How the routers of a network hash. */
export interface Hashing {
  readonly name: string;
  /** All routers have one seed, so that a second stage chooses as the first did. */
  readonly polarised: boolean;
}

/** Draws the flows of a case with their ways: distinct source ports, the routers' own hash. */
export function drawWays(
  graph: Graph,
  answers: Answering,
  target: string,
  count: number,
  random: Random,
): { ways: Way[]; hashing: Hashing } {
  const name = random.pick(Object.keys(HASHES));
  const polarised = random.chance(0.2);
  const hash = HASHES[name];
  if (hash === undefined) throw new Error(`no hash ${name}`);
  const base = random.between(1, 2 ** 31);
  const seeds = graph.nodes.map(() => (polarised ? base : random.between(1, 2 ** 31)));
  const rest = random.between(1, 2 ** 31);
  const ports = new Set<number>();
  while (ports.size < count) ports.add(random.between(61_000, 65_535));
  const ways = [...ports].map((sourcePort): Way => {
    const tuple = { sourcePort, rest };
    const key = HASHES["murmur"]?.(tuple, base ^ 0x5bd1e995) ?? 0;
    const steps: Step[] = [];
    for (let at = graph.source; at !== graph.target; ) {
      const number = hash(tuple, seeds[at] ?? 0);
      const edge = choose(graph.out(at), number);
      const member = Math.floor(number / 64) % edge.members;
      steps.push({
        edge,
        member,
        answer: edge.to === graph.target ? target : answers.addressOf(edge, key),
      });
      at = edge.to;
    }
    return { tuple, steps, key };
  });
  return { ways, hashing: { name, polarised } };
}

/** The link whose share of the weights the number falls into. */
function choose(edges: readonly Edge[], number: number): Edge {
  let left = number % edges.reduce((sum, { weight }) => sum + weight, 0);
  for (const edge of edges) {
    left -= edge.weight;
    if (left < 0) return edge;
  }
  throw new Error("a node that leads nowhere");
}
