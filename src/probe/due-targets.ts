import type { Pacer } from "./pacer.ts";

/** Something that is due at the times of its pacer. */
interface Paced {
  readonly pacer: Pacer;
}

/** Room of an empty heap; it doubles when it is full. */
const FIRST_ROOM = 16;

/**
 * Targets in the order in which they are due, so that a turn looks at those alone of which something is to be sent: a
 * binary heap, the earliest on top, times and targets side by side. A target whose pace changes is put in once more; the
 * place before is passed over, since its pacer says another time by then.
 *
 *              0            parent of n: (n - 1) / 2
 *           1     2
 *          3 4   5 6
 */
export class DueTargets<Item extends Paced> {
  #at: Float64Array = new Float64Array(FIRST_ROOM);
  #items: Item[] = [];
  /** See `lookAhead`. */
  #looked = 0;

  /** From now on the target is due when its pacer says so. */
  add(item: Item): void {
    item.pacer.onPace = () => this.#push(item);
    this.#push(item);
  }

  /** The target is due no more. */
  delete(item: Item): void {
    item.pacer.onPace = undefined;
    const left = this.#items.filter((other) => other !== item);
    this.#items = [];
    for (const other of new Set(left)) this.#push(other);
  }

  /** Takes the one that has been due for longest; undefined where none is due. It must be {@link putBack} when served. */
  take(now: number): Item | undefined {
    if (!this.isDue(now)) return undefined;
    const first = this.#items[0];
    this.#pop();
    return first;
  }

  /** The same of several, at most so many. Their times are read side by side before, see `lookAhead`. */
  takeSome(now: number, most: number): Item[] {
    const taken: Item[] = [];
    if (!this.isDue(now)) return taken;
    for (let at = Math.min(most, this.#items.length) - 1; at >= 0; at -= 1) {
      if ((this.#at[at] ?? 0) <= now) this.#looked += this.#items[at]?.pacer.dueAt ?? 0;
    }
    while (taken.length < most) {
      const item = this.take(now);
      if (item === undefined) break;
      taken.push(item);
    }
    return taken;
  }

  /** One that was taken is due again when its pacer says so. */
  putBack(item: Item): void {
    // One that was deleted meanwhile has no place any more.
    if (item.pacer.onPace !== undefined) this.#push(item);
  }

  /** Whether any is due. */
  isDue(now: number): boolean {
    for (let first = this.#items[0]; first !== undefined; first = this.#items[0]) {
      const at = this.#at[0] ?? 0;
      if (at > now) return false;
      if (at === first.pacer.dueAt) return true;
      this.#pop();
    }
    return false;
  }

  #push(item: Item): void {
    const items = this.#items;
    if (items.length === this.#at.length) this.#grow();
    const times = this.#at;
    const due = item.pacer.dueAt;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = times[parent] ?? 0;
      if (above <= due) break;
      times[at] = above;
      items[at] = items[parent] as Item;
      at = parent;
    }
    times[at] = due;
    items[at] = item;
  }

  #pop(): void {
    const times = this.#at;
    const items = this.#items;
    const last = items.pop();
    const length = items.length;
    if (last === undefined || length === 0) return;
    const due = times[length] ?? 0;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && (times[child + 1] ?? 0) < (times[child] ?? 0)) child += 1;
      const below = times[child] ?? 0;
      if (below >= due) break;
      times[at] = below;
      items[at] = items[child] as Item;
      at = child;
    }
    times[at] = due;
    items[at] = last;
  }

  #grow(): void {
    const times = this.#at;
    this.#at = new Float64Array(2 * times.length);
    this.#at.set(times);
  }
}
