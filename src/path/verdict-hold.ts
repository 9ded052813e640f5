import type { Localization } from "./localize.ts";

/** A new verdict must come out this often in a row, and for this long, before it replaces the one that stands. */
const CONFIRMATIONS = 2;
const CONFIRM_MS = 4000;

/** Keeps a verdict from following every probe: a change must be found again before it is told. */
export class VerdictHold {
  #standing: Localization = {
    verdict: "indeterminate",
    reason: "No probe has ended yet.",
    suspects: [],
  };
  #candidate: { verdict: string; since: number; times: number } | undefined;

  /** What is told now. */
  get standing(): Localization {
    return this.#standing;
  }

  /** Takes what the evidence says now. @returns whether the verdict that is told has changed */
  update(found: Localization, now: number): boolean {
    if (found.verdict === this.#standing.verdict) {
      this.#standing = found;
      this.#candidate = undefined;
      return false;
    }
    if (this.#candidate?.verdict !== found.verdict) {
      this.#candidate = { verdict: found.verdict, since: now, times: 1 };
      return false;
    }
    this.#candidate.times += 1;
    const { times, since } = this.#candidate;
    if (times < CONFIRMATIONS || now - since < CONFIRM_MS) return false;
    this.#standing = found;
    this.#candidate = undefined;
    return true;
  }
}
