/** Numbers of a handshake: see {@link Handshakes}. */
const NUMBERS = 7;
const [SEQUENCE, ECHO, FIRST_AT, LAST_AT, REPEATS, REPEATED_AT, REPEATED_BEFORE] = [
  0, 1, 2, 3, 4, 5, 6,
] as const;

/**
 * The connections that a server began last, one for each bucket of a target: side by side, since an object with seven numbers for each of tens of
 * thousands of flows would weigh nearly three times as much, and every answer looks at one. Times are milliseconds, monotonic.
 */
export class Handshakes {
  readonly #numbers: Float64Array;

  constructor(buckets: number) {
    this.#numbers = new Float64Array(NUMBERS * buckets);
    for (let bucket = 0; bucket < buckets; bucket += 1) this.forget(bucket);
  }

  /** The bucket has another flow: nothing is known of it. */
  forget(bucket: number): void {
    this.begin(bucket, Number.NaN, Number.NaN, Number.NaN);
    this.#numbers[NUMBERS * bucket + REPEATED_BEFORE] = 0;
  }

  /** A SYN-ACK came that is none of before. @param sequence the server's initial sequence number @param echo the timestamp that it echoed; 0 for none */
  begin(bucket: number, sequence: number, echo: number, at: number): void {
    const from = NUMBERS * bucket;
    this.#numbers[from + REPEATED_BEFORE] = this.repeats(bucket);
    this.#numbers[from + SEQUENCE] = sequence;
    this.#numbers[from + ECHO] = echo;
    this.#numbers[from + FIRST_AT] = at;
    this.#numbers[from + LAST_AT] = at;
    this.#numbers[from + REPEATS] = 0;
    this.#numbers[from + REPEATED_AT] = Number.NEGATIVE_INFINITY;
  }

  /** Whether the last one was this. */
  is(bucket: number, sequence: number, echo: number): boolean {
    const from = NUMBERS * bucket;
    return this.#numbers[from + SEQUENCE] === sequence && this.#numbers[from + ECHO] === echo;
  }

  /** It came once more, as a repeat or not. @returns when it had come last */
  again(bucket: number, at: number): number {
    const place = NUMBERS * bucket + LAST_AT;
    const before = this.#numbers[place] ?? at;
    this.#numbers[place] = at;
    return before;
  }

  /** The server has repeated it. */
  repeated(bucket: number, at: number): void {
    const from = NUMBERS * bucket;
    this.#numbers[from + REPEATS] = this.repeats(bucket) + 1;
    this.#numbers[from + REPEATED_AT] = at;
  }

  /** When its SYN-ACK came first. */
  firstAt(bucket: number): number {
    return this.#numbers[NUMBERS * bucket + FIRST_AT] ?? Number.NaN;
  }

  /** How often it was repeated. */
  repeats(bucket: number): number {
    return this.#numbers[NUMBERS * bucket + REPEATS] ?? 0;
  }

  /** Whether the one before it was repeated. */
  wasRepeatedBefore(bucket: number): boolean {
    return (this.#numbers[NUMBERS * bucket + REPEATED_BEFORE] ?? 0) > 0;
  }

  /** When it was repeated last; minus infinity for never. */
  repeatedAt(bucket: number): number {
    return this.#numbers[NUMBERS * bucket + REPEATED_AT] ?? Number.NEGATIVE_INFINITY;
  }
}
