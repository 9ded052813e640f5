import type { Clock } from "../clock.ts";

/** How many requests may pass. */
export interface RateLimit {
  /** One request more may pass in this time, in milliseconds; above 0. */
  readonly intervalMs: number;
  /** This many may pass at once; 0 lets none pass. */
  readonly burst: number;
}

/** Lets a burst pass at once and one more an interval. */
export class TokenBucket {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  #tokens: number;
  #countedAt: number;

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#tokens = limit.burst;
    this.#countedAt = clock.monotonic();
  }

  /** Takes a token; false if there is none. */
  take(): boolean {
    const now = this.#clock.monotonic();
    const earned = (now - this.#countedAt) / this.#limit.intervalMs;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + earned);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
  /** Puts a token back that was taken and not used. */
  giveBack(): void {
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + 1);
  }
}
