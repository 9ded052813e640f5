/** A hop that nobody has met for this long is forgotten. */
const AGE_MS = 3_600_000;
/** Sweeps of failing flows say for this long what answers now. */
const FAILING_MS = 60_000;
/** As many of them are kept. */
const MOST_FAILING = 256;

/** What answered one sweep, by TTL from 1; null for silence. */
type Swept = readonly (string | null)[];

/** Which hops the sweeps of a target's flows have met at each TTL lately, whichever flow it was. */
export class HopsByTtl {
  readonly #met: Map<number, Map<string, number>> = new Map();
  readonly #failing: { readonly hops: Swept; readonly at: number }[] = [];

  /** A survey of a flow that works ended. */
  add(hops: Swept, now: number): void {
    hops.forEach((hop, index) => {
      if (hop === null) return;
      const met = this.#met.get(index + 1) ?? new Map<string, number>();
      this.#met.set(index + 1, met.set(hop, now));
    });
  }

  /** A sweep of a flow that fails ended. */
  addFailing(hops: Swept, now: number): void {
    this.#failing.push({ hops, at: now });
    if (this.#failing.length > MOST_FAILING) this.#failing.shift();
  }

  /**
   * The hops that surveys met at these TTLs within the last hour, and how many sweeps of failing flows each of them has
   * answered there within the last minute; by TTL.
   */
  at(ttls: Iterable<number>, now: number): Record<number, Record<string, number>> {
    const recent = this.#failing.filter(({ at }) => now - at <= FAILING_MS);
    const found: Record<number, Record<string, number>> = {};
    for (const ttl of ttls) {
      const counts: Record<string, number> = {};
      for (const [hop, at] of this.#met.get(ttl) ?? []) if (now - at <= AGE_MS) counts[hop] = 0;
      for (const { hops } of recent) {
        const hop = hops[ttl - 1];
        if (hop != null) counts[hop] = (counts[hop] ?? 0) + 1;
      }
      found[ttl] = counts;
    }
    return found;
  }
}
