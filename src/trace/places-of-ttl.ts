import { answeredJustBefore, type Place } from "./icmp-rate-limit.ts";

/** How quickly places are found to answer less than one by one they would, and to answer more again. */
const LESS = 0.7;
const PROVEN = 0.2;

/**
 * The places of one TTL at which hops answer, none of them the same. It may be one router all the same, which answers
 * from the interface that a packet came in by, and rate-limits all its interfaces together: then a place is silent where
 * another had just answered.
 */
export class PlacesOfTtl {
  readonly #places: Set<Place> = new Set();
  /** How many rate limits they seem to have together. */
  #limiters = 0;

  /** A hop answers at a place. */
  add(place: Place): void {
    if (!this.#places.has(place)) this.#limiters += 1;
    this.#places.add(place);
  }

  /** A place has become part of another. */
  delete(place: Place): void {
    this.#places.delete(place);
    this.#limiters = Math.min(this.#limiters, this.#places.size);
  }

  /** Forgets places that were asked before this time last. */
  forget(askedBefore: number): void {
    for (const place of this.#places) if (place.self.askedAt < askedBefore) this.delete(place);
  }

  /** A packet to a place was answered. */
  answered(place: Place, sentAt: number): void {
    if (!this.#answeredElsewhere(place, sentAt)) return;
    this.#limiters = Math.min(this.#places.size, this.#limiters + PROVEN);
  }

  /**
   * A packet to a place stayed without answer.
   * @returns all places, where by now they are taken for one router's; none else
   */
  silent(place: Place, sentAt: number): readonly Place[] {
    if (!this.#places.has(place) || !this.#answeredElsewhere(place, sentAt)) return [];
    this.#limiters = Math.max(1, this.#limiters * LESS);
    return this.#limiters > this.#places.size / 2 ? [] : [...this.#places];
  }

  #answeredElsewhere(place: Place, sentAt: number): boolean {
    for (const other of this.#places) {
      if (other === place) continue;
      for (const hop of other.hops.values()) if (answeredJustBefore(hop, sentAt)) return true;
    }
    return false;
  }
}
