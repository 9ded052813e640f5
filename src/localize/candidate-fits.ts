import type { Candidate } from "./candidate.ts";
import { estimateEffect, type Fit } from "./effect-estimation.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";

/** Flows looked at between two pauses, about a millisecond's work. */
const STEP = 100;
/** Looks that are kept beside the last one. */
const KEPT_LOOKS = 4;

/** Fits candidates to the evidence beside a set, keeps what was found, and says when it is time for a pause. */
export class CandidateFits {
  /** Flows looked at since the last pause. */
  #work = 0;

  /** Whether it is time for a pause, which counts as taken. */
  isTired(): boolean {
    if (this.#work <= STEP) return false;
    this.#work = 0;
    return true;
  }

  /** A first look; null where the candidate cannot gain its cost. */
  look(set: HypothesisSet, candidate: Candidate): Fit | null {
    const { location, effect, cost, looks } = candidate;
    this.#work += 1;
    const stamp = set.stampOf(location);
    const known = looks.find((look) => look.stamp === stamp);
    if (known) {
      return known.fit;
    }
    let fit: Fit | null = null;
    if (set.mayGain(location, effect, cost)) {
      this.#work += location.members.length;
      fit = estimateEffect(set, location, effect, cost, true);
    }
    candidate.looks = [{ stamp, fit, full: effect.kind === "dead" }, ...looks.slice(0, KEPT_LOOKS)];
    return fit;
  }

  /** The numbers that fit best. */
  refined(set: HypothesisSet, candidate: Candidate): Fit {
    const { location, effect, cost, looks } = candidate;
    const stamp = set.stampOf(location);
    const known = looks.find((look) => look.stamp === stamp && look.full);
    if (known?.fit) return known.fit;
    this.#work += 5 * location.members.length;
    const fit = estimateEffect(set, location, effect, cost, false);
    candidate.looks = [
      { stamp, fit, full: true },
      ...looks.filter((look) => look.stamp !== stamp).slice(0, KEPT_LOOKS),
    ];
    return fit;
  }
}

/** Nats that a candidate gains beside the set, its own cost paid. */
export function gainOf(set: HypothesisSet, { cost }: Candidate, fit: Fit | null): number {
  return fit === null ? -cost : fit.gain - cost + set.sparedBy(fit.hypothesis);
}
