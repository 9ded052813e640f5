import type { Emit, Exemplar } from "./family.ts";
import { bucketBound } from "./sample-text.ts";

/**
 * Upper bounds in seconds: 100 µs (a rack) to 5 s (a queue that deserves the name), about 2.5 times apart, which puts
 * a quantile within a third of the truth.
 */
export const RTT_BOUNDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

/** Series of one histogram: a bucket a bound, `+Inf`, sum and count. */
export const RTT_SERIES: number = RTT_BOUNDS.length + 3;

/** Numbers of an exemplar: source port, bucket, value, time. A bucket without one has a time of 0. */
const EXEMPLAR = 4;
/** Numbers of a bucket: count, exemplar, sum. */
const NUMBERS: number = 1 + EXEMPLAR + 1;
const SUM: number = 1 + EXEMPLAR;

/** A histogram of round-trip times with the last observation of every bucket as its exemplar. */
export class RttHistogram {
  /** By bucket its count, its exemplar, its sum. In one piece: every answered probe is one, and an object for each would be thrown away with the next. */
  readonly #buckets: Float64Array = new Float64Array((RTT_BOUNDS.length + 1) * NUMBERS);
  #last = 0;

  /**
   * Adds one answered probe.
   * @param seconds its round-trip time
   * @param at seconds since the Unix epoch
   */
  observe(seconds: number, sourcePort: number, flowBucket: number, at: number): void {
    let index = 0;
    while (index < RTT_BOUNDS.length && seconds > (RTT_BOUNDS[index] ?? 0)) index += 1;
    const bucket = index * NUMBERS;
    this.#last = bucket;
    this.#buckets[bucket + SUM] = (this.#buckets[bucket + SUM] ?? 0) + seconds;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#buckets[bucket + 1] = sourcePort;
    this.#buckets[bucket + 2] = flowBucket;
    this.#buckets[bucket + 3] = seconds;
    this.#buckets[bucket + 4] = at;
  }

  /** Reads what the next probe will write, most likely. @returns a number without a meaning */
  glance(): number {
    return this.#buckets[this.#last] ?? 0;
  }

  /** Emits the cumulative buckets, the sum and the count. @param labels rendered, without `le` */
  emit(emit: Emit, labels: string): void {
    let [total, sum] = [0, 0];
    for (let index = 0; index <= RTT_BOUNDS.length; index += 1) {
      total += this.#buckets[index * NUMBERS] ?? 0;
      sum += this.#buckets[index * NUMBERS + SUM] ?? 0;
      const bound = bucketBound(RTT_BOUNDS[index] ?? Number.POSITIVE_INFINITY);
      emit(`${labels},le="${bound}"`, total, "_bucket", this.#exemplar(index));
    }
    emit(labels, sum, "_sum");
    emit(labels, total, "_count");
  }

  #exemplar(index: number): Exemplar | undefined {
    const at = index * NUMBERS + 1;
    const [port, bucket, value = 0, timestamp = 0] = this.#buckets.subarray(at, at + EXEMPLAR);
    if (timestamp === 0) return undefined;
    return { labels: `source_port="${port}",flow_bucket="${bucket}"`, value, timestamp };
  }
}
