/** Steps of time in which the probes of a window are forgotten. */
export const SLICES = 30;
/** Numbers that one window keeps: probes and failures of each. */
export const WINDOW_NUMBERS: number = 2 * SLICES;
/** Windows that share one piece of memory: a piece for each would weigh four times what is in it. */
const SHARING = 64;

/** Memory for windows, handed out in order; a piece goes when the last of its windows has gone. */
export class WindowMemory {
  #piece: Uint16Array = new Uint16Array(0);
  #used = 0;

  /** Room for one window, all zero: numbers of `piece` from `from` on. A view of its own would weigh as much as they do. */
  next(): { readonly piece: Uint16Array; readonly from: number } {
    if (this.#used === this.#piece.length) {
      this.#piece = new Uint16Array(SHARING * WINDOW_NUMBERS);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += WINDOW_NUMBERS;
    return { piece: this.#piece, from };
  }
}
