import type { PortRange } from "./target.ts";
import type { PortHasher } from "./toeplitz.ts";

/** Spreads neighbouring values over the 32-bit space (the finaliser of MurmurHash3, public domain). */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The numbers that order ports hold the port in their lowest 16 bits and its place in the 24 above. */
const PORTS = 2 ** 16;

/**
 * The source ports of a target, sorted into one ring a bucket. A ring's order depends on the flow's addresses and
 * ports alone: it is the same after a restart, and neighbours in it are not neighbours as numbers, so that weak
 * router hashes (XOR of ports) still spread them.
 *
 * No ring is kept: of a thousand targets they would take more memory than their packets, and time to sort when all of them
 * are begun. The ports that come next on all rings are found in one pass over the range, some nanoseconds a port.
 */
export class PortRings {
  readonly #hasher: PortHasher;
  readonly #range: PortRange;
  readonly #buckets: number;

  /** @param buckets at least 1 */
  constructor(hasher: PortHasher, range: PortRange, buckets: number) {
    this.#hasher = hasher;
    this.#range = range;
    this.#buckets = buckets;
  }

  /**
   * The port after the current one on each bucket's ring, passing over those that `avoid` holds.
   * @param current by bucket; 0 (or nothing) for the first port of the ring
   * @returns by bucket; `current` again where the ring has no other, 0 where it is empty
   */
  next(current: ArrayLike<number>, avoid: ReadonlySet<number> = NONE): Uint16Array {
    const buckets = this.#buckets;
    const after = Float64Array.from({ length: buckets }, (_, bucket) => {
      const port = current[bucket] ?? 0;
      const isOn = port !== 0 && this.#isOn(bucket, port);
      return isOn ? orderOf(this.#hasher.hash(port), port) : -1;
    });
    const following = new Float64Array(buckets).fill(Number.POSITIVE_INFINITY);
    const first = new Float64Array(buckets).fill(Number.POSITIVE_INFINITY);
    const avoided = new Float64Array(buckets).fill(Number.POSITIVE_INFINITY);
    for (let port = this.#range.first; port <= this.#range.last; port += 1) {
      const hash = this.#hasher.hash(port);
      const bucket = hash % buckets;
      if (port === current[bucket]) continue;
      const order = orderOf(hash, port);
      const lowest = avoid.has(port) ? avoided : first;
      if (order < (lowest[bucket] ?? 0)) lowest[bucket] = order;
      if (lowest === avoided || order <= (after[bucket] ?? 0)) continue;
      if (order < (following[bucket] ?? 0)) following[bucket] = order;
    }
    return Uint16Array.from(following, (found, bucket) => {
      if (found !== Number.POSITIVE_INFINITY) return found % PORTS;
      const lowest = first[bucket] ?? 0;
      if (lowest !== Number.POSITIVE_INFINITY) return lowest % PORTS;
      // A bucket without a flow would be blind, so that it takes a port to be avoided rather than none.
      const port = current[bucket] ?? 0;
      const last = avoided[bucket] ?? 0;
      return port !== 0 || last === Number.POSITIVE_INFINITY ? port : last % PORTS;
    });
  }

  #isOn(bucket: number, port: number): boolean {
    const { first, last } = this.#range;
    return port >= first && port <= last && this.#hasher.hash(port) % this.#buckets === bucket;
  }
}

const NONE: ReadonlySet<number> = new Set();

/** Ports of one bucket follow one another by this number. */
function orderOf(hash: number, port: number): number {
  return (mix(hash) >>> 8) * PORTS + port;
}
