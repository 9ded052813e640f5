/** Steps of time in which the probes of a window are forgotten. */
export const SLICES = 30;
/** Numbers of a window, and bytes of what it counts by step: probes and failures, two bytes each. */
const NUMBERS = 10;
const COUNTED_BYTES: number = 2 * 2 * SLICES;
/** Windows lie so far apart, in whole numbers of 8 bytes. */
const WINDOW_BYTES: number = 8 * NUMBERS + COUNTED_BYTES;
/** Windows that share one piece of memory: a piece for each would weigh more than what is in it. */
const SHARING = 64;

/** Where one window is kept. */
export interface WindowRoom {
  /** Its numbers, from `from` on. */
  readonly numbers: Float64Array;
  readonly from: number;
  /** What it counts by step, right behind, from `first` on. */
  readonly counts: Uint16Array;
  readonly first: number;
}

/** Memory for windows, handed out in order; a piece goes when the last of its windows has gone. */
export class WindowMemory {
  #numbers: Float64Array = new Float64Array(0);
  #counts: Uint16Array = new Uint16Array(0);
  #used = 0;

  /** Room for one window, all zero. */
  next(): WindowRoom {
    if (this.#used === this.#numbers.byteLength) {
      const piece = new ArrayBuffer(SHARING * WINDOW_BYTES);
      this.#numbers = new Float64Array(piece);
      this.#counts = new Uint16Array(piece);
      this.#used = 0;
    }
    const from = this.#used / 8;
    const first = (this.#used + 8 * NUMBERS) / 2;
    this.#used += WINDOW_BYTES;
    return { numbers: this.#numbers, from, counts: this.#counts, first };
  }
}
