/** Flows that must have met the same hop, and none another. */
const ENOUGH = 24;

/** By place: hops, null for silence, and how many flows met each. */
type Met = Map<string, Map<string | null, number>>;

/**
 * What the flows of all targets met in one place, a TTL behind a hop, in this round of surveys and the one before. Where
 * they agree, as they do behind a gateway that all targets have in common, a few flows are enough to see that a further
 * target is no exception, and that nothing has changed.
 */
export class CommonHops {
  #met: Met = new Map();
  #before: Met = new Map();

  /** A flow of some target met a hop, null for silence. */
  add(place: string, hop: string | null): void {
    const hops = this.#met.get(place) ?? new Map<string | null, number>();
    hops.set(hop, (hops.get(hop) ?? 0) + 1);
    this.#met.set(place, hops);
  }

  /** Whether enough flows met this hop there and none another; any hop where it is left out. */
  agreeOn(place: string, hop?: string | null): boolean {
    const all = [...(this.#before.get(place) ?? []), ...(this.#met.get(place) ?? [])];
    const [[only] = [undefined]] = all;
    const flows = all.reduce((sum, [, met]) => sum + met, 0);
    const same = all.every(([other]) => other === only) && (hop === undefined || hop === only);
    return same && flows >= ENOUGH;
  }

  /** A new round begins: what was met before the last one is forgotten, since paths may have changed. */
  age(): void {
    this.#before = this.#met;
    this.#met = new Map();
  }
}
