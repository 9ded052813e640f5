import { SOURCE } from "./network.ts";

/** One link on the way of one flow. */
export interface Link {
  readonly from: number;
  readonly to: number;
  /** Chance, 0 to 1, that the flow crosses it. */
  readonly weight: number;
  /** Position: packets that die on this link get past this many TTLs. */
  readonly depth: number;
}

/**
 * What the sweep of a failing flow showed from one link on: how many hops behind the link, the destination included,
 * answered it, and how many did not although they answer other sweeps.
 */
export interface Beyond {
  readonly answered: number;
  readonly missing: number;
  /** How many hops in all kept silent at the end of the sweep, wherever the link is. */
  readonly trailing: number;
}

/** A link of a flow that may have been swept. */
export interface Crossing extends Link {
  /** What the failing sweep showed behind this link; null when there was no sweep. */
  readonly beyond: Beyond | null;
}

/** A link that a flow may take behind the end of its sweep. */
export interface AheadLink extends Omit<Link, "depth"> {
  /** How many places lie between the end of the sweep and the link. */
  readonly step: number;
}

/** One flow with the links it crosses, or may cross. */
export interface Route {
  readonly crossings: readonly Crossing[];
  /** As {@link Crossing.beyond}, for a fault behind the last router: the destination alone. */
  readonly beyondLast: Beyond | null;
  /** Last answering hop before the destination, null when unknown. */
  readonly lastRouter: number | null;
  /** Hop where the failing sweep ended; null without a sweep. */
  readonly end: number | null;
  /** Hops before the destination that answered the failing sweep, and those that are on its way and did not. */
  readonly heard: readonly number[];
  readonly unheard: readonly number[];
  /** The links that may come behind the end of a sweep where the way is not known, in order; none elsewhere. */
  readonly ahead: readonly AheadLink[];
}

/** A place on a flow's way and the index of its first TTL (the source: -1). */
export interface Place {
  readonly id: number;
  readonly at: number;
}

/** The links between places in order, all of them certain. */
export function straight(places: readonly Place[]): Link[] {
  return places.slice(1).map((place, i) => ({
    from: places[i]?.id ?? SOURCE,
    to: place.id,
    weight: 1,
    depth: place.at,
  }));
}
