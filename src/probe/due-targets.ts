import type { Pacer } from "./pacer.ts";

/** Something that is due at the times of its pacer. */
interface Paced {
  readonly pacer: Pacer;
}

/** When one of them is due; of no more meaning once its pacer says another time, or it is gone. */
interface Entry<Item> {
  readonly item: Item;
  readonly at: number;
}

/**
 * Targets in the order in which they are due, so that a turn looks at those alone of which something is to be sent: a
 * binary heap, the earliest on top. A target whose pace changes gets another entry; the one before is passed over.
 *
 *              0            parent of n: (n - 1) / 2
 *           1     2
 *          3 4   5 6
 */
export class DueTargets<Item extends Paced> {
  readonly #heap: Entry<Item>[] = [];
  readonly #items: Set<Item> = new Set();

  /** From now on the target is due when its pacer says so. */
  add(item: Item): void {
    this.#items.add(item);
    item.pacer.onPace = () => this.#push(item);
    this.#push(item);
  }

  /** The target is due no more. */
  delete(item: Item): void {
    this.#items.delete(item);
    item.pacer.onPace = undefined;
  }

  /** Takes the one that has been due for longest; undefined where none is due. It must be {@link putBack} when served. */
  take(now: number): Item | undefined {
    this.#passOver();
    const [first] = this.#heap;
    if (first === undefined || first.at > now) return undefined;
    this.#pop();
    return first.item;
  }

  /** One that was taken is due again when its pacer says so. */
  putBack(item: Item): void {
    if (this.#items.has(item)) this.#push(item);
  }

  /** Whether any is due. */
  isDue(now: number): boolean {
    this.#passOver();
    const [first] = this.#heap;
    return first !== undefined && first.at <= now;
  }

  /** Drops entries from the top that are of no more meaning. */
  #passOver(): void {
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined) return;
      if (first.at === first.item.pacer.dueAt && this.#items.has(first.item)) return;
      this.#pop();
    }
  }

  #push(item: Item): void {
    const heap = this.#heap;
    const entry = { item, at: item.pacer.dueAt };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Entry<Item>;
      if (above.at <= entry.at) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && right.at < (heap[child] as Entry<Item>).at) child += 1;
      const below = heap[child] as Entry<Item>;
      if (below.at >= last.at) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}
