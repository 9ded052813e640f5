/** Places of an empty queue, a power of two; it doubles when all are taken. */
const FIRST_PLACES = 64;

/** Items with the same timeout, in the order in which they were added. */
interface Queue<Item> {
  /** By the low bits of their number; undefined for one that was taken out. */
  items: (Item | undefined)[];
  at: Float64Array;
  /** Numbers of the first item and of the next to come. */
  head: number;
  tail: number;
}

/**
 * Deadlines without a timer each. Probes with the same timeout expire in the order they were sent, so one first-in
 * first-out queue a timeout value is enough: adding and expiring cost a few nanoseconds. What has ended meanwhile is taken out, so
 * that it need not be looked at once more when its time has come.
 *
 *     head          tail
 *      │             │
 *   [e][e][ ][e][e][e]      e.at rises from head to tail
 */
export class Deadlines<Item> {
  readonly #queues: Map<number, Queue<Item>> = new Map();

  /**
   * Registers an item that expires `timeoutMs` after `now`; `now` must not go back between calls.
   * @returns its number, for {@link cancel}
   */
  add(item: Item, now: number, timeoutMs: number): number {
    let queue = this.#queues.get(timeoutMs);
    if (queue === undefined) {
      queue = { ...roomFor(FIRST_PLACES), head: 0, tail: 0 };
      this.#queues.set(timeoutMs, queue);
    }
    if (queue.tail - queue.head === queue.at.length) grow(queue);
    const number = queue.tail;
    const place = number & (queue.at.length - 1);
    queue.items[place] = item;
    queue.at[place] = now + timeoutMs;
    queue.tail = number + 1;
    return number;
  }

  /** Takes an item out; one that has expired is no error. */
  cancel(item: Item, number: number, timeoutMs: number): void {
    const queue = this.#queues.get(timeoutMs);
    if (queue === undefined) return;
    const place = number & (queue.at.length - 1);
    if (queue.items[place] === item) queue.items[place] = undefined;
  }

  /** Hands out every item whose deadline is at or before `until`, in the order of sending within one timeout. */
  expire(until: number, each: (item: Item, deadline: number) => void): void {
    for (const queue of this.#queues.values()) {
      while (queue.head < queue.tail) {
        const place = queue.head & (queue.at.length - 1);
        const at = queue.at[place] ?? 0;
        if (at > until) break;
        const item = queue.items[place];
        queue.items[place] = undefined;
        queue.head += 1;
        if (item !== undefined) each(item, at);
      }
    }
  }
}

function roomFor<Item>(places: number): Pick<Queue<Item>, "items" | "at"> {
  return { items: new Array(places).fill(undefined), at: new Float64Array(places) };
}

function grow<Item>(queue: Queue<Item>): void {
  const { items, at, head, tail } = queue;
  const before = at.length - 1;
  const after = 2 * at.length - 1;
  const wider = roomFor<Item>(2 * at.length);
  for (let number = head; number < tail; number += 1) {
    wider.items[number & after] = items[number & before];
    wider.at[number & after] = at[number & before] ?? 0;
  }
  queue.items = wider.items;
  queue.at = wider.at;
}
