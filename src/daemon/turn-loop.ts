import { ENGINE_TURN_MS } from "../engine/turn-pause.ts";

/** The probing loop: turn after turn, each of which says how long the loop may wait for the next. */
export class TurnLoop {
  readonly #turn: (pausedMs: number) => number;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #isOn = false;
  #pauseMs = ENGINE_TURN_MS;

  /** @param turn is told how long the pause before it was meant to be, and returns the next, 0 for none; milliseconds */
  constructor(turn: (pausedMs: number) => number) {
    this.#turn = turn;
  }

  /** Begins to turn. */
  start(): void {
    this.#isOn = true;
    this.#wait(ENGINE_TURN_MS);
  }

  /** There is something to do: the next turn comes as soon as turns do. */
  hurry(): void {
    if (this.#isOn && this.#pauseMs > ENGINE_TURN_MS) this.#wait(ENGINE_TURN_MS);
  }

  /** No turn comes any more. */
  stop(): void {
    this.#isOn = false;
    this.#cancel();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #wait(pauseMs: number): void {
    this.#pauseMs = pauseMs;
    this.#cancel();
    const turn = (): void => {
      const next = this.#turn(pauseMs);
      if (this.#isOn) this.#wait(next);
    };
    // A timer waits for a millisecond at least. Others get their turn of the event loop in between all the same.
    if (pauseMs > 0) this.#timer = setTimeout(turn, pauseMs);
    else this.#immediate = setImmediate(turn);
  }
}
