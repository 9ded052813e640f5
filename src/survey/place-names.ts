/** More than the hops before a TTL that any network has; beyond that names are made anew. */
const MOST_OF_A_TTL = 10_000;

/**
 * The name of a place: a TTL behind a hop.
 * @param ttl 1 to 255
 * @param before the hop before, `source` before the first
 */
export function placeName(ttl: number, before: string): string {
  return `${ttl} behind ${before}`;
}

/**
 * Names of places, kept. They are asked for thousands of times a second while paths are learnt, and a name that is the same text
 * every time is found in a map several times faster than one that was put together anew.
 */
export class PlaceNames {
  /** By TTL, then by the hop before. */
  readonly #names: Map<string, string>[] = [];

  /** As {@link placeName}. */
  of(ttl: number, before: string): string {
    let names = this.#names[ttl];
    if (names === undefined) {
      names = new Map();
      this.#names[ttl] = names;
    }
    let name = names.get(before);
    if (name === undefined) {
      if (names.size >= MOST_OF_A_TTL) names.clear();
      name = placeName(ttl, before);
      names.set(before, name);
    }
    return name;
  }
}

/** What stands before a hop: the hop of the TTL before, `source` before the first; null for silence. @param index from 0 */
export function hopBefore(hops: readonly (string | null)[], index: number): string | null {
  return index === 0 ? "source" : (hops[index - 1] ?? null);
}
