import type { Random } from "../support/random.ts";
import { finalise } from "./flow-hash.ts";
import type { Edge, Graph } from "./graph.ts";

/**
 * How a router answers an expired TTL: by the link that the probe came in by, by one of its links chosen by the flow, by one address,
 * by an address that other routers have as well, to some flows only, or never.
 */
type Manner = "incoming" | "outgoing" | "one" | "shared" | "some" | "silent";

/** By mixture, each router's manner is picked from it. */
const MIXTURES: Readonly<Record<string, readonly Manner[]>> = {
  incoming: ["incoming"],
  one: ["one"],
  outgoing: ["outgoing"],
  "partly silent": ["incoming", "incoming", "one", "one", "silent"],
  "all sorts": ["incoming", "one", "outgoing", "some", "silent", "incoming", "one"],
  "some flows": ["incoming", "incoming", "one", "some"],
  "shared by some": ["incoming", "incoming", "one", "shared"],
};

/** What the routers of a grown network answer with. */
export interface GrownAnswers {
  readonly mixture: string;
  /** By router: the chance that one attempt is answered. */
  readonly willing: readonly number[];
  /** Addresses that several routers answer with. */
  readonly shared: readonly string[];
  /** What a router answers a flow with that reached it by a link, null where it is silent. */
  addressOf(edge: Edge, flowKey: number): string | null;
  /** All addresses that are this router's alone. */
  addressesOf(router: number): string[];
}

/** Lets each router of a network answer in a manner of its own; sometimes all that stand at one distance share an address. */
export function drawGrownAnswers(graph: Graph, random: Random): GrownAnswers {
  const mixture = random.pick(Object.keys(MIXTURES));
  const manners = graph.nodes.map(() => random.pick(MIXTURES[mixture] ?? ["one"]));
  const common = `172.20.${random.between(0, 255)}.${random.between(1, 254)}`;
  const stage = random.chance(0.07) ? stageOf(graph, random) : [];
  for (const router of stage) manners[router] = "shared";
  const addresses = unlike(graph, random);
  const limited = random.pick([0, 0, 0.3, 0.6]);
  const willing = graph.nodes.map(() => (random.chance(limited) ? 0.25 + 0.6 * random.next() : 1));
  const salt = random.between(1, 2 ** 30);
  const own = (router: number): string[] =>
    manners[router] === "one"
      ? [addresses.one[router] ?? ""]
      : graph.into(router).map(({ id }) => addresses.links[id] ?? "");
  const pick = (router: number, key: number): number => finalise(key ^ (router * 40503) ^ salt);
  return {
    mixture: stage.length > 0 ? "a stage shares" : mixture,
    willing,
    shared: manners.includes("shared") ? [common] : [],
    addressesOf: (router) => (manners[router] === "shared" ? [] : own(router)),
    addressOf: ({ id, to }, key) => {
      const all = own(to);
      switch (manners[to]) {
        case "one":
          return all[0] ?? null;
        case "outgoing":
          return all[pick(to, key) % all.length] ?? null;
        case "shared":
          return common;
        case "some":
          return pick(to, key) % 3 === 0 ? null : (addresses.links[id] ?? null);
        case "silent":
          return null;
        default:
          return addresses.links[id] ?? null;
      }
    },
  };
}

/** All routers that a router leads to. */
function stageOf(graph: Graph, random: Random): number[] {
  const branching = graph.nodes
    .map(({ id }) => graph.out(id).map(({ to }) => to))
    .filter((next) => new Set(next).size > 1 && !next.includes(graph.target));
  return branching.length === 0 ? [] : random.pick(branching);
}

/** Addresses of the links' far ends and of the routers themselves, of no order. */
function unlike(graph: Graph, random: Random): { links: string[]; one: string[] } {
  const taken = new Set<string>();
  const fresh = (first: number): string => {
    for (;;) {
      const rest = [random.between(0, 255), random.between(0, 255), random.between(1, 254)];
      const address = [first, ...rest].join(".");
      if (taken.has(address)) continue;
      taken.add(address);
      return address;
    }
  };
  return { links: graph.edges.map(() => fresh(10)), one: graph.nodes.map(() => fresh(100)) };
}
