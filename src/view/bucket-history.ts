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
 * The last hour of one target's buckets: 4 bytes a bucket and slot, so 31 kB for 64 buckets. Slots are numbered by time;
 * the ring forgets the oldest.
 */
export class BucketHistory {
  readonly #buckets: number;
  /** One more than the ninths; 0 for nothing. */
  readonly #ninths: Uint8Array;
  readonly #ways: Uint8Array;
  readonly #rtts: Uint16Array;
  #newest: number;

  /** @param slot the number of the first slot */
  constructor(buckets: number, slot: number) {
    this.#buckets = buckets;
    this.#ninths = new Uint8Array(buckets * SLOTS);
    this.#ways = new Uint8Array(buckets * SLOTS).fill(NO_WAY);
    this.#rtts = new Uint16Array(buckets * SLOTS);
    this.#newest = slot;
  }

  /** The slot that was begun last. */
  get newest(): number {
    return this.#newest;
  }

  /** Begins a slot, and empties those that have passed meanwhile. */
  begin(slot: number): void {
    const first = Math.max(this.#newest + 1, slot - SLOTS + 1);
    for (let passed = first; passed <= slot; passed += 1) {
      const at = this.#at(passed, 0);
      this.#ninths.fill(0, at, at + this.#buckets);
      this.#ways.fill(NO_WAY, at, at + this.#buckets);
      this.#rtts.fill(0, at, at + this.#buckets);
    }
    this.#newest = Math.max(this.#newest, slot);
  }

  /** Writes what a bucket did in a slot; one that is too old is forgotten. */
  write(slot: number, bucket: number, { ninths, way, rttMs }: BucketSlot): void {
    if (!this.#kept(slot) || bucket >= this.#buckets) return;
    const at = this.#at(slot, bucket);
    this.#ninths[at] = ninths === undefined ? 0 : ninths + 1;
    this.#ways[at] = way;
    this.#rtts[at] =
      rttMs === undefined ? 0 : Math.min(0xffff, Math.max(1, Math.round(rttMs / RTT_STEP_MS)));
  }

  /** What a bucket did in a slot. */
  read(slot: number, bucket: number): BucketSlot {
    if (!this.#kept(slot)) return { ninths: undefined, way: NO_WAY, rttMs: undefined };
    const at = this.#at(slot, bucket);
    const ninths = this.#ninths[at] ?? 0;
    const rtt = this.#rtts[at] ?? 0;
    return {
      ninths: ninths === 0 ? undefined : ninths - 1,
      way: this.#ways[at] ?? NO_WAY,
      rttMs: rtt === 0 ? undefined : rtt * RTT_STEP_MS,
    };
  }

  /** The ways that some slot still speaks of. */
  waysInUse(): Set<number> {
    return new Set(this.#ways);
  }

  #kept(slot: number): boolean {
    return slot <= this.#newest && slot > this.#newest - SLOTS;
  }

  #at(slot: number, bucket: number): number {
    return (((slot % SLOTS) + SLOTS) % SLOTS) * this.#buckets + bucket;
  }
}
