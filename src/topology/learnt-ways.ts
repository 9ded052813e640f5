import type { Way } from "./known-paths.ts";

/** What was learnt counts for this long. */
const REMEMBERED_MS = 3_600_000;
/** Ways remembered of one target: an hour of 64 flows that rotate every minute. Beyond, the oldest make room. */
const MAX_WAYS = 4096;
/** Room of an empty list; it doubles when it is full. */
const FIRST_ROOM = 16;

/**
 * The ways of all source ports that were swept in the last hour, whether or not they are probed now: a rotation takes
 * nothing away of what is known. Ports, times and ways side by side, the one learnt last at the end: of a thousand targets there are
 * hundreds of thousands, so that an object for each would weigh more than all that is known of the flows.
 */
export class LearntWays {
  #ports: Uint16Array = new Uint16Array(FIRST_ROOM);
  #at: Float64Array = new Float64Array(FIRST_ROOM);
  readonly #ways: Way[] = [];

  /** A flow was seen to take a way. */
  add(sourcePort: number, way: Way, at: number): void {
    this.delete(sourcePort);
    if (this.#ways.length === MAX_WAYS) this.#remove(0, 1);
    if (this.#ways.length === this.#ports.length) this.#grow();
    this.#ports[this.#ways.length] = sourcePort;
    this.#at[this.#ways.length] = at;
    this.#ways.push(way);
  }

  /** What was learnt of a source port was no way. */
  delete(sourcePort: number): void {
    const place = this.#placeOf(sourcePort);
    if (place >= 0) this.#remove(place, 1);
  }

  /** The way that a source port was last seen to take. */
  of(sourcePort: number): Way | undefined {
    return this.#ways[this.#placeOf(sourcePort)];
  }

  /** Ways that were learnt at this time or since, by source port. */
  *since(time: number): Generator<readonly [sourcePort: number, way: Way, at: number]> {
    for (const [place, way] of this.#ways.entries()) {
      const at = this.#at[place] ?? 0;
      if (at >= time) yield [this.#ports[place] ?? 0, way, at];
    }
  }

  /** Ways that were learnt at this time or since. */
  *lately(time: number): Generator<Way> {
    for (const [, way] of this.since(time)) yield way;
  }

  /** Forgets what has grown old. @returns whether there was any */
  prune(now: number): boolean {
    let old = 0;
    while (old < this.#ways.length && now - (this.#at[old] ?? 0) > REMEMBERED_MS) old += 1;
    if (old > 0) this.#remove(0, old);
    return old > 0;
  }

  /** Where a source port stands; negative for nowhere. Few ways are learnt in a second, so that a look through all of them does. */
  #placeOf(sourcePort: number): number {
    const { length } = this.#ways;
    return length === 0 ? -1 : this.#ports.lastIndexOf(sourcePort, length - 1);
  }

  #remove(place: number, count: number): void {
    this.#ports.copyWithin(place, place + count, this.#ways.length);
    this.#at.copyWithin(place, place + count, this.#ways.length);
    this.#ways.splice(place, count);
  }

  #grow(): void {
    const [ports, at] = [this.#ports, this.#at];
    this.#ports = new Uint16Array(2 * ports.length);
    this.#ports.set(ports);
    this.#at = new Float64Array(2 * at.length);
    this.#at.set(at);
  }
}
