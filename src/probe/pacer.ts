/** A slot that is later than this is skipped, not sent: catching up would be a burst. */
const LATENESS_MS = 60;
/** One may be as late as the next slot of its target is away, since that sends no two at once; a pause of more is a stall whatever it has held up. */
const MOST_LATENESS_MS = 180;
/** Fractional part of the golden ratio: its multiples spread evenly for any number of targets. */
const GOLDEN = 0.618033988749895;
/** What is not later than this part of a step before or after the middle between two slots is between them. */
const BETWEEN = 0.1;

/**
 * When a target's flows are due. The flows take turns, evenly spaced over the interval; targets start at different
 * phases of their step, so that many targets do not send at once. The clock is the caller's.
 *
 *     interval ├──┬──┬──┬──┬──┬──┬──┬──┤   step = interval / slots
 *     slot      0  1  2  3  4  5  6  7
 */
export class Pacer {
  readonly #slots: number;
  readonly #ownStep: number;
  #step: number;
  /** How late a slot may be. */
  #lateness: number;
  #base: number;
  #sent = 0;
  /** Told when the spacing has changed, and with it what is due next. */
  onPace: (() => void) | undefined;

  /**
   * @param index the target's place among all targets; decides its phase
   * @param slots number of flows, at least 1
   */
  constructor(now: number, index: number, intervalMs: number, slots: number) {
    this.#slots = slots;
    this.#ownStep = intervalMs / slots;
    this.#step = this.#ownStep;
    this.#lateness = latenessOf(this.#step);
    this.#base = now + ((index * GOLDEN) % 1) * this.#step;
  }

  /** When the next slot is due. */
  get dueAt(): number {
    return this.#base + this.#sent * this.#step;
  }

  /** The slot that is due next, 0 to slots - 1. */
  get nextSlot(): number {
    return this.#sent % this.#slots;
  }

  /** Milliseconds between two sendings of the target. */
  get step(): number {
    return this.#step;
  }

  /** In so long every flow has its turn, at the spacing of now; milliseconds. */
  get roundMs(): number {
    return this.#slots * this.#step;
  }

  /** When a packet beside the slots is as far as can be from those before and after it: now, or a little later. */
  betweenSlots(now: number): number {
    const middle = this.dueAt - this.#step / 2;
    const early = middle - BETWEEN * this.#step;
    return now <= middle + BETWEEN * this.#step ? Math.max(now, early) : early + this.#step;
  }

  /**
   * Widens or narrows the spacing from now on.
   * @param step milliseconds between two sendings
   */
  setStep(step: number, now: number): void {
    if (step === this.#step) return;
    const turn = this.#sent % this.#slots;
    this.#step = step;
    this.#lateness = latenessOf(step);
    // The turn goes on where it was: the next slot is due one step from now.
    this.#base = now + step - turn * step;
    this.#sent = turn;
    this.onPace?.();
  }

  /** Goes back to the spacing that it began with, from now on. */
  restoreStep(now: number): void {
    this.setStep(this.#ownStep, now);
  }

  /**
   * Hands out the slots that are due.
   * @param send called with a slot, 0 to slots − 1, once for each that is due and not too late; false where it is not sent now, and stays due
   * @returns how many slots were passed over because nobody asked in time
   */
  due(now: number, send: (slot: number) => unknown): number {
    let skipped = 0;
    for (;;) {
      const at = this.dueAt;
      if (at > now) return skipped;
      const slot = this.#sent % this.#slots;
      if (now - at <= this.#lateness) {
        this.#sent += 1;
        if (send(slot) !== false) continue;
        this.#sent -= 1;
        return skipped;
      }
      // Everything that is too late is passed over in one step, however long the pause was.
      const late = Math.max(1, Math.ceil((now - this.#lateness - at) / this.#step));
      this.#sent += late;
      skipped += late;
    }
  }
}

function latenessOf(step: number): number {
  return Math.max(LATENESS_MS, Math.min(MOST_LATENESS_MS, step));
}
