/** What was passed over so soon after the budget had run out waited for it, unless a pause between two turns of more than that was the reason. */
const LATELY_MS = 50;
/** What such a pause has made late is sent or passed over within this time. */
const CAUGHT_UP_MS = 200;

/** When the budget had no room left for what was due. What it holds back is sent with the next turns, as long as it is not too late for that. */
export class HeldBack {
  #at = Number.NEGATIVE_INFINITY;
  #pausedAt = Number.NEGATIVE_INFINITY;
  #turnedAt = Number.POSITIVE_INFINITY;

  /** Reports a turn. */
  turn(now: number): void {
    if (now - this.#turnedAt > LATELY_MS) this.#pausedAt = now;
    this.#turnedAt = now;
  }

  /** The budget has run out. */
  ranOut(now: number): void {
    this.#at = now;
  }

  /** Whether it has run out since. */
  isSince(at: number): boolean {
    return this.#at >= at;
  }

  /** Whether it is why something was passed over now, and not that this process did not turn. */
  explains(now: number): boolean {
    return now - this.#at < LATELY_MS && now - this.#pausedAt > CAUGHT_UP_MS;
  }
}
