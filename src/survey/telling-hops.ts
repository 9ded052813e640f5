/** Hops that tell which way flows came; one tells nothing. */
const LEAST_HOPS = 2;

/**
 * Hops that tell by which hop before them a flow came. A router that answers from the interface that a packet came in by has an
 * address for each link, so that whoever meets it has crossed that link, whether or not the router before was asked.
 */
export class TellingHops {
  readonly #agreed: (place: string) => string | null | undefined;
  /** By TTL: the hops before it, with the names of the places behind them. */
  readonly #places: Map<number, Map<string, string>> = new Map();
  /** By TTL: the hops there, each with the one before it; empty where they do not tell. */
  readonly #told: Map<number, ReadonlyMap<string, string>> = new Map();

  /** @param agreed what everybody meets in a place, null for silence; undefined where they differ or too few have told */
  constructor(agreed: (place: string) => string | null | undefined) {
    this.#agreed = agreed;
  }

  /** A flow met somebody in this place, a TTL behind a hop. */
  met(ttl: number, before: string, place: string): void {
    const places = this.#places.get(ttl) ?? new Map<string, string>();
    this.#places.set(ttl, places);
    if (places.has(before)) return;
    places.set(before, place);
    this.changed();
  }

  /** Whether the hop that a flow meets at a TTL tells the one before it. */
  tells(ttl: number): boolean {
    return this.#at(ttl).size > 0;
  }

  /** The hop that flows come by which meet this one at a TTL; undefined where that is not known. */
  before(ttl: number, hop: string): string | undefined {
    return this.#at(ttl).get(hop);
  }

  /** Something else is agreed on. */
  changed(): void {
    this.#told.clear();
  }

  /** All is learnt anew. */
  clear(): void {
    this.#places.clear();
    this.#told.clear();
  }

  /** As long as it is not known of every place whom all meet there, answers at the TTL are needed to find that out. */
  #at(ttl: number): ReadonlyMap<string, string> {
    let told = this.#told.get(ttl);
    if (told === undefined) {
      const hops = new Map<string, string>();
      const places = this.#places.get(ttl) ?? new Map<string, string>();
      for (const [before, place] of places) {
        const hop = this.#agreed(place);
        if (typeof hop === "string") hops.set(hop, before);
      }
      told = hops.size === places.size && hops.size >= LEAST_HOPS ? hops : new Map();
      this.#told.set(ttl, told);
    }
    return told;
  }
}
