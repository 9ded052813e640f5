import type { Localization } from "../localize/localize.ts";

/** A new verdict must come out this often in a row, and for this long, before it replaces the one that stands. */
const CONFIRMATIONS = 2;
const CONFIRM_MS = 4000;

/** Other suspects that are found this often, though never the same twice in a row, are told all the same. */
const PATIENCE = 4;

/** Keeps verdict and suspects from following every probe: a change must be found again before it is told. */
export class Hysteresis {
  #standing: Localization = {
    verdict: "indeterminate",
    reason: "No probe has ended yet.",
    suspects: [],
  };
  #candidate: { verdict: string; since: number; times: number } | undefined;
  /** Other suspects under the same verdict, and how often in a row the suspects that stand were not found. */
  #others: { names: string; times: number } = { names: "", times: 0 };

  /** What is told now. */
  get standing(): Localization {
    return this.#standing;
  }

  /** Takes what the evidence says now. @returns whether the verdict that is told has changed */
  update(found: Localization, now: number): boolean {
    if (found.verdict === this.#standing.verdict) {
      this.#candidate = undefined;
      if (this.#confirmed(found)) this.#tell(found);
      return false;
    }
    if (this.#candidate?.verdict !== found.verdict) {
      this.#candidate = { verdict: found.verdict, since: now, times: 1 };
      return false;
    }
    this.#candidate.times += 1;
    const { times, since } = this.#candidate;
    if (times < CONFIRMATIONS || now - since < CONFIRM_MS) return false;
    this.#tell(found);
    return true;
  }

  #confirmed(found: Localization): boolean {
    const names = namesOf(found);
    if (names === namesOf(this.#standing)) return true;
    const again = names === this.#others.names;
    this.#others = { names, times: this.#others.times + 1 };
    return again || this.#others.times >= PATIENCE;
  }

  #tell(found: Localization): void {
    this.#standing = found;
    this.#candidate = undefined;
    this.#others = { names: "", times: 0 };
  }
}

/** The links that are accused, whatever the numbers. */
function namesOf({ suspects }: Localization): string {
  const names = suspects.map(({ from, to, segment }) => `${from} ${to} ${segment}`);
  return `${names.length}: ${names.sort().join(", ")}`;
}
