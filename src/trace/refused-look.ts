import type { Spot } from "./paced-probe.ts";

/** A survey is looked at anew after so long even if nothing seems to have changed, milliseconds. */
const HOLDS_MS = 5000;

/** A spot that a survey was refused. */
export interface RefusedSpot {
  readonly spot: Spot;
  /** The flow was asked there before. */
  readonly again: boolean;
}

/** What the survey goes by that can be told in numbers; as long as none is another, a look finds the same. */
export interface LookedAt {
  /** Of the sweep. */
  readonly sweep: number;
  /** Of what others tell. */
  readonly sharing: number;
  /** The lowest TTL at which the destination answered anybody. */
  readonly answersAt: number;
}

/**
 * A look at a survey that found something to ask, all of which the hops' rate limits refused. As long as nothing has changed it need
 * not be put together anew: there is something to send once one of these spots may be asked.
 */
export class RefusedLook {
  /** What was refused. */
  readonly spots: readonly RefusedSpot[];
  /** When it is to be looked at anew in any case, milliseconds, monotonic. */
  readonly until: number;
  readonly #by: LookedAt;

  constructor(spots: readonly RefusedSpot[], by: LookedAt, now: number) {
    this.spots = spots;
    this.until = now + HOLDS_MS;
    this.#by = by;
  }

  /**
   * Whether a look now would find the same.
   * @param mayAsk whether a spot may be asked now
   */
  stands(by: LookedAt, now: number, mayAsk: (refused: RefusedSpot) => boolean): boolean {
    const { sweep, sharing, answersAt } = this.#by;
    if (by.sweep !== sweep || by.sharing !== sharing || by.answersAt !== answersAt) return false;
    return now < this.until && !this.spots.some(mayAsk);
  }
}
