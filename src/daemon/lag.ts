/** The window is kept in two halves, so that the longest delay of between half and all of it is known. */
const HALF_WINDOW_MS = 30_000;

/** The longest delay of the event loop in the last minute, from the turns of the engine's loop. */
export class LoopLag {
  #lastTurn: number | undefined;
  #halfBegan = Number.NEGATIVE_INFINITY;
  #current = 0;
  #previous = 0;

  /**
   * Reports a turn. The first one begins the measurement: what came before it was the start.
   * @param expectedMs how long after the last turn this one comes when nothing delays it
   */
  turn(now: number, expectedMs: number): void {
    if (now - this.#halfBegan > HALF_WINDOW_MS) {
      this.#previous = this.#current;
      this.#current = 0;
      this.#halfBegan = now;
    }
    const last = this.#lastTurn ?? now - expectedMs;
    this.#current = Math.max(this.#current, now - last - expectedMs);
    this.#lastTurn = now;
  }

  /** Seconds. */
  get longest(): number {
    return Math.max(this.#current, this.#previous) / 1000;
  }
}
