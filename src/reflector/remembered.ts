/** Values by key, of which the least recently used go when there are more than fit. */
export class Remembered<Value> {
  readonly #limit: number;
  readonly #make: () => Value;
  readonly #values: Map<string, Value> = new Map();

  /** @param limit most values kept, 1 or more */
  constructor(limit: number, make: () => Value) {
    this.#limit = limit;
    this.#make = make;
  }

  /** Values kept now. */
  get size(): number {
    return this.#values.size;
  }

  /** The value of a key, new where it is not known (any more). */
  get(key: string): Value {
    const value = this.#values.get(key) ?? this.#make();
    // A map keeps the order of insertion: what was just used goes to its end.
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#limit) {
      const [oldest] = this.#values.keys();
      if (oldest !== undefined) this.#values.delete(oldest);
    }
    return value;
  }
}
