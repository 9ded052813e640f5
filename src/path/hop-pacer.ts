/** Spacing that a stock Linux router answers all of: it sends one ICMP error a second to each asker. */
const RATIONED_SPACING_MS = 1100;
/** A place that answered this recently is alive: silence then is more likely a ration than a fault. */
const ALIVE_MS = 5000;
/** A living place is asked slowly for this long after the last sign of a ration. */
const RATIONED_FOR_MS = 60_000;
/** Places not asked for this long are forgotten. */
const FORGET_MS = 600_000;

/** What is known of one place (a hop, or a TTL behind a hop) as an answerer. */
interface Place {
  askedAt: number;
  /** Sending time of the latest packet that was answered. */
  answeredAt: number;
  /** When silence last looked like a ration. */
  rationedAt: number;
  /** The hops that answered here; more than one behind a balancer. */
  readonly hops: Set<string>;
}

/** One packet as the pacer needs to remember it. */
export interface PacedAsk {
  readonly place: string;
  readonly sentAt: number;
  /** Sent long enough after the one before that a ration cannot explain silence on it. */
  readonly spaced: boolean;
}

/**
 * Keeps hops from being asked faster than they may be, and learns which of them ration their answers. A silent hop is
 * no proof of anything while it rations; once it is asked as slowly as it answers, silence counts again.
 */
export class HopPacer {
  readonly #minSpacingMs: number;
  readonly #places: Map<string, Place> = new Map();
  #sweptAt = 0;

  /** @param perSecond `hop_packets_per_second`: no hop is asked faster */
  constructor(perSecond: number) {
    this.#minSpacingMs = 1000 / perSecond;
  }

  /**
   * The place that a TTL of a flow stands for: behind the hop before it where that is known, so that flows of all
   * targets that may meet the same router share its ration.
   */
  static place(ttl: number, previousHop: string | null): string {
    return `${ttl} behind ${previousHop ?? "?"}`;
  }

  /** Whether the place may be asked now. */
  ready(place: string, now: number): boolean {
    const own = this.#places.get(place);
    if (own === undefined) return true;
    const state = this.#ofOnlyHop(own);
    return now - state.askedAt >= this.#spacing(state, now);
  }

  /** A packet goes to the place. */
  asked(place: string, now: number): PacedAsk {
    const own = this.#at(place);
    const state = this.#ofOnlyHop(own);
    const spaced = now - state.askedAt >= RATIONED_SPACING_MS - 50;
    own.askedAt = now;
    state.askedAt = now;
    this.#forgetOld(now);
    return { place, sentAt: now, spaced };
  }

  /** `hop` answered a packet that was sent to the place. */
  answered(ask: PacedAsk, hop: string): void {
    const own = this.#at(ask.place);
    own.hops.add(hop);
    const ofHop = this.#at(hopKey(hop));
    for (const state of [own, ofHop]) {
      state.answeredAt = Math.max(state.answeredAt, ask.sentAt);
      state.askedAt = Math.max(state.askedAt, ask.sentAt);
    }
  }

  /**
   * A packet to the place stayed without answer.
   * @returns whether that silence counts: false where the place answers others, so that a ration explains it
   */
  silent(ask: PacedAsk, now: number): boolean {
    const state = this.#ofOnlyHop(this.#at(ask.place));
    const alive = Math.abs(state.answeredAt - ask.sentAt) < ALIVE_MS;
    if (!alive) return true;
    state.rationedAt = now;
    return ask.spaced;
  }

  /** A place that no longer answers anybody is not rationing: it is asked at full pace, to be done with it. */
  #spacing(state: Place, now: number): number {
    const rationing = now - state.rationedAt < RATIONED_FOR_MS && now - state.answeredAt < ALIVE_MS;
    return rationing ? Math.max(this.#minSpacingMs, RATIONED_SPACING_MS) : this.#minSpacingMs;
  }

  /** A place behind which only one hop is known is that hop: both names share one state. */
  #ofOnlyHop(place: Place): Place {
    const [only] = place.hops;
    return place.hops.size === 1 && only !== undefined ? this.#at(hopKey(only)) : place;
  }

  #at(name: string): Place {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = {
        askedAt: Number.NEGATIVE_INFINITY,
        answeredAt: Number.NEGATIVE_INFINITY,
        rationedAt: Number.NEGATIVE_INFINITY,
        hops: new Set(),
      };
      this.#places.set(name, place);
    }
    return place;
  }

  #forgetOld(now: number): void {
    if (now - this.#sweptAt < FORGET_MS) return;
    this.#sweptAt = now;
    for (const [name, place] of this.#places) {
      if (now - place.askedAt > FORGET_MS) this.#places.delete(name);
    }
  }
}

function hopKey(hop: string): string {
  return `hop ${hop}`;
}
