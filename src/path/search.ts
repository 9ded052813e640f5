import { type Cause, type Effect, effectsOf, hitOf } from "./cause.ts";
import type { Explanation } from "./explanation.ts";
import { fitCause } from "./fit.ts";
import type { Site } from "./sites.ts";

/** A cause that may be added to an explanation. */
interface Candidate {
  readonly site: Site;
  readonly effect: Effect;
  readonly price: number;
  /** The best fit when it was last looked at, and what it gained. */
  cause: Cause | null;
  gain: number;
  /** State of the explanation then. */
  stamp: number;
}

/** Most causes that one explanation holds. */
const MAX_CAUSES = 8;
/** Rounds of replacing one cause by another. */
const MAX_ROUNDS = 4;
/** A change must gain more than this, in nats. */
const LEAST_GAIN = 1e-6;

/**
 * Looks for the causes that make the evidence cheapest, from `start` on: adds the one that gains most, tries to drop
 * and to replace each, stops when nothing gains.
 */
export class Search {
  readonly #candidates: Candidate[];

  constructor(sites: readonly Site[]) {
    this.#candidates = sites.flatMap((site) =>
      effectsOf(site).map(([effect, price]) => ({
        site,
        effect,
        price,
        cause: null,
        gain: 0,
        stamp: -1,
      })),
    );
  }

  /** Improves the explanation in place; sites for which `banned` holds are not used. */
  improve(explanation: Explanation, banned: (site: Site) => boolean = () => false): void {
    const candidates = this.#candidates.filter(({ site }) => !banned(site));
    this.#grow(explanation, candidates);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let changed = false;
      for (const cause of [...explanation.causes]) {
        const before = explanation.price;
        const causes = [...explanation.causes];
        explanation.remove(cause);
        this.#grow(explanation, candidates);
        if (explanation.price < before - LEAST_GAIN) {
          changed = true;
        } else {
          explanation.reset(causes);
        }
      }
      if (!changed) {
        return;
      }
    }
  }

  #grow(explanation: Explanation, candidates: readonly Candidate[]): void {
    while (explanation.causes.length < MAX_CAUSES) {
      let best: Candidate | null = null;
      for (const candidate of candidates) {
        this.#weigh(explanation, candidate);
        if (candidate.gain > (best?.gain ?? LEAST_GAIN)) {
          best = candidate;
        }
      }
      if (!best?.cause) {
        return;
      }
      explanation.add(best.cause);
      this.#refit(explanation);
    }
  }

  /** Causes that share flows share out their losses: fits each again, beside the others. */
  #refit(explanation: Explanation): void {
    if (explanation.causes.length < 2) {
      return;
    }
    for (const cause of [...explanation.causes]) {
      if (cause.effect.kind === "loss" || cause.effect.extent === "share") {
        const before = explanation.price;
        explanation.remove(cause);
        const fitted = fitCause(explanation, cause.site, cause.effect, cause.price);
        explanation.add(fitted);
        if (explanation.price > before) {
          explanation.remove(fitted);
          explanation.add(cause);
        }
      }
    }
  }

  #weigh(explanation: Explanation, candidate: Candidate): void {
    const { site, effect, price } = candidate;
    const stamp = explanation.stampOf(site);
    if (candidate.stamp === stamp) {
      return;
    }
    candidate.stamp = stamp;
    candidate.gain = 0;
    candidate.cause = null;
    if (!explanation.mayGain(site, effect, price)) {
      return;
    }
    const cause = fitCause(explanation, site, effect, price);
    let gain = -price;
    for (const member of site.members) {
      gain += explanation.gainOf(member.flow, hitOf(member, cause.share, cause.loss));
    }
    candidate.gain = gain;
    candidate.cause = cause;
  }
}
