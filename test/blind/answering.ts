import type { Random } from "../support/random.ts";
import { finalise } from "./flow-hash.ts";
import type { Edge, Graph } from "./graph.ts";

/**
 * Whose address an expired TTL is answered with: the interface that the probe came in by, the one that the answer leaves
 * by (of several equal ones by the flow's hash), one loopback, an address that several routers share, or none.
 */
export const STYLES = ["incoming", "outgoing", "loopback", "shared", "silent"] as const;
/** One of `STYLES`. */
export type Style = (typeof STYLES)[number];

/** How the routers of a network answer. `mixed`: each as it likes. */
export type World = "incoming" | "outgoing" | "loopback" | "shared" | "mixed";
/** All worlds. */
export const WORLDS: readonly World[] = ["incoming", "outgoing", "loopback", "shared", "mixed"];

/** What routers that share an address answer with (RFC 7600's dummy address is one that is seen). */
export const SHARED_ADDRESS = "192.0.0.8";

/** What each router of a network answers with. */
export interface Answering {
  readonly styles: readonly Style[];
  /** By router: the chance that an attempt is answered, less than 1 where it is rate-limited. */
  readonly willing: readonly number[];
  /** The address that a router answers with for a flow that came in by a link; null where it is silent. */
  addressOf(edge: Edge, flowKey: number): string | null;
  /** All addresses that a router may answer with, without a shared one. */
  addressesOf(router: number): string[];
}

/** Lets every router of a graph answer in the manner of the world, some of them silent, some rate-limited. */
export function answering(graph: Graph, world: World, random: Random): Answering {
  const far = farEnds(graph, random);
  const loopbacks = graph.nodes.map(
    ({ id }) => `10.${240 + (id >> 6)}.${id & 63}.${random.between(1, 254)}`,
  );
  const silence = random.pick([0, 0, 0.1, 0.25]);
  const styles = graph.nodes.map(() =>
    random.chance(silence) ? "silent" : styleIn(world, random),
  );
  const limited = random.pick([0, 0, 0.2, 0.6]);
  const willing = graph.nodes.map(() => (random.chance(limited) ? 0.3 + random.next() * 0.6 : 1));
  const addressesOf = (router: number): string[] =>
    styles[router] === "loopback"
      ? [loopbacks[router] ?? ""]
      : graph.into(router).map(({ id }) => far[id] ?? "");
  return {
    styles,
    willing,
    addressesOf,
    addressOf: (edge, flowKey) => {
      const own = addressesOf(edge.to);
      switch (styles[edge.to]) {
        case "incoming":
          return far[edge.id] ?? null;
        case "outgoing":
          return own[finalise(flowKey ^ (edge.to * 7919)) % own.length] ?? null;
        case "loopback":
          return own[0] ?? null;
        case "shared":
          return SHARED_ADDRESS;
        default:
          return null;
      }
    },
  };
}

function styleIn(world: World, random: Random): Style {
  if (world === "mixed") return random.pick(["incoming", "incoming", "outgoing", "loopback"]);
  if (world === "shared") return random.chance(0.4) ? "shared" : "incoming";
  return world;
}

/** The address of every link's far end; the near end is the one before it: a /31 (RFC 3021). */
function farEnds(graph: Graph, random: Random): string[] {
  const taken = new Set<string>();
  return graph.edges.map(() => {
    for (;;) {
      const parts = [
        10,
        random.between(0, 127),
        random.between(0, 255),
        random.between(0, 126) * 2,
      ];
      const address = `${parts.slice(0, 3).join(".")}.${(parts[3] ?? 0) + 1}`;
      if (!taken.has(address)) {
        taken.add(address);
        return address;
      }
    }
  });
}
