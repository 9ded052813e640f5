/** The window is kept in two halves, so that the longest delay of between half and all of it is known. */
const HALF_WINDOW_MS = 30_000;

/** The longest delay of the event loop in the last minute, from the turns of the engine's loop. */
export class LoopLag {
  readonly #expectedMs: number;
  #lastTurn: number | undefined;
  #halfBegan = Number.NEGATIVE_INFINITY;
  #current = 0;
  #previous = 0;

  /** @param expectedMs how far apart two turns are when nothing delays them */
  constructor(expectedMs: number) {
    this.#expectedMs = expectedMs;
  }

  /** Reports a turn. The first one begins the measurement: what came before it was the start. */
  turn(now: number): void {
    if (now - this.#halfBegan > HALF_WINDOW_MS) {
      this.#previous = this.#current;
      this.#current = 0;
      this.#halfBegan = now;
    }
    const last = this.#lastTurn ?? now - this.#expectedMs;
    this.#current = Math.max(this.#current, now - last - this.#expectedMs);
    this.#lastTurn = now;
  }

  /** Seconds. */
  get longest(): number {
    return Math.max(this.#current, this.#previous) / 1000;
  }
}
