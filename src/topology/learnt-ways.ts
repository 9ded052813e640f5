import type { Way } from "./known-paths.ts";

/** What was learnt counts for this long. */
const REMEMBERED_MS = 3_600_000;
/** Ways remembered of one target: an hour of 64 flows that rotate every minute. Beyond, the oldest make room. */
const MAX_WAYS = 4096;

/**
 * The ways of all source ports that were swept in the last hour, whether or not they are probed now: a rotation takes
 * nothing away of what is known.
 */
export class LearntWays {
  /** By source port, the one learnt last at the end. */
  readonly #ways: Map<number, { readonly way: Way; readonly at: number }> = new Map();

  /** A flow was seen to take a way. */
  add(sourcePort: number, way: Way, at: number): void {
    this.#ways.delete(sourcePort);
    this.#ways.set(sourcePort, { way, at });
    const [oldest] = this.#ways.keys();
    if (this.#ways.size > MAX_WAYS && oldest !== undefined) this.#ways.delete(oldest);
  }

  /** What was learnt of a source port was no way. */
  delete(sourcePort: number): void {
    this.#ways.delete(sourcePort);
  }

  /** The way that a source port was last seen to take. */
  of(sourcePort: number): Way | undefined {
    return this.#ways.get(sourcePort)?.way;
  }

  /** Ways that were learnt at this time or since, by source port. */
  *since(time: number): Generator<readonly [sourcePort: number, way: Way, at: number]> {
    for (const [sourcePort, { way, at }] of this.#ways) {
      if (at >= time) yield [sourcePort, way, at];
    }
  }

  /** Forgets what has grown old. @returns whether there was any */
  prune(now: number): boolean {
    const before = this.#ways.size;
    for (const [sourcePort, { at }] of this.#ways) {
      if (now - at <= REMEMBERED_MS) break;
      this.#ways.delete(sourcePort);
    }
    return this.#ways.size < before;
  }
}
