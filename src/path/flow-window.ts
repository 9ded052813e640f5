/** How far back probes count, and in what steps they are forgotten. */
export const WINDOW_MS = 300_000;
const SLICE_MS = 10_000;
const SLICES: number = WINDOW_MS / SLICE_MS;
/** A flow that failed this often in a row and then worked twice was dead and is healed: what was before is over. */
const DEAD_STREAK = 4;
const HEALED_STREAK = 2;

/** The counts of one flow in the window. */
export interface FlowCounts {
  readonly probes: number;
  readonly failures: number;
  /** Failures in a row up to now. */
  readonly streak: number;
}

/**
 * One flow's probes of the last five minutes in slices of time, with running sums: a ring of counts, probes and
 * failures side by side, whose newest slice is `slice % SLICES`.
 */
export class FlowWindow {
  readonly #counts: Uint16Array = new Uint16Array(2 * SLICES);
  #slice: number;
  #probes = 0;
  #failures = 0;
  #streak = 0;
  #successes = 0;
  #wasDead = false;
  /** Probes that were answered since the last failure. */
  answeredSince = 0;
  /** When the last probe ended. */
  lastAt = 0;

  constructor(now: number) {
    this.#slice = Math.floor(now / SLICE_MS);
  }

  /** A valid probe ended. */
  add(failed: boolean, now: number): void {
    this.#advance(now);
    this.lastAt = now;
    if (failed) {
      this.#streak += 1;
      this.#successes = 0;
      this.answeredSince = 0;
      if (this.#streak >= DEAD_STREAK) this.#wasDead = true;
    } else {
      this.#successes += 1;
      this.answeredSince += 1;
      this.#streak = 0;
      if (this.#wasDead && this.#successes >= HEALED_STREAK) this.clear();
    }
    const at = 2 * (this.#slice % SLICES);
    this.#probes += 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    if (!failed) return;
    this.#failures += 1;
    this.#counts[at + 1] = (this.#counts[at + 1] ?? 0) + 1;
  }

  /** The sums over the window that ends now. */
  counts(now: number): FlowCounts {
    this.#advance(now);
    const failures = this.#failures;
    return { probes: this.#probes, failures, streak: Math.min(this.#streak, failures) };
  }

  /** Forgets all counts. */
  clear(): void {
    this.#counts.fill(0);
    this.#probes = 0;
    this.#failures = 0;
    this.#wasDead = false;
  }

  #advance(now: number): void {
    const slice = Math.floor(now / SLICE_MS);
    for (let passed = Math.min(slice - this.#slice, SLICES); passed > 0; passed -= 1) {
      const at = 2 * ((slice - passed + 1) % SLICES);
      this.#probes -= this.#counts[at] ?? 0;
      this.#failures -= this.#counts[at + 1] ?? 0;
      this.#counts[at] = 0;
      this.#counts[at + 1] = 0;
    }
    this.#slice = slice;
  }
}
