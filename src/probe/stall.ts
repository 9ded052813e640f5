/** A gap between two turns of the loop longer than this is a stall: probes that overlap it prove nothing by silence. */
const STALL_MS = 200;
/** Stalls older than this no longer matter: no probe of before them is in flight. */
const KEPT = 64;

/**
 * Knows when the process did not run. The engine reports every turn of its loop; a long gap between two is a stall
 * (stopped, swapped out, a blocked event loop, an overloaded machine).
 */
export class StallRecord {
  #lastTurn: number;
  readonly #stalls: { from: number; to: number }[] = [];

  constructor(now: number) {
    this.#lastTurn = now;
  }

  /** Reports a turn of the loop. @returns the length of the stall that ended with it, 0 for none */
  turn(now: number): number {
    const gap = now - this.#lastTurn;
    const from = this.#lastTurn;
    this.#lastTurn = now;
    if (gap <= STALL_MS) return 0;
    this.#stalls.push({ from, to: now });
    if (this.#stalls.length > KEPT) this.#stalls.shift();
    return gap;
  }

  /** Whether the process was stalled at some moment between the two. */
  overlaps(from: number, to: number): boolean {
    return this.#stalls.some((stall) => stall.from < to && stall.to > from);
  }
}
