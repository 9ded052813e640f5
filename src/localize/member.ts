import type { Beyond } from "./crossing.ts";

/** From this chance on a failing flow is held to cross a link, where that makes the link one that fails some flows and not others. */
export const CROSSES = 0.8;

/** Kinds of places that can be at fault. */
export type LocationKind =
  /** One link between two hops that answer. */
  | "link"
  /** All links into a hop, or into the known addresses of a router: it drops before it answers. */
  | "router"
  /** All links out of a hop or a router: it answers, then drops. */
  | "forwarder"
  /** What comes to a router by one of the links into it: it answers, then drops that. */
  | "entry"
  /** A hop or several that never answer. */
  | "silent"
  /** Several addresses that may be one router. */
  | "aliases"
  /** Several links that may be one bundle: of one of its routers, or of both, more than one address is seen. */
  | "bundle"
  /** Something unknown behind a hop. */
  | "beyond"
  /** Behind the last router: host, balancer, way back. */
  | "behind";

/** A link as two hops of the network. */
export interface LocationLink {
  readonly from: number;
  readonly to: number;
}

/** One flow that passes, or may pass, a fault location. */
export interface Member {
  readonly flow: number;
  /** Chance, above 0 to below 1, that the flow passes it: less than nearly 1 where its path is guessed or has gaps. */
  readonly weight: number;
  /** Position on the flow's way: packets that die there get past this many TTLs. Orders several faults on one way. */
  readonly depth: number;
  /** What the sweep of the failing flow showed behind it; null without a sweep. */
  readonly beyond: Beyond | null;
  /** The likeliest link that the flow takes there; null behind the last router. */
  readonly link: LocationLink | null;
  /** The others that it may take there instead, where there are any. */
  readonly others?: readonly LocationLink[];
}

/** What the flows cross, by link, by the hop that a link leads to, and by the one that it leaves. */
export interface Crossed {
  readonly links: ReadonlyMap<string, readonly Member[]>;
  readonly into: ReadonlyMap<number, readonly Member[]>;
  readonly outOf: ReadonlyMap<number, readonly Member[]>;
}

/** All links that a flow may take at a location. */
export function linksOf({ link, others }: Member): readonly LocationLink[] {
  return others ?? (link === null ? [] : [link]);
}

/** Share of answers that a hop which does answer fails to give to a sweep, about. */
const SILENT = 0.1;

/**
 * Chance that a flow passes a place where everything dies, by where its sweep ended as well: behind such a place nobody answers, behind any other
 * somebody most likely does.
 */
export function chanceOfDeathAt({ weight, beyond }: Member): number {
  if (beyond === null || beyond.missing === 0) return weight;
  return beyond.answered > 0 ? 0 : weight / (weight + (1 - weight) * SILENT);
}
