import { StandingLook, type StandingLookOptions } from "./standing-look.ts";
import type { Trace } from "./trace.ts";

/** Surveys get their turn this often, and so many of them end in a turn: what each has found is worked out then. */
const TURN_MS = 40;
const ENDED_A_TURN = 32;

/** What is to be done with the surveys under way. */
export interface SurveyTurn {
  /** Those that are over, as many as end in a turn. */
  readonly ended: readonly Trace[];
  /** The others that may have something to ask. */
  readonly open: readonly Trace[];
}

/** Says when the surveys under way have their turn. */
export class SurveyTurns {
  readonly #look: StandingLook;
  #at = Number.NEGATIVE_INFINITY;

  constructor(options: StandingLookOptions) {
    this.#look = new StandingLook(options);
  }

  /** What was to be done has been done: as long as that stands there is nothing more. */
  looked(now: number): void {
    this.#look.looked(now);
  }

  /** What is to be done now; undefined before their turn. Where more are over than end in a turn, the next is at once. */
  next(surveys: Iterable<Trace>, now: number): SurveyTurn | undefined {
    if (now - this.#at < TURN_MS) return undefined;
    this.#at = now;
    if (this.#look.stands(now)) return undefined;
    const ended: Trace[] = [];
    const open: Trace[] = [];
    for (const trace of surveys) {
      if (!trace.isOver) {
        if (now >= trace.waitsUntil) open.push(trace);
      } else if (ended.length < ENDED_A_TURN) ended.push(trace);
      else this.#at = Number.NEGATIVE_INFINITY;
    }
    return { ended, open };
  }
}
