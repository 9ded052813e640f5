/** Spacing that a stock Linux router answers all of: it sends one ICMP error a second to each asker. */
const RATIONED_SPACING_MS = 1100;
/** A place that answered this recently is alive: silence then is more likely a ration than a fault. */
const ALIVE_MS = 5000;
/** A living place is asked slowly for this long after the last sign of a ration. */
const RATIONED_FOR_MS = 60_000;
/** Answers a stock Linux router gives at once before its ration is used up (XRLIM_BURST_FACTOR), less one to spare. */
const BURST = 5;
/** Places not asked for this long are forgotten. */
const FORGET_MS = 600_000;

/** What is known of one place (a hop, or a TTL behind a hop) as an answerer. */
interface Place {
  askedAt: number;
  /** When a packet was sent that may have met it: to itself, or to a place behind which several hops are known. */
  touchedAt: number;
  /** Sending time of the latest packet that was answered. */
  answeredAt: number;
  /** When silence last looked like a ration. */
  rationedAt: number;
  /** Packets that stayed without answer since the last that did not. */
  silences: number;
  /** What is left of the burst that a stock Linux router gives, if this is one; as of {@link askedAt}. */
  credit: number;
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
   * @param expected the hop itself, where the flow was seen to meet it there
   */
  static place(ttl: number, previousHop: string | null, expected: string | null = null): string {
    return expected === null ? `${ttl} behind ${previousHop ?? "?"}` : hopKey(expected);
  }

  /** Whether the place may be asked now. */
  ready(place: string, now: number): boolean {
    const own = this.#places.get(place);
    if (own === undefined) return true;
    const state = this.#ofOnlyHop(own);
    if (now - state.askedAt < this.#spacing(state, now)) return false;
    // Whichever of its hops is met, that hop may have been asked just now under another name.
    const free = (met: Place): boolean => now - met.touchedAt >= this.#minSpacingMs;
    return free(own) && [...own.hops].every((hop) => free(this.#at(hopKey(hop))));
  }

  /**
   * Whether the place may be asked now by somebody who can wait, taking it for a router that rations: it is asked only
   * what it would answer, and what failing flows may need is left to them.
   */
  spare(place: string, now: number): boolean {
    const own = this.#places.get(place);
    if (own === undefined) return true;
    if (!this.ready(place, now)) return false;
    // A place that never answered has no ration to spare.
    if (own.answeredAt === Number.NEGATIVE_INFINITY && own.silences >= BURST) return true;
    return this.#credit(this.#ofOnlyHop(own), own.hops.size, now) >= 2;
  }

  /** A packet goes to the place. */
  asked(place: string, now: number): PacedAsk {
    const own = this.#at(place);
    const state = this.#ofOnlyHop(own);
    const credit = this.#credit(state, own.hops.size, now) - 1;
    own.credit = Math.max(0, credit);
    state.credit = own.credit;
    const spaced = now - state.askedAt >= RATIONED_SPACING_MS - 50;
    own.askedAt = now;
    state.askedAt = now;
    own.touchedAt = now;
    for (const hop of own.hops) this.#at(hopKey(hop)).touchedAt = now;
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
      state.touchedAt = Math.max(state.touchedAt, ask.sentAt);
      state.silences = 0;
    }
  }

  /**
   * A packet to the place stayed without answer.
   * @returns whether that silence counts: false where the place answers others, so that a ration explains it
   */
  silent(ask: PacedAsk, now: number): boolean {
    const own = this.#at(ask.place);
    own.silences += 1;
    const state = this.#ofOnlyHop(own);
    const alive = Math.abs(state.answeredAt - ask.sentAt) < ALIVE_MS;
    if (!alive) return true;
    state.rationedAt = now;
    return ask.spaced;
  }

  /** A place behind which several hops are known has the rations of them all, though not evenly used. */
  #credit(state: Place, hops: number, now: number): number {
    const width = hops <= 1 ? 1 : hops * 0.75;
    const earned = ((now - state.askedAt) / RATIONED_SPACING_MS) * width;
    return Math.min(BURST * width, state.credit + earned);
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
        touchedAt: Number.NEGATIVE_INFINITY,
        answeredAt: Number.NEGATIVE_INFINITY,
        rationedAt: Number.NEGATIVE_INFINITY,
        silences: 0,
        credit: BURST,
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
      if (now - Math.max(place.askedAt, place.touchedAt) > FORGET_MS) this.#places.delete(name);
    }
  }
}

function hopKey(hop: string): string {
  return `hop ${hop}`;
}
