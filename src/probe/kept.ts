/** Who has something kept with it. */
export interface Keeper {
  /** By {@link Kept}. */
  readonly kept: unknown[];
}

/**
 * What somebody keeps of each target, with the target itself, beside what others keep of it. Every probe is looked at by several observers: to search
 * a map of a thousand targets for each of them would cost more than most of what they do. It goes with the target.
 */
export class Kept<Value> {
  /** Places that were given so far: each has one of its own. */
  static #given = 0;
  readonly #place: number;

  constructor() {
    this.#place = Kept.#given;
    Kept.#given += 1;
  }

  /** What is kept of it; undefined for nothing. */
  of({ kept }: Keeper): Value | undefined {
    return kept[this.#place] as Value | undefined;
  }

  /** Keeps this. */
  set({ kept }: Keeper, value: Value | undefined): void {
    while (kept.length <= this.#place) kept.push(undefined);
    kept[this.#place] = value;
  }
}
