/** Flows that must have met the same hop, and none another. */
const ENOUGH = 24;

/**
 * What the flows of all targets met in one place: a TTL behind a hop. Where they agree, as they do behind a gateway that
 * all targets have in common, a few flows of a further target are enough to see that it is no exception.
 */
export class CommonHops {
  /** By place: hops (null for silence), and how many flows met each. */
  #met: Map<string, Map<string | null, number>> = new Map();

  /** A flow of some target met a hop, null for silence. */
  add(place: string, hop: string | null): void {
    const hops = this.#met.get(place) ?? new Map<string | null, number>();
    hops.set(hop, (hops.get(hop) ?? 0) + 1);
    this.#met.set(place, hops);
  }

  /** Whether enough flows met this hop there and none another; any hop where it is left out. */
  agreeOn(place: string, hop?: string | null): boolean {
    const hops = this.#met.get(place);
    if (hops?.size !== 1) return false;
    const [[only, flows] = [null, 0]] = hops;
    return flows >= ENOUGH && (hop === undefined || hop === only);
  }

  /** Forgets everything: paths may have changed. */
  clear(): void {
    this.#met = new Map();
  }
}
