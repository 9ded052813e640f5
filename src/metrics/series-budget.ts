/**
 * The limit on time series. Every label set that would appear on `/metrics` is asked for first; what is refused is
 * folded into a label set whose value is `other`, and counted.
 */
export class SeriesBudget {
  /** `limits.series`; lowering it takes nothing away that is there. */
  limit: number;
  /** Makes room by showing less of what is there. @returns false if nothing more can be done */
  makeRoom: () => boolean = () => false;
  #used = 0;
  #folded = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Label sets in use. */
  get used(): number {
    return this.#used;
  }

  /** Label sets refused since the start, each counted once by whoever was refused. */
  get folded(): number {
    return this.#folded;
  }

  /** Asks for `series` more. @returns false where they do not fit, whatever room could be made */
  reserve(series: number): boolean {
    while (this.#used + series > this.limit) if (!this.makeRoom()) return false;
    this.#used += series;
    return true;
  }

  /** Takes what must exist whatever the limit: the `other` sets themselves and those of a whole target. */
  take(series: number): void {
    this.#used += series;
  }

  /** Counts a label set that this or a narrower limit (last hops of a target) refused. */
  fold(): void {
    this.#folded += 1;
  }

  /** Gives back what is gone. */
  release(series: number): void {
    this.#used = Math.max(0, this.#used - series);
  }
}
