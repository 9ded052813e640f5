import type { Localization } from "../localize/localize.ts";

/** A new verdict must come out twice in a row, this far apart or more, before it replaces the one that stands. */
const CONFIRM_MS = 2000;
/** Other suspects that are found for this long, though never the same twice in a row, are told all the same. */
const PATIENCE_MS = 15_000;

/** What is told before anything was found. */
export const NOTHING_FOUND: Localization = {
  verdict: "indeterminate",
  reason: "No probe has ended yet.",
  suspects: [],
};

/** Keeps verdict and suspects from following every probe: a change must be found again before it is told. */
export class Hysteresis {
  #standing: Localization = NOTHING_FOUND;
  #candidate: { verdict: string; since: number } | undefined;
  /** Other suspects under the same verdict, and since when the suspects that stand are not found. */
  #others: { names: string; since: number } | undefined;

  /** What is told now. */
  get standing(): Localization {
    return this.#standing;
  }

  /** Takes what the evidence says now. @returns whether the verdict that is told has changed */
  update(found: Localization, now: number): boolean {
    if (found.verdict === this.#standing.verdict) {
      this.#candidate = undefined;
      if (this.#confirmed(found, now)) this.#tell(found);
      return false;
    }
    if (this.#candidate?.verdict !== found.verdict) {
      this.#candidate = { verdict: found.verdict, since: now };
      return false;
    }
    if (now - this.#candidate.since < CONFIRM_MS) return false;
    this.#tell(found);
    return true;
  }

  #confirmed(found: Localization, now: number): boolean {
    const names = namesOf(found);
    if (names === namesOf(this.#standing)) return true;
    const { names: before, since = now } = this.#others ?? {};
    this.#others = { names, since };
    return names === before || now - since >= PATIENCE_MS;
  }

  #tell(found: Localization): void {
    this.#standing = found;
    this.#candidate = undefined;
    this.#others = undefined;
  }
}

/** The links that are accused, whatever the numbers. */
function namesOf({ suspects }: Localization): string {
  const names = suspects.map(({ from, to, segment }) => `${from} ${to} ${segment}`);
  return `${names.length}: ${names.sort().join(", ")}`;
}
