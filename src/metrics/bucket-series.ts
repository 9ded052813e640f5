import { renderLabels } from "./family.ts";

/** The value of a label whose true value is not shown: the limit on series leaves no room, or the target has fewer series. */
export const OTHER = "other";

/** How long a series that appears later than its target is shown at 0, from the first reading on, milliseconds. */
const BIRTH_MS = 15_000;

/** Probes and failures of one label set. */
export interface Pair {
  /** Rendered label pairs. */
  readonly labels: string;
  probes: number;
  failures: number;
}

/** Probes and failures of a bucket whose last hop was this one. */
export interface LastHopPair extends Pair {
  readonly hop: string;
}

const NONE: readonly LastHopPair[] = [];

/** The counters of one bucket, or of all that have none of their own. */
export class BucketSeries implements Pair {
  /** False for the bucket `other`, which has no current flow. */
  readonly own: boolean;
  /** The value of `flow_bucket`. */
  readonly name: string;
  probes = 0;
  failures = 0;
  /** The first last hop, and its probes that are not counted on it yet: every answered probe is one, and this need not be fetched for it. */
  #hop: string | undefined;
  #owed = 0;
  /** By last hop. Nearly every bucket has one: tens of thousands of lists or maps would take more memory than what is in them. */
  #lastHop: LastHopPair | undefined;
  #otherHops: readonly LastHopPair[] = NONE;
  /** Until when it is shown at 0, milliseconds, monotonic; undefined while it has not been read. */
  #zeroUntil: number | undefined;
  #young: boolean;
  readonly #labelled: (extra: string) => string;
  #labels: string | undefined;

  /**
   * @param labelled adds the target's own and the user's labels
   * @param late it appears later than its target
   */
  constructor(name: string, labelled: (extra: string) => string, late: boolean) {
    this.name = name;
    this.own = name !== OTHER;
    this.#labelled = labelled;
    this.#young = late;
  }

  /** Rendered when first read: those of all targets at once would hold the loop. */
  get labels(): string {
    this.#labels ??= this.#labelled(renderLabels({ flow_bucket: this.name }));
    return this.#labels;
  }

  /** The counters by last hop, in the order in which they came. */
  get lastHops(): readonly LastHopPair[] {
    const first = this.#first();
    return first === undefined ? NONE : [first, ...this.#otherHops];
  }

  /** One of them, from 0 on: a list for each bucket would be thrown away with each reading. */
  lastHopAt(place: number): LastHopPair | undefined {
    return place === 0 ? this.#first() : this.#otherHops[place - 1];
  }

  /** Probes are counted by one last hop more. */
  add(pair: LastHopPair): void {
    if (this.#lastHop === undefined) {
      this.#lastHop = pair;
      this.#hop = pair.hop;
    } else this.#otherHops = [...this.#otherHops, pair];
  }

  /** A last hop is gone, and its counters with it. @returns whether there were any */
  drop(hop: string): boolean {
    const all = this.lastHops;
    const [first, ...others] = all.filter((pair) => pair.hop !== hop);
    this.#lastHop = first;
    this.#otherHops = others;
    return all.length > others.length + (first === undefined ? 0 : 1);
  }

  /** The counters for a last hop; undefined where there are none. */
  lastHop(hop: string): LastHopPair | undefined {
    if (this.#hop === hop) return this.#first();
    for (const pair of this.#otherHops) if (pair.hop === hop) return pair;
    return undefined;
  }

  /** Counts probes whose last hop was this. @returns false, and counts nothing, unless it is the first that there was */
  ended(hop: string, probes: number): boolean {
    if (this.#hop !== hop) return false;
    this.#owed += probes;
    return true;
  }

  #first(): LastHopPair | undefined {
    if (this.#lastHop !== undefined) this.#lastHop.probes += this.#owed;
    this.#owed = 0;
    return this.#lastHop;
  }

  /** Reads what the next probe will write. @returns a number without a meaning */
  glance(): number {
    return this.probes + this.#owed;
  }

  /** What of a count is shown: nothing for the first seconds, so that scrapers see the series begin at 0. */
  shown(count: number): number {
    return this.#young ? 0 : count;
  }

  /** A reading begins. @param now milliseconds, monotonic */
  read(now: number): void {
    if (!this.#young) return;
    this.#zeroUntil ??= now + BIRTH_MS;
    this.#young = now < this.#zeroUntil;
  }
}
