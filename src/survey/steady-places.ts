import { placeName } from "./place-names.ts";

/** Flows that are swept twice: two next hops that take turns packet by packet would pass for one with a chance of 2^-8. */
const ENOUGH = 8;

/** By place, a TTL behind a hop: flows that are swept twice, less those that met two hops there and all before them. */
type Counts = Map<string, number>;

/**
 * Places at which enough flows of any target are swept twice, in this round of surveys and the one before, and none met
 * two hops: nothing is balanced by packet there.
 */
export class SteadyPlaces {
  #now: Counts = new Map();
  #before: Counts = new Map();

  /** A flow that met these hops, by TTL from 1, null for silence, is swept once more. */
  willMeetAgain(hops: readonly (string | null)[]): void {
    hops.forEach((_, index) => {
      const place = placeOf(hops, index);
      this.#now.set(place, (this.#now.get(place) ?? 0) + 1);
    });
  }

  /** It met another hop at the TTL of this index. */
  differed(hops: readonly (string | null)[], index: number): void {
    this.#now.set(placeOf(hops, index), Number.NEGATIVE_INFINITY);
  }

  /**
   * Whether enough flows are swept twice that would show, or none has shown, that one of these hops is not every packet's.
   * @param isCommon whether that is known of a place anyway
   */
  areSteady(
    hops: readonly (string | null)[],
    isCommon: (place: string) => boolean = () => false,
  ): boolean {
    return hops.every((hop, index) => {
      if (hop === null || index === hops.length - 1) return true;
      const place = placeOf(hops, index);
      return (
        isCommon(place) || (this.#now.get(place) ?? 0) + (this.#before.get(place) ?? 0) >= ENOUGH
      );
    });
  }

  /** A new round begins: what was met before the last one is forgotten, since the network may have changed. */
  age(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }
}

function placeOf(hops: readonly (string | null)[], index: number): string {
  return placeName(index + 1, index === 0 ? "source" : (hops[index - 1] ?? "silence"));
}
