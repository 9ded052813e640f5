import type { Spot } from "./paced-probe.ts";

/**
 * The spots that surveys were refused at one moment, so that hundreds of them need not find that out one by one: that a
 * hop is asked makes no other one free, only answers and silences do.
 */
export class RefusedSpots {
  #at = Number.NaN;
  /** Refused to flows that were not asked there yet, and so to everybody. */
  readonly #first: Set<string> = new Set();
  /** Refused to flows that were asked there before. */
  readonly #again: Set<string> = new Set();

  /** Whether the spot was refused at this moment. @param again to a flow that was asked there before */
  has({ key }: Spot, again: boolean, now: number): boolean {
    if (now !== this.#at) return false;
    return this.#first.has(key) || (again && this.#again.has(key));
  }

  /** The spot was refused. */
  add({ key }: Spot, again: boolean, now: number): void {
    if (now !== this.#at) this.forget();
    this.#at = now;
    (again ? this.#again : this.#first).add(key);
  }

  /** What was refused may be free now. */
  forget(): void {
    this.#at = Number.NaN;
    this.#first.clear();
    this.#again.clear();
  }
}
