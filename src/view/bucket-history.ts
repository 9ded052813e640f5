/** Length of a slot, milliseconds. */
export const SLOT_MS = 30_000;
/** Slots that are kept: an hour. */
export const SLOTS = 120;
/** Round-trip times are kept in steps of this, milliseconds, up to 1.3 s. */
const RTT_STEP_MS = 0.02;
/** In the place of a way that is not known, or that there was no room for. */
export const NO_WAY = 255;

/** One finished slot of one bucket. */
export interface BucketSlot {
  /** Undefined where nothing was probed, else the share of probes that failed in ninths: 0 for none, at least 1 for any. */
  readonly ninths: number | undefined;
  /** Index of the way that its flow took. */
  readonly way: number;
  /** Mean round-trip time of what was answered, milliseconds; undefined for none. */
  readonly rttMs: number | undefined;
}

/**
 * The last hour of one target's buckets. Slots are numbered by time; the ring forgets the oldest. While all is well a slot is like the one
 * before but for the round-trip times: slots in a row that are alike share one piece of memory, so that an hour of 64 buckets takes 15 kB
 * of round-trip times and little else.
 *
 *     slots    4   5   6   7   8
 *     states  [a] [a] [a] [b] [b]      by bucket what failed, then by bucket the ways
 */
export class BucketHistory {
  readonly #buckets: number;
  /** By slot, of every bucket one more than the ninths, 0 for nothing, then of every bucket the way. */
  readonly #states: Uint8Array[];
  /** Of a slot without probes. */
  readonly #nothing: Uint8Array;
  readonly #rtts: Uint16Array;
  #newest: number;

  /** @param slot the number of the first slot */
  constructor(buckets: number, slot: number) {
    this.#buckets = buckets;
    this.#nothing = new Uint8Array(2 * buckets).fill(NO_WAY, buckets);
    this.#states = new Array(SLOTS).fill(this.#nothing);
    this.#rtts = new Uint16Array(buckets * SLOTS);
    this.#newest = slot;
  }

  /** The slot that was begun last. */
  get newest(): number {
    return this.#newest;
  }

  /** Begins a slot, and empties those that have passed meanwhile. */
  begin(slot: number): void {
    if (slot > this.#newest) this.#share();
    const first = Math.max(this.#newest + 1, slot - SLOTS + 1);
    for (let passed = first; passed <= slot; passed += 1) {
      const place = placeOf(passed);
      this.#states[place] = this.#nothing;
      this.#rtts.fill(0, place * this.#buckets, (place + 1) * this.#buckets);
    }
    this.#newest = Math.max(this.#newest, slot);
  }

  /** Writes what a bucket did in the newest slot; what it did in one before is settled. */
  write(slot: number, bucket: number, { ninths, way, rttMs }: BucketSlot): void {
    if (slot !== this.#newest || bucket >= this.#buckets) return;
    const place = placeOf(slot);
    if (this.#states[place] === this.#nothing) this.#states[place] = this.#nothing.slice();
    const states = this.#statesOf(slot);
    states[bucket] = ninths === undefined ? 0 : ninths + 1;
    states[this.#buckets + bucket] = way;
    this.#rtts[place * this.#buckets + bucket] =
      rttMs === undefined ? 0 : Math.min(0xffff, Math.max(1, Math.round(rttMs / RTT_STEP_MS)));
  }

  /** What a bucket did in a slot. */
  read(slot: number, bucket: number): BucketSlot {
    if (!this.#kept(slot)) return { ninths: undefined, way: NO_WAY, rttMs: undefined };
    const states = this.#statesOf(slot);
    const ninths = states[bucket] ?? 0;
    const rtt = this.#rtts[placeOf(slot) * this.#buckets + bucket] ?? 0;
    return {
      ninths: ninths === 0 ? undefined : ninths - 1,
      way: states[this.#buckets + bucket] ?? NO_WAY,
      rttMs: rtt === 0 ? undefined : rtt * RTT_STEP_MS,
    };
  }

  /** The ways that some slot still speaks of. */
  waysInUse(): Set<number> {
    const ways = new Set<number>();
    for (const states of new Set(this.#states)) {
      for (const way of states.subarray(this.#buckets)) ways.add(way);
    }
    return ways;
  }

  /** The newest slot has ended: where it is like the one before it shares that one's memory. */
  #share(): void {
    const before = this.#statesOf(this.#newest - 1);
    if (Buffer.compare(before, this.#statesOf(this.#newest)) === 0) {
      this.#states[placeOf(this.#newest)] = before;
    }
  }

  #statesOf(slot: number): Uint8Array {
    return this.#states[placeOf(slot)] ?? this.#nothing;
  }

  #kept(slot: number): boolean {
    return slot <= this.#newest && slot > this.#newest - SLOTS;
  }
}

/** Where a slot stands in the ring. */
function placeOf(slot: number): number {
  return ((slot % SLOTS) + SLOTS) % SLOTS;
}
