/** So many at most: with more of them what a target needs would be fetched hardly less often. */
const MOST = 64;
/** Numbers of an answer: the round-trip time, and when it was taken. */
const NUMBERS = 2;

/** Answers to a target's probes that nobody has been told of yet, in the order in which they came. */
export class Answers<Flow extends object> {
  /** Whether they are kept here: else each is told at once. */
  areKept = false;
  #count = 0;
  readonly #flows: (Flow | undefined)[] = [];
  #numbers: Float64Array | undefined;

  /** Keeps one more. */
  add(flow: Flow, rttMs: number, at: number): void {
    this.#numbers ??= new Float64Array(NUMBERS * MOST);
    const place = this.#count;
    this.#flows[place] = flow;
    this.#numbers[NUMBERS * place] = rttMs;
    this.#numbers[NUMBERS * place + 1] = at;
    this.#count = place + 1;
  }

  /** Whether there is room for no more. */
  get areFull(): boolean {
    return this.#count >= MOST;
  }

  /** Whether there is none. */
  get areNone(): boolean {
    return this.#count === 0;
  }

  /** The flows that they are of; a flow may be among them twice. */
  flows(): Flow[] {
    const flows: Flow[] = [];
    for (let place = 0; place < this.#count; place += 1) {
      const flow = this.#flows[place];
      if (flow !== undefined) flows.push(flow);
    }
    return flows;
  }

  /** Hands all of them out, and keeps none. @param each is told when one came, milliseconds, monotonic */
  take(each: (flow: Flow, rttMs: number, at: number) => void): void {
    const count = this.#count;
    // Whoever takes one may ask for those that are left: by then there are none.
    this.#count = 0;
    for (let place = 0; place < count; place += 1) {
      const flow = this.#flows[place];
      this.#flows[place] = undefined;
      if (flow === undefined) continue;
      const rttMs = this.#numbers?.[NUMBERS * place] ?? 0;
      each(flow, rttMs, this.#numbers?.[NUMBERS * place + 1] ?? 0);
    }
  }

  /** Reads what keeping the next will need. @returns a number without a meaning */
  glance(): number {
    const place = this.#count;
    return (this.#numbers?.[NUMBERS * place] ?? 0) + (this.#flows[place] === undefined ? 0 : 1);
  }
}
