/** Spacing that a stock Linux router answers all of: it sends one ICMP error a second to each asker. */
const RATION_MS = 1100;
/** Errors that a stock Linux router sends at once before it rations (XRLIM_BURST_FACTOR). */
const BURST = 6;
/** When nobody has answered the first few packets to a place by then, nobody answers there. */
const ASK_TIMEOUT_MS = 1000;
/** What surveys leave of a burst to failing flows. */
const RESERVE = 2;
/** A hop that answered this recently is alive: silence then is more likely a ration than a fault. */
const ALIVE_MS = 5000;
/** A living hop is asked slowly for this long after the last sign of a ration. */
const RATIONED_FOR_MS = 60_000;
/** Places and hops not asked for this long are forgotten. */
const FORGET_MS = 600_000;
/** Answers remembered of each hop, enough for all packets whose silence is still to be judged. */
const GRANTS = 16;

/** A hop as an answerer. */
interface Hop {
  /** When it was last asked for certain. */
  askedAt: number;
  /** When it may last have been asked: a packet went to a place where others answer too. */
  touchedAt: number;
  /** When silence last looked like a ration. */
  rationedAt: number;
  /** What is left of a stock Linux router's burst, as of `creditAt`. */
  credit: number;
  creditAt: number;
  /** Sending times of the packets it answered last. */
  readonly grants: number[];
}

/** A place that is asked: a TTL behind a hop, or a hop itself; with the hops that answered there. */
interface Place {
  readonly hops: Map<string, Hop>;
  /** Stands for the place while no hop, or more than one, is known there. */
  readonly self: Hop;
}

/** One packet as the pacer needs to remember it. */
export interface PacedAsk {
  readonly place: string;
  readonly sentAt: number;
}

/**
 * Keeps hops from being asked faster than they may be, and learns which of them ration their answers. Silence on a
 * packet proves nothing where a hop that may have got it had answered another just before: its ration was used up.
 */
export class HopPacer {
  readonly #minSpacingMs: number;
  readonly #places: Map<string, Place> = new Map();
  readonly #hops: Map<string, Hop> = new Map();
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
    return expected === null ? `${ttl} behind ${previousHop ?? "?"}` : `hop ${expected}`;
  }

  /** Whether the place may be asked now. */
  ready(place: string, now: number): boolean {
    return this.#mayAsk(this.#at(place), now);
  }

  /**
   * Whether the place may be asked now by somebody who can wait: every hop known there is taken for one that rations,
   * is asked only what it would answer, and what failing flows may need is left to them.
   */
  spare(place: string, now: number): boolean {
    if (!this.ready(place, now)) return false;
    const { hops, self } = this.#at(place);
    // Nobody has answered here: a first few packets tell whether anybody does.
    if (hops.size === 0) return self.credit >= 1 || now - self.creditAt > ASK_TIMEOUT_MS;
    for (const hop of hops.values()) if (creditOf(hop, now) < RESERVE) return false;
    return true;
  }

  /** A packet goes to the place. */
  asked(place: string, now: number): PacedAsk {
    const known = this.#at(place);
    const state = only(known);
    state.askedAt = now;
    known.self.askedAt = now;
    known.self.touchedAt = now;
    for (const hop of known.hops.values()) hop.touchedAt = now;
    if (known.hops.size === 0 && known.self.credit >= 1) {
      known.self.credit -= 1;
      known.self.creditAt = now;
    }
    this.#forgetOld(now);
    return { place, sentAt: now };
  }

  /** `hop` answered a packet that was sent to the place. */
  answered(ask: PacedAsk, hop: string): void {
    const known = this.#at(ask.place);
    const state = this.#hop(hop);
    known.hops.set(hop, state);
    state.askedAt = Math.max(state.askedAt, ask.sentAt);
    state.grants.push(ask.sentAt);
    if (state.grants.length > GRANTS) state.grants.shift();
    spend(state, ask.sentAt);
  }

  /**
   * A packet to the place stayed without answer.
   * @returns whether that silence counts: false where a ration explains it
   */
  silent(ask: PacedAsk, now: number): boolean {
    const known = this.#at(ask.place);
    const rationed = [...known.hops.values()].filter((hop) =>
      hop.grants.some((at) => at <= ask.sentAt && ask.sentAt - at < RATION_MS),
    );
    for (const hop of rationed) hop.rationedAt = now;
    if (rationed.length > 0) known.self.rationedAt = now;
    return rationed.length === 0;
  }

  #mayAsk(place: Place, now: number): boolean {
    for (const hop of place.hops.values()) {
      if (now - hop.touchedAt < this.#minSpacingMs) return false;
    }
    if (now - place.self.touchedAt < this.#minSpacingMs) return false;
    const state = only(place);
    return now - state.askedAt >= this.#spacing(place, state, now);
  }

  /** A place that no longer answers anybody is not rationing: it is asked at full pace, to be done with it. */
  #spacing({ hops }: Place, state: Hop, now: number): number {
    if (now - state.rationedAt >= RATIONED_FOR_MS) return this.#minSpacingMs;
    let alive = 0;
    for (const { grants } of hops.values()) if (now - (grants.at(-1) ?? 0) < ALIVE_MS) alive += 1;
    // Several hops answer as often as one each.
    return alive === 0 ? this.#minSpacingMs : Math.max(this.#minSpacingMs, RATION_MS / alive);
  }

  #at(name: string): Place {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = { hops: new Map(), self: newHop() };
      if (name.startsWith("hop ")) place.hops.set(name.slice(4), this.#hop(name.slice(4)));
      this.#places.set(name, place);
    }
    return place;
  }

  #hop(address: string): Hop {
    let hop = this.#hops.get(address);
    if (hop === undefined) {
      hop = newHop();
      this.#hops.set(address, hop);
    }
    return hop;
  }

  #forgetOld(now: number): void {
    if (now - this.#sweptAt < FORGET_MS) return;
    this.#sweptAt = now;
    for (const [name, place] of this.#places) {
      if (now - place.self.askedAt > FORGET_MS) this.#places.delete(name);
    }
    for (const [address, hop] of this.#hops) {
      if (now - hop.askedAt > FORGET_MS) this.#hops.delete(address);
    }
  }
}

function newHop(): Hop {
  const never = Number.NEGATIVE_INFINITY;
  const times = { askedAt: never, touchedAt: never, rationedAt: never };
  return { ...times, credit: BURST, creditAt: 0, grants: [] };
}

/** A place behind which only one hop is known is that hop, whatever it is called by. */
function only({ hops, self }: Place): Hop {
  const [first] = hops.values();
  return hops.size === 1 && first !== undefined ? first : self;
}

function creditOf(hop: Hop, now: number): number {
  return Math.min(BURST, hop.credit + Math.max(0, now - hop.creditAt) / RATION_MS);
}

function spend(hop: Hop, now: number): void {
  hop.credit = Math.max(0, creditOf(hop, now) - 1);
  hop.creditAt = now;
}
