import { ICMP_LIMIT_MS } from "../probe/unreachable-pace.ts";
import {
  answeredJustBefore,
  canSpare,
  creditOf,
  deny,
  type Hop,
  isFree,
  isOneRouter,
  isSurveysTurn,
  newHop,
  newPlace,
  type Place,
  paceDown,
  paceUp,
  placeCredit,
  spacing,
  spend,
} from "./icmp-rate-limit.ts";
import type { PacedProbe, Spot } from "./paced-probe.ts";
import { PlacesOfTtl } from "./places-of-ttl.ts";
import { RefusedSpots } from "./refused-spots.ts";

/** Places and hops not asked for this long are forgotten. */
const FORGET_MS = 600_000;
/** Packets that nobody may get leave a place to a survey that waits for it; surveys have their turn more often than this. */
const AWAITED_MS = 60;
/** Answers remembered of each hop, enough for all packets whose silence is still to be judged. */
const GRANTS = 16;
/** How quickly a place is found to answer less than its hops would, and to answer more again. */
const LESS = 0.7;
const MORE = 0.03;
/** Rate limits that an address more is taken for, before its answers and silences tell. */
const A_NEW_HOP = 1;
/** Whoever answers at all has one rate limit. */
const LEAST_LIMITERS = 1;

/**
 * Keeps hops from being asked faster than they may be, and learns which of them rate limit their answers. Silence on a
 * packet proves nothing where a hop that may have got it had answered another just before: its rate limit was used up.
 */
export class HopPacer {
  readonly #minSpacingMs: number;
  readonly #places: Map<string, Place> = new Map();
  readonly #hops: Map<string, Hop> = new Map();
  /** By TTL and address: the place that a hop was met at. */
  readonly #owners: Map<string, Place> = new Map();
  /** By TTL: the place that somebody answered from last. */
  readonly #latest: Map<number, Place> = new Map();
  readonly #levels: Map<number, PlacesOfTtl> = new Map();
  #sweptAt = 0;
  readonly #refused: RefusedSpots = new RefusedSpots();

  /** @param perSecond `hop_packets_per_second`: no hop is asked faster */
  constructor(perSecond: number) {
    this.#minSpacingMs = 1000 / perSecond;
  }

