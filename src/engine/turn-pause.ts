/** As often the loop lets the engine turn while something is to be found out or told quickly, milliseconds. */
export const ENGINE_TURN_MS = 5;
/**
 * As often else, where the kernel says when a packet came: most of what a turn costs at a thousand probes a second and below
 * is waking up for it, and nothing is known the better by looking sooner.
 */
const QUIET_TURN_MS = 10;
/** Where next to nothing is sent, as rarely as this. */
const RARE_TURN_MS = 20;
/** Where more probes than this are due in a second, turns stay short, so that no more of them go out at once. */
const MANY_A_SECOND = 10_000;
/** The rate of probes is asked for this often. */
const RATE_EVERY_MS = 1000;

/** How long the loop may wait from one turn to the next: a few probes' time, within bounds. */
export class TurnPause {
  readonly #kernelTimestamps: boolean;
  readonly #perSecond: () => number;
  #pauseMs = ENGINE_TURN_MS;
  #ratedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param kernelTimestamps whether the kernel says when a packet came; without that it came when it was read
   * @param perSecond probes that are due
   */
  constructor(kernelTimestamps: boolean, perSecond: () => number) {
    this.#kernelTimestamps = kernelTimestamps;
    this.#perSecond = perSecond;
  }

  /** Milliseconds, from {@link ENGINE_TURN_MS} on. */
  at(now: number): number {
    if (this.#kernelTimestamps && now - this.#ratedAt > RATE_EVERY_MS) {
      this.#ratedAt = now;
      const rate = this.#perSecond();
      const least = rate > MANY_A_SECOND ? ENGINE_TURN_MS : QUIET_TURN_MS;
      this.#pauseMs = Math.min(RARE_TURN_MS, Math.max(least, 1000 / rate));
    }
    return this.#pauseMs;
  }
}
