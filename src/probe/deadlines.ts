/**
 * Deadlines without a timer each. Probes with the same timeout expire in the order they were sent, so one first-in
 * first-out queue a timeout value is enough: adding and expiring cost a few nanoseconds.
 *
 *     head          tail
 *      │             │
 *   [e][e][e][e][e][e]      e.at rises from head to tail
 */
export class Deadlines<Item> {
  readonly #queues: Map<number, { items: Item[]; at: number[]; head: number }> = new Map();

  /** Registers an item that expires `timeoutMs` after `now`; `now` must not go back between calls. */
  add(item: Item, now: number, timeoutMs: number): void {
    let queue = this.#queues.get(timeoutMs);
    if (queue === undefined) {
      queue = { items: [], at: [], head: 0 };
      this.#queues.set(timeoutMs, queue);
    }
    queue.items.push(item);
    queue.at.push(now + timeoutMs);
  }

  /** Hands out every item whose deadline is at or before `until`, in the order of sending within one timeout. */
  expire(until: number, each: (item: Item, deadline: number) => void): void {
    for (const queue of this.#queues.values()) {
      while (queue.head < queue.items.length) {
        const at = queue.at[queue.head] ?? 0;
        if (at > until) break;
        const item = queue.items[queue.head] as Item;
        queue.head += 1;
        each(item, at);
      }
      // Dropping the used head only when it is half of the array keeps the cost of a shift amortised.
      if (queue.head > 64 && queue.head * 2 > queue.items.length) {
        queue.items = queue.items.slice(queue.head);
        queue.at = queue.at.slice(queue.head);
        queue.head = 0;
      }
    }
  }
}
