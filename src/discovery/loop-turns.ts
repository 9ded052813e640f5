import { setImmediate } from "node:timers/promises";

/** Shares the turns of the event loop out: what waits here gets a turn each, so that what is due between them is on time. */
export class LoopTurns {
  #last: Promise<void> = Promise.resolve();

  /** @returns in a turn of the loop that nobody else is given */
  next(): Promise<void> {
    this.#last = this.#last.then(() => setImmediate());
    return this.#last;
  }
}
