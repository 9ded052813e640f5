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

/** A link of a flow that may have been swept. */
export interface Crossing extends Link {
  /**
   * Where the failing sweep ended, seen from this link: 0 right before it, n when n hops before it that should have
   * answered did not, -1 when it got past it, null when there was no sweep.
   */
  readonly short: number | null;
}

/** One flow with the links it crosses, or may cross. */
export interface Route {
  readonly crossings: readonly Crossing[];
  /** As {@link Crossing.short}, for a fault behind the last router. */
  readonly shortOfEnd: number | null;
  /** Last answering place before the destination, null when unknown. */
  readonly lastRouter: number | null;
  /** Place where the failing sweep ended; null without a sweep. */
  readonly end: number | null;
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
