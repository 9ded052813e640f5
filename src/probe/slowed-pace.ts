/** How long a slow pace stands at first, and at most; it may have been one burst of somebody else's. */
const SLOW_FOR_MS = 300_000;
const SLOWEST_FOR_MS = 1_800_000;
/** What has been fine at its own pace for so long begins anew. */
const FORGET_MS = 3_600_000;
const LOOK_EVERY_MS = 1000;

/** Slow or, for the time being, at its own pace again; since when, and for how long it is slow. */
interface Slowed {
  standing: boolean;
  at: number;
  readonly forMs: number;
}

/** Who is probed at a slow pace and for how long: five minutes, then longer each time that its own pace proves too fast. */
export class SlowedPace<K> {
  readonly #slowed: Map<K, Slowed> = new Map();
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** The own pace is too fast. While it is slow already nothing changes. */
  slow(key: K, now: number): void {
    const before = this.#slowed.get(key);
    if (before?.standing) return;
    const forMs = before === undefined ? SLOW_FOR_MS : Math.min(2 * before.forMs, SLOWEST_FOR_MS);
    this.#slowed.set(key, { standing: true, at: now, forMs });
  }

  /** Nothing of it is remembered any more. */
  forget(key: K): void {
    this.#slowed.delete(key);
  }

  /** Those that are to try their own pace again from now on; looks once a second. */
  takeDue(now: number): Set<K> {
    const due = new Set<K>();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return due;
    this.#lookedAt = now;
    for (const [key, slow] of this.#slowed) {
      if (!slow.standing && now - slow.at > FORGET_MS) this.#slowed.delete(key);
      if (!slow.standing || now - slow.at < slow.forMs) continue;
      slow.standing = false;
      slow.at = now;
      due.add(key);
    }
    return due;
  }
}
