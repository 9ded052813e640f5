/** Two readings of both clocks differ by less than this, unless the wall clock has been stepped. */
const STEP_MS = 5;

/**
 * Turns the kernel's timestamps, which are of the wall clock, into monotonic ones. A packet that was received before a step
 * of the wall clock and read after it carries the old time; of the two readings that are possible then, the right one lies
 * between the time when everything before had been read and now. All numbers are milliseconds.
 */
export class KernelTime {
  readonly #visibilityMs: number;
  /** What is added to wall time: now, and before the last step. */
  #offset: number | undefined;
  #before: number | undefined;
  /** The old offset may apply to what is read until then. */
  #beforeUntil = Number.NEGATIVE_INFINITY;
  #now = Number.NEGATIVE_INFINITY;
  /** Nothing that is read now was received earlier. */
  #since = Number.NEGATIVE_INFINITY;

  /** @param visibilityMs how long a packet may have been received before it can be read */
  constructor(visibilityMs: number) {
    this.#visibilityMs = visibilityMs;
  }

  /** Reading begins. @param offset monotonic time minus wall time, both read just now */
  begin(offset: number, now: number): void {
    this.#since = this.#now - this.#visibilityMs;
    this.#now = now;
    if (this.#offset !== undefined && Math.abs(offset - this.#offset) > STEP_MS) {
      this.#before = this.#offset;
      this.#beforeUntil = now + this.#visibilityMs;
    }
    this.#offset = offset;
  }

  /** When a packet was received, never later than now. @param wall the kernel's timestamp */
  of(wall: number): number {
    const received = wall + (this.#offset ?? 0);
    if (this.#now > this.#beforeUntil || this.#before === undefined) {
      return Math.min(received, this.#now);
    }
    for (const candidate of [received, wall + this.#before]) {
      if (candidate >= this.#since && candidate <= this.#now + STEP_MS) {
        return Math.min(candidate, this.#now);
      }
    }
    return this.#now;
  }
}
