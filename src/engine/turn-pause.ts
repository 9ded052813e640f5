/** The loop lets the engine turn this often, milliseconds: at low rates wake-ups cost most, and the kernel keeps the times. */
export const ENGINE_TURN_MS = 5;
/** Where next to nothing is sent and nothing fails, as rarely as this. */
const RARE_TURN_MS = 20;
/** The rate of probes is asked for this often. */
const RATE_EVERY_MS = 1000;

/** How long the loop may wait from one turn to the next: about one probe's time, within bounds. */
export class TurnPause {
  readonly #mostMs: number;
  readonly #perSecond: () => number;
  #pauseMs = ENGINE_TURN_MS;
  #ratedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param kernelTimestamps whether the kernel says when a packet came; without that it came when it was read
   * @param perSecond probes that are due
   */
  constructor(kernelTimestamps: boolean, perSecond: () => number) {
    this.#mostMs = kernelTimestamps ? RARE_TURN_MS : ENGINE_TURN_MS;
    this.#perSecond = perSecond;
  }

  /** Milliseconds, from {@link ENGINE_TURN_MS} on. */
  at(now: number): number {
    if (now - this.#ratedAt > RATE_EVERY_MS) {
      this.#ratedAt = now;
      this.#pauseMs = Math.min(this.#mostMs, Math.max(ENGINE_TURN_MS, 1000 / this.#perSecond()));
    }
    return this.#pauseMs;
  }
}
