/** A last hop that nothing was counted for, and that is met no more, is forgotten after so long, or twice as long, milliseconds. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** Finds the last hops of one target that are gone, so that they do not use up its limit for good. */
export class GoneHops {
  /** What had been counted for each hop at the last look. */
  #before: ReadonlyMap<string, number> = new Map();
  #lookedAt: number | undefined;

  /**
   * The hops that are gone: not met, and counted no more since the last look. Looks once an hour.
   * @param now milliseconds, monotonic
   * @param hops every hop that is shown
   * @param countOf how many probes were counted for one
   * @param isMet whether it is a hop of the target's network, or the last hop of one of its flows now
   */
  find(
    now: number,
    hops: Iterable<string>,
    countOf: (hop: string) => number,
    isMet: (hop: string) => boolean,
  ): string[] {
    this.#lookedAt ??= now;
    if (now - this.#lookedAt < FORGOTTEN_AFTER_MS) return [];
    this.#lookedAt = now;
    const counts = new Map<string, number>();
    const gone: string[] = [];
    for (const hop of hops) {
      const count = countOf(hop);
      if (count === this.#before.get(hop) && !isMet(hop)) gone.push(hop);
      else counts.set(hop, count);
    }
    this.#before = counts;
    return gone;
  }
}