  /**
   * Whether the spot may be asked now, by somebody who cannot wait: whoever can leaves its hops alone meanwhile.
   * @param beyond the flow's sweeps ended before this TTL: most likely nobody gets the packet
   */
  ready(spot: Spot, now: number, beyond = false): boolean {
    const place = this.#at(spot);
    const asked = this.#mayMeet(place, spot);
    // Who answers everybody, as destinations do, need not be left alone.
    const free = isFree(asked);
    if (beyond && !free && now - place.self.awaitedAt < AWAITED_MS) return false;
    if (!beyond && !free) {
      for (const hop of [place.self, ...asked]) hop.wantedAt = now;
      if (isSurveysTurn(place, now)) return false;
    }
    if (!this.#spaced(place, spot, now)) return false;
    const state = asked.length === 1 ? (asked[0] ?? place.self) : place.self;
    return now - state.askedAt >= spacing(asked, state, this.#minSpacingMs, now);
  }

  /** Whether whoever may be met was not asked too lately for the pace that is set. */
  #spaced(place: Place, spot: Spot, now: number): boolean {
    if (now - place.self.touchedAt < this.#minSpacingMs && spot.expected === null) return false;
    return this.#mayMeet(place, spot).every((hop) => now - hop.touchedAt >= this.#minSpacingMs);
  }

  /**
   * Whether the spot may be asked now by somebody who can wait: every hop that may be met is taken for one that
   * rate limits, is asked only what it would answer, and what failing flows may need is left to them.
   * @param again the flow got no answer here before: it is asked when silence would count, after those that were not
   *   asked yet
   */
  spare(spot: Spot, now: number, again = false): boolean {
    if (this.#refused.has(spot, again, now)) return false;
    const may = this.#maySpare(spot, now, again);
    if (!may) this.#refused.add(spot, again, now);
    return may;
  }

  #maySpare(spot: Spot, now: number, again: boolean): boolean {
    const place = this.#at(spot);
    if (again && !this.#quiet(spot, now)) return false;
    const isWanted = this.#isWanted(spot, now);
    if (isWanted) deny(place, now);
    if (isWanted && !isSurveysTurn(place, now)) return false;
    // Whoever answers where nobody has yet may be a hop that is met at this TTL elsewhere.
    const elsewhere = place.hops.size === 0 ? this.#latest.get(spot.ttl) : undefined;
    if (!canSpare(elsewhere ?? place, this.#mayMeet(place, spot), isWanted, now)) return false;
    if (this.#spaced(place, spot, now)) return true;
    place.self.awaitedAt = now;
    return false;
  }

  /** Whether a failing flow waits to ask a hop that may be met. */
  #isWanted(spot: Spot, now: number): boolean {
    const place = this.#orElsewhere(spot);
    const asked = this.#mayMeet(place, spot);
    return [place.self, ...asked].some(({ wantedAt }) => now - wantedAt < ICMP_LIMIT_MS);
  }

  /** Whether no hop that may be met has just answered, so that silence would count. */
  #quiet(spot: Spot, now: number): boolean {
    return !this.#mayMeet(this.#orElsewhere(spot), spot).some((hop) =>
      answeredJustBefore(hop, now),
    );
  }

  /**
   * A packet goes to the spot.
   * @param patient its sender can wait, see {@link spare}
   * @param beyond most likely nobody gets it, see {@link ready}
   */
  asked(spot: Spot, now: number, patient = false, beyond = false): PacedProbe {
    const place = this.#at(spot);
    const elsewhere = patient && place.hops.size === 0 ? this.#latest.get(spot.ttl) : undefined;
    if (elsewhere !== undefined) {
      elsewhere.self.credit = Math.max(0, placeCredit(elsewhere, now) - 1);
      elsewhere.self.creditAt = now;
    }
    const asked = this.#mayMeet(place, spot);
    for (const hop of asked) hop.touchedAt = now;
    const [only] = asked;
    if (asked.length === 1 && only !== undefined) only.askedAt = now;
    place.self.askedAt = now;
    place.self.touchedAt = now;
    if (patient) place.self.awaitedAt = Number.NEGATIVE_INFINITY;
    if (patient) place.self.urgent = 0;
    else if (!beyond) place.self.urgent += 1;
    // What nobody gets takes no answer from surveys.
    if (!beyond) {
      place.self.credit = Math.max(0, placeCredit(place, now) - 1);
      place.self.creditAt = now;
    }
    this.#forgetOld(now);
    return { ...spot, sentAt: now, patient, sure: creditOf(place.one, now) >= 1 };
  }

  /**
   * `hop` answered a packet that was sent to the spot.
   * @param free by something that nobody rate limits
   */
  answered(probe: PacedProbe, hop: string, free = false): void {
    this.#refused.forget();
    const place = free ? this.#meetFree(probe, hop) : this.#meet(probe, hop);
    this.#latest.set(probe.ttl, place);
    const state = this.#hop(hop);
    state.free = free;
    place.limiters = Math.min(place.hops.size, place.limiters + MORE);
    this.#levels.get(probe.ttl)?.answered(place, probe.sentAt);
    paceUp(place, probe.sure);
    spend(place.one, probe.sentAt);
    state.askedAt = Math.max(state.askedAt, probe.sentAt);
    state.grants.push(probe.sentAt);
    if (state.grants.length > GRANTS) state.grants.shift();
    spend(state, probe.sentAt);
  }

  /**
   * A packet to the spot stayed without answer.
   * @returns whether that silence counts: false where a rate limit explains it
   */
  silent(probe: PacedProbe, now: number): boolean {
    this.#refused.forget();
    const place = probe.patient ? this.#orElsewhere(probe) : this.#at(probe);
    const rateLimited = this.#mayMeet(place, probe).filter((hop) =>
      answeredJustBefore(hop, probe.sentAt),
    );
    // A packet that no rate limit explains may still have met one: that of a router with other addresses here.
    const others = [...place.hops.values()].some((hop) => answeredJustBefore(hop, probe.sentAt));
    if (others) place.limiters = Math.max(LEAST_LIMITERS, place.limiters * LESS);
    if (probe.sure || others) paceDown(place, probe.sentAt, probe.sure, now);
    for (const hop of rateLimited) hop.rateLimitedAt = now;
    if (rateLimited.length > 0) place.self.rateLimitedAt = now;
    return rateLimited.length === 0 && !this.#isOneElsewhere(probe, place);
  }

  /** Silence where another place of the TTL had just answered: whether it is, once more, the same router's rate limit. */
  #isOneElsewhere({ ttl, sentAt }: PacedProbe, place: Place): boolean {
    const places = this.#levels.get(ttl)?.silent(place, sentAt) ?? [];
    const [one, ...others] = places;
    if (one === undefined) return false;
    for (const other of others) this.#unite(ttl, other, one);
    one.limiters = LEAST_LIMITERS;
    return true;
  }

  /**
   * The hops that a packet to the spot may meet. Where a place answers far less than its hops would one by one, they
   * are addresses of one router: Linux answers from the address of the interface by which it sends the answer.
   */
  #mayMeet(place: Place, { expected }: Spot): Hop[] {
    if (expected === null || isOneRouter(place)) return [...place.hops.values()];
    return [this.#hop(expected)];
  }

  /** The spot's place, or the one that somebody answered from at this TTL while nobody did here: it may be the same. */
  #orElsewhere(spot: Spot): Place {
    const own = this.#at(spot);
    return own.hops.size === 0 ? (this.#latest.get(spot.ttl) ?? own) : own;
  }

  #at(spot: Spot): Place {
    const { place: name, expected, destination } = spot;
    let place = this.#places.get(name);
    if (place === undefined) {
      place = newPlace();
      if (destination !== null) place.hops.set(destination, this.#hop(destination));
      this.#places.set(name, place);
    }
    return expected === null || place.hops.has(expected) ? place : this.#meet(spot, expected);
  }

  /**
   * A hop is met at a spot. Places at one TTL where the same hop is met share its rate limit, so they become one place.
   */
  #meet({ ttl, place: name }: Spot, address: string): Place {
    const place = this.#places.get(name) ?? newPlace();
    this.#places.set(name, place);
    if (place.hops.has(address)) return place;
    const key = `${ttl} ${address}`;
    const owner = this.#owners.get(key) ?? place;
    if (owner === place) {
      // It may be another address of a router that is known already, with no rate limit of its own; silence will tell.
      if (place.hops.size > 0) place.limiters += A_NEW_HOP;
      place.hops.set(address, this.#hop(address));
      this.#owners.set(key, place);
      const level = this.#levels.get(ttl) ?? new PlacesOfTtl();
      this.#levels.set(ttl, level);
      level.add(place);
      return place;
    }
    this.#unite(ttl, place, owner);
    return owner;
  }

  /** A hop that nobody rate limits is met at a spot: with whoever is met elsewhere it shares nothing. */
  #meetFree({ place: name }: Spot, address: string): Place {
    const place = this.#places.get(name) ?? newPlace();
    this.#places.set(name, place);
    place.hops.set(address, this.#hop(address));
    return place;
  }

  /** Makes one place of two. */
  #unite(ttl: number, place: Place, owner: Place): void {
    for (const [hop, state] of place.hops) {
      if (!owner.hops.has(hop)) owner.limiters += A_NEW_HOP;
      owner.hops.set(hop, state);
      this.#owners.set(`${ttl} ${hop}`, owner);
    }
    owner.self.credit = Math.min(owner.self.credit, place.self.credit);
    for (const [other, known] of this.#places) if (known === place) this.#places.set(other, owner);
    this.#levels.get(ttl)?.delete(place);
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
    for (const [key, place] of this.#owners) {
      if (now - place.self.askedAt > FORGET_MS) this.#owners.delete(key);
    }
    for (const level of this.#levels.values()) level.forget(now - FORGET_MS);
    for (const [address, hop] of this.#hops) {
      if (now - hop.touchedAt > FORGET_MS) this.#hops.delete(address);
    }
  }
}
