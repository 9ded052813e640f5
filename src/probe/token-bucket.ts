/** How much may pass: packets, requests, answers. */
export interface RateLimit {
  /** One more may pass in this time, in milliseconds; above 0. */
  readonly intervalMs: number;
  /** This many may pass at once; 0 lets none pass. */
  readonly burst: number;
}

/** Lets a burst pass at once and one more an interval. The clock is the caller's: `now` is monotonic, in milliseconds. */
export class TokenBucket {
  readonly #limit: RateLimit;
  #tokens: number;
  #countedAt: number;

  constructor(limit: RateLimit, now: number) {
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#countedAt = now;
  }

  /** Takes a token; false if there is none. */
  take(now: number): boolean {
    const earned = (now - this.#countedAt) / this.#limit.intervalMs;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + earned);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes a token only where half of the burst is left for others; false if not. */
  takeSpare(now: number): boolean {
    const { burst } = this.#limit;
    if (!this.take(now)) return false;
    if (this.#tokens + 1 >= Math.min(burst, 1 + burst / 2)) return true;
    this.giveBack();
    return false;
  }

  /** Takes tokens for what cannot be held back, even if there are none; what comes next waits the longer. */
  charge(tokens: number): void {
    this.#tokens -= tokens;
  }

  /** Puts a token back that was taken and not used. */
  giveBack(): void {
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + 1);
  }
}

/**
 * A packet budget: at most `rate` packets in any second, never more at once than a short burst.
 * @param rate packets a second; up to 20 ms worth of them, at least one, may go at once
 */
export function packetBudget(rate: number, now: number): TokenBucket {
  const burst = Math.max(1, rate * 0.02);
  // What may go at once is taken off, so that the second that begins with a burst holds no more than any other.
  return new TokenBucket({ burst, intervalMs: 1000 / Math.max(rate - burst, rate / 2) }, now);
}
