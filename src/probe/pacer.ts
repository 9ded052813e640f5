/** A slot that is more than this late is skipped, not sent: catching up would be a burst. */
const MAX_LATENESS_MS = 60;
/** Fractional part of the golden ratio: its multiples spread evenly for any number of targets. */
const GOLDEN = 0.618033988749895;

/**
 * When a target's flows are due. The flows take turns, evenly spaced over the interval; targets start at different
 * phases of their step, so that many targets do not send at once. The clock is the caller's.
 *
 *     interval ├──┬──┬──┬──┬──┬──┬──┬──┤   step = interval / slots
 *     slot      0  1  2  3  4  5  6  7
 */
export class Pacer {
  readonly #slots: number;
  #step: number;
  #base: number;
  #sent = 0;

  /**
   * @param index the target's place among all targets; decides its phase
   * @param slots number of flows, at least 1
   */
  constructor(now: number, index: number, intervalMs: number, slots: number) {
    this.#slots = slots;
    this.#step = intervalMs / slots;
    this.#base = now + ((index * GOLDEN) % 1) * this.#step;
  }

  /** When the next slot is due. */
  get dueAt(): number {
    return this.#base + this.#sent * this.#step;
  }

  /** Milliseconds between two sendings of the target. */
  get step(): number {
    return this.#step;
  }

  /**
   * Widens or narrows the spacing from now on.
   * @param step milliseconds between two sendings
   */
  setStep(step: number, now: number): void {
    if (step === this.#step) return;
    const turn = this.#sent % this.#slots;
    this.#step = step;
    // The turn goes on where it was: the next slot is due one step from now.
    this.#base = now + step - turn * step;
    this.#sent = turn;
  }

  /**
   * Hands out the slots that are due.
   * @param send called with a slot, 0 to slots − 1, once for each that is due and not too late
   * @returns how many slots were passed over because nobody asked in time
   */
  due(now: number, send: (slot: number) => void): number {
    let skipped = 0;
    for (;;) {
      const at = this.dueAt;
      if (at > now) return skipped;
      const slot = this.#sent % this.#slots;
      if (now - at <= MAX_LATENESS_MS) {
        this.#sent += 1;
        send(slot);
        continue;
      }
      // Everything that is too late is passed over in one step, however long the pause was.
      const late = Math.max(1, Math.ceil((now - MAX_LATENESS_MS - at) / this.#step));
      this.#sent += late;
      skipped += late;
    }
  }
}

/**
 * A packet budget: at most `rate` a second, never more at once than a short burst allows.
 */
export class PacketBudget {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  /** @param rate packets in any second; up to 20 ms worth of them, at least one, may go at once */
  constructor(rate: number, now: number) {
    this.#burst = Math.max(1, rate * 0.02);
    // What may go at once is taken off, so that the second that begins with a burst holds no more than any other.
    this.#rate = Math.max(rate - this.#burst, rate / 2);
    this.#tokens = this.#burst;
    this.#at = now;
  }

  /** Whether one more packet fits now; takes it if so. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes packets that cannot be held back; those after them wait the longer. */
  charge(packets: number): void {
    this.#tokens -= packets;
  }
}
