import type { Clock } from "../../clock.ts";

/** What is read for others takes no more than this of a turn, milliseconds, and the piece that is begun then. */
const SLICE_MS = 1;
/**
 * Turns that come late because the machine is busy would make those who wait wait for ever: a slice may then take this share of
 * the time between two turns, and no more than so many milliseconds.
 */
const SHARE_OF_LATE_TURNS = 0.2;
const LONGEST_SLICE_MS = 5;

/**
 * A turn that came on time and has taken so much longer than turns do by now is not made longer still: who waits gets the
 * next one. After so many in a row they need wait no more. On a busy machine turns come late, and long ones are the rule.
 */
const ON_TIME_MS = 10;
const LONG_TURN = { times: 2, andMs: 1 };
const MOST_PASSED = 10;
/** The weight of the latest turn in what turns take. */
const LATEST = 0.02;

/** Work under way, made of pieces that take well below a millisecond each. */
interface Work {
  readonly pieces: Iterator<void>;
  readonly sliceEnds: () => void;
  readonly done: (spentMs: number) => void;
  readonly failed: (error: unknown) => void;
  spentMs: number;
}

/**
 * Work that others wait for, done in what a turn of the probing loop leaves: a slice a turn, whoever asks and for however
 * much. Works take turns, so that a large one does not keep a small one waiting.
 */
export class SpareTime {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #hurry: () => void;
  readonly #waiting: Work[] = [];
  #lastTurn: number | undefined;
  /** What turns take without this, milliseconds. */
  #usualMs = 0;
  #passed = 0;

  /** @param hurry called when there is work, where turns may be rare */
  constructor(clock: Pick<Clock, "monotonic">, hurry: () => void = () => undefined) {
    this.#clock = clock;
    this.#hurry = hurry;
  }

  /** Whether somebody waits. */
  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Does the work in the turns that come.
   * @param pieces a generator that yields after each piece
   * @param sliceEnds called before others get their turn, and at the end
   * @returns how long it took of the turns, milliseconds; rejects with what the work throws
   */
  do(pieces: Iterator<void>, sliceEnds: () => void): Promise<number> {
    return new Promise((done, failed) => {
      this.#waiting.push({ pieces, sliceEnds, done, failed, spentMs: 0 });
      this.#hurry();
    });
  }

  /** One slice. Call it once a turn of the loop. @param tookMs what the turn has taken by now */
  turn(tookMs = 0): void {
    const began = this.#clock.monotonic();
    const gap = began - (this.#lastTurn ?? began);
    this.#lastTurn = began;
    const isLong =
      gap - tookMs < ON_TIME_MS && tookMs > LONG_TURN.times * this.#usualMs + LONG_TURN.andMs;
    this.#usualMs += LATEST * (tookMs - this.#usualMs);
    if (isLong && this.#waiting.length > 0 && this.#passed < MOST_PASSED) {
      this.#passed += 1;
      return;
    }
    this.#passed = 0;
    const late = SHARE_OF_LATE_TURNS * gap;
    const sliceMs = Math.min(Math.max(SLICE_MS, late), LONGEST_SLICE_MS);
    const work = this.#waiting.shift();
    if (work === undefined) return;
    let now = began;
    try {
      let ended = false;
      while (!ended && now - began < sliceMs) {
        ended = work.pieces.next().done === true;
        now = this.#clock.monotonic();
      }
      work.sliceEnds();
      // Whatever was longer was the machine's doing: another process had the processor.
      work.spentMs += Math.min(this.#clock.monotonic() - began, LONGEST_SLICE_MS);
      if (ended) work.done(work.spentMs);
      else this.#waiting.push(work);
    } catch (error) {
      work.failed(error);
    }
  }
}
