/** What is left of a fault is forgotten within this time after most of it. */
const REST_MS = 60_000;

/** How many failures were forgotten lately because their fault was held to be over. */
export class ForgottenLately {
  #failures = 0;
  #at: number = Number.NEGATIVE_INFINITY;

  /** So many are forgotten now. */
  add(failures: number, now: number): void {
    this.#failures = this.count(now) + failures;
    this.#at = now;
  }

  /** How many, each less than a minute after the next. */
  count(now: number): number {
    return now - this.#at <= REST_MS ? this.#failures : 0;
  }
}
