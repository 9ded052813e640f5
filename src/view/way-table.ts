import { NO_WAY } from "./bucket-history.ts";

/** The way of a flow: a path, or the hops that answered before it died. */
export interface Way {
  /** Id of the path; null for a flow whose path is not known. */
  readonly path: string | null;
  /** By TTL from 1; null for a hop that did not answer. */
  readonly hops: readonly (string | null)[];
  /** Whether the flow died behind the last of them. */
  readonly cut: boolean;
}

/** Ways of one target under small numbers, 0 to 254. A number is given anew once nothing speaks of its way any more. */
export class WayTable {
  readonly #ways: (Way | undefined)[] = [];
  readonly #numbers: Map<string, number> = new Map();

  /**
   * The number of a way.
   * @param inUse the numbers that must stay; asked for when all are given
   * @returns {@link NO_WAY} where none is free
   */
  number(way: Way, inUse: () => ReadonlySet<number>): number {
    const key = `${way.cut} ${way.path ?? way.hops.join(" ")}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#numbers.size >= NO_WAY) this.#forget(inUse());
    if (this.#numbers.size >= NO_WAY) return NO_WAY;
    let number = 0;
    while (this.#ways[number] !== undefined) number += 1;
    this.#ways[number] = way;
    this.#numbers.set(key, number);
    return number;
  }

  /** The way of a number; undefined for one that is not given. */
  way(number: number): Way | undefined {
    return this.#ways[number];
  }

  #forget(inUse: ReadonlySet<number>): void {
    for (const [key, number] of this.#numbers) {
      if (inUse.has(number)) continue;
      this.#numbers.delete(key);
      this.#ways[number] = undefined;
    }
  }
}
