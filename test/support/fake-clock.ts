import type { Clock } from "../../src/clock.ts";

/** A clock that goes on when told to. The wall clock runs beside the monotonic one, from another start. */
export class FakeClock implements Clock {
  #now: number;
  readonly #epoch: number;

  /** @param start monotonic milliseconds to begin at; not 0, so that a forgotten start shows */
  constructor(start = 5_000, epoch = 1_700_000_000_000) {
    this.#now = start;
    this.#epoch = epoch;
  }

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  advance(ms: number): void {
    if (ms < 0) throw new RangeError("a monotonic clock does not go back");
    this.#now += ms;
  }
}
