import { placeName } from "./place-names.ts";

/** Flows that are swept twice: two next hops that take turns packet by packet would pass for one with a chance of 2^-8. */
const ENOUGH = 8;

/** So many flows that met two hops in a place, of whichever targets, and so large a part of those that were swept twice there, balance it by packet. */
const BALANCED = 3;
const BALANCED_PART = 0.25;

/** What is known of a place, a TTL behind a hop. */
interface Place {
  /** Flows that are swept twice, those that were, and those that met two hops then. */
  again: number;
  compared: number;
  differing: number;
}

type Places = Map<string, Place>;

/**
 * Places at which enough flows of any target are swept twice, in this round of surveys and the one before, and none met
 * two hops: nothing is balanced by packet there; or some did, and it is, for all targets.
 */
export class SteadyPlaces {
  #now: Places = new Map();
  #before: Places = new Map();

  /** A flow that met these hops, by TTL from 1, null for silence, is swept once more. */
  willMeetAgain(hops: readonly (string | null)[]): void {
    hops.forEach((_, index) => {
      this.#at(placeOf(hops, index)).again += 1;
    });
  }

  /**
   * It was swept once more.
   * @param before what it met the first time
   * @param hops what it met now
   * @returns indexes at which it met another hop
   */
  metAgain(before: readonly (string | null)[], hops: readonly (string | null)[]): number[] {
    return hops.flatMap((hop, index) => {
      const other = before[index] ?? null;
      if (hop === null || other === null) return [];
      const place = this.#at(placeOf(before, index));
      place.compared += 1;
      if (hop === other) return [];
      place.differing += 1;
      return [index];
    });
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
      const { again, differing } = this.#counts(place);
      return isCommon(place) || (differing === 0 && again >= ENOUGH);
    });
  }

  /** The TTLs at which packets of flows that meet these hops are balanced. Behind such a one it tells nothing which hop was met before. */
  balanced(hops: readonly (string | null)[]): number[] {
    const ttls: number[] = [];
    hops.forEach((_, index) => {
      const counts =
        ttls.at(-1) === index ? this.#countsAt(index + 1) : this.#counts(placeOf(hops, index));
      const { compared, differing } = counts;
      if (differing >= Math.max(BALANCED, BALANCED_PART * compared)) ttls.push(index + 1);
    });
    return ttls;
  }

  /** A new round begins: what was met before the last one is forgotten, since the network may have changed. */
  age(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  #at(name: string): Place {
    let place = this.#now.get(name);
    if (place === undefined) {
      place = { again: 0, compared: 0, differing: 0 };
      this.#now.set(name, place);
    }
    return place;
  }

  #counts(name: string): Place {
    return sum([this.#now.get(name), this.#before.get(name)]);
  }

  /** Of all places at a TTL. */
  #countsAt(ttl: number): Place {
    const isThere = ([name]: [string, Place]): boolean => name.startsWith(placeName(ttl, ""));
    const all = [...this.#now, ...this.#before].filter(isThere);
    return sum(all.map(([, place]) => place));
  }
}

function sum(places: readonly (Place | undefined)[]): Place {
  const all = { again: 0, compared: 0, differing: 0 };
  for (const place of places) {
    all.again += place?.again ?? 0;
    all.compared += place?.compared ?? 0;
    all.differing += place?.differing ?? 0;
  }
  return all;
}

function placeOf(hops: readonly (string | null)[], index: number): string {
  return placeName(index + 1, index === 0 ? "source" : (hops[index - 1] ?? "silence"));
}
