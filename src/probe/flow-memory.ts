/** Numbers of a flow; see `flow-record.ts` and `handshake-record.ts` for what stands where. Three lines of a processor's cache. */
const NUMBERS = 24;
/** Flows that share one piece of memory at most. */
const SHARING = 64;

/** Memory for the numbers of one target's flows, handed out in order; a piece goes when the last of its flows has gone. */
export class FlowMemory {
  readonly #flows: number;
  #piece: Float64Array = new Float64Array(0);
  #used = 0;

  /** @param flows that the target has at a time */
  constructor(flows: number) {
    this.#flows = Math.max(1, Math.min(flows, SHARING));
  }

  /** Room for one flow, all zero: numbers of `piece` from `from` on. */
  next(): { readonly piece: Float64Array; readonly from: number } {
    if (this.#used === this.#piece.length) {
      this.#piece = new Float64Array(this.#flows * NUMBERS);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += NUMBERS;
    return { piece: this.#piece, from };
  }
}

/**
 * The numbers of one flow, side by side with those of the target's other flows. As fields of an object each of them that is no small
 * integer would be an object of its own somewhere else in memory, to be fetched for every probe.
 */
export class FlowNumbers {
  readonly #piece: Float64Array;
  readonly #from: number;

  constructor(memory: FlowMemory) {
    const { piece, from } = memory.next();
    this.#piece = piece;
    this.#from = from;
  }

  /** Reads all that a probe needs. @returns a number without a meaning */
  glanceAtNumbers(): number {
    return this.read(0) + this.read(NUMBERS / 3) + this.read((2 * NUMBERS) / 3);
  }

  /** The number at a place, 0 until one is written. */
  protected read(place: number): number {
    return this.#piece[this.#from + place] ?? 0;
  }

  /** The same where it may be unknown, which is written as what is no number. */
  protected readAny(place: number): number | undefined {
    const number = this.read(place);
    return Number.isNaN(number) ? undefined : number;
  }

  /** Writes a number. */
  protected write(place: number, number: number): void {
    this.#piece[this.#from + place] = number;
  }
}
