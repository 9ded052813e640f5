import { ENGINE_TURN_MS } from "../engine/turn-pause.ts";

/** The probing loop: turn after turn, each of which says how long the loop may wait for the next. */
export class TurnLoop {
  readonly #turn: (pausedMs: number) => number;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = ENGINE_TURN_MS;

  /** @param turn is told how long the pause before it was meant to be, and returns the next; milliseconds */
  constructor(turn: (pausedMs: number) => number) {
    this.#turn = turn;
  }

  /** Begins to turn. */
  start(): void {
    this.#wait(ENGINE_TURN_MS);
  }

  /** There is something to do: the next turn comes as soon as turns do. */
  hurry(): void {
    if (this.#timer !== undefined && this.#pauseMs > ENGINE_TURN_MS) this.#wait(ENGINE_TURN_MS);
  }

  /** No turn comes any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(pauseMs: number): void {
    this.#pauseMs = pauseMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const next = this.#turn(pauseMs);
      if (this.#timer !== undefined) this.#wait(next);
    }, pauseMs);
  }
}
