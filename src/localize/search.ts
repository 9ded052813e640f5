import { type Effect, effectsOf } from "./cause.ts";
import type { Explanation } from "./explanation.ts";
import { type Fit, fitCause } from "./fit.ts";
import type { Site } from "./sites.ts";

/** A cause that may be added to an explanation. */
interface Candidate {
  readonly site: Site;
  readonly effect: Effect;
  readonly price: number;
  /** The last two looks at it, by the state of the explanation: searching goes one step off and comes back. */
  looks: readonly Look[];
}

/** The best fit at one state, null when it cannot gain anything. */
interface Look {
  readonly stamp: number;
  readonly fit: Fit | null;
  /** Whether it was more than a first look. */
  readonly full: boolean;
}

/**
 * Nats added to loss of a router where the same flows cross one link: their counts do not part the two, and the smaller
 * thing is to be named unless the sweeps say otherwise.
 */
const LARGER = 4;
/** Most causes that one explanation holds. */
const MAX_CAUSES = 6;
/** Candidates whose first look is not this many nats below their price may be better than they look. */
const ROUGH = 25;
/** As many of them, the best first, are looked at closely. */
const REFINED = 6;
/** Flows looked at between two pauses, about a millisecond's work. */
const STEP = 100;
/** A change must gain more than this, in nats. */
const LEAST_GAIN = 1e-6;

/** Looks for the causes that make the evidence cheapest. Keeps what it learns from one search to the next. */
export class Search {
  readonly #candidates: readonly Candidate[];
  /** Flows looked at since the last pause. */
  #work = 0;

  constructor(sites: readonly Site[]) {
    const links = new Set(
      sites.filter(({ kind }) => kind === "link").map(({ flowsKey }) => flowsKey),
    );
    this.#candidates = sites.flatMap((site) => {
      const double = site.kind !== "link" && links.has(site.flowsKey);
      return effectsOf(site).map(([effect, price]) => ({
        site,
        effect,
        price: price + (double && effect.kind === "loss" ? LARGER : 0),
        looks: [],
      }));
    });
  }

  /**
   * Improves the explanation in place: adds the cause that gains most until nothing gains, then tries, `rounds` times
   * at most, to do better with others instead of each of the causes. Sites for which `banned` holds are not used.
   * Pauses every now and then, between steps of about a millisecond.
   */
  *improve(
    explanation: Explanation,
    rounds: number,
    banned: (site: Site) => boolean = () => false,
  ): Generator<undefined, void> {
    const candidates = this.#candidates.filter(({ site }) => !banned(site));
    yield* this.#grow(explanation, candidates);
    let changed = true;
    for (let round = 0; round < rounds && changed; round++) {
      changed = false;
      for (const cause of explanation.causes) {
        // What kills all flows of a place stands on too much evidence to be replaced.
        const { extent, kind } = cause.effect;
        if ((extent === "all" && kind === "dead") || !explanation.causes.includes(cause)) {
          continue;
        }
        const saved = explanation.save();
        const before = explanation.price;
        explanation.remove(cause);
        // First without all that the same flows cross, else its double takes its place.
        const { flowsKey } = cause.site;
        const others =
          round === 0
            ? candidates.filter(({ site }) => site.flowsKey !== flowsKey)
            : candidates.filter(
                ({ site, effect }) => site !== cause.site || effect !== cause.effect,
              );
        yield* this.#grow(explanation, others);
        if (explanation.price < before - LEAST_GAIN) {
          changed = true;
        } else {
          explanation.restore(saved);
        }
      }
    }
  }

  *#grow(explanation: Explanation, candidates: readonly Candidate[]): Generator<undefined, void> {
    while (explanation.causes.length < MAX_CAUSES) {
      const promising: { candidate: Candidate; gain: number }[] = [];
      for (const candidate of candidates) {
        const fit = this.#look(explanation, candidate);
        const gain = (fit?.gain ?? 0) - candidate.price;
        if (fit && gain > -ROUGH) {
          promising.push({ candidate, gain });
        }
        if (this.#work > STEP) {
          this.#work = 0;
          yield;
        }
      }
      promising.sort((a, b) => b.gain - a.gain);
      let best: Fit | null = null;
      let most = LEAST_GAIN;
      for (const { candidate } of promising.slice(0, REFINED)) {
        const fit = this.#refined(explanation, candidate);
        if (fit.gain - candidate.price > most) {
          best = fit;
          most = fit.gain - candidate.price;
        }
        if (this.#work > STEP) {
          this.#work = 0;
          yield;
        }
      }
      if (!best) {
        return;
      }
      explanation.add(best.cause);
      yield;
      yield* this.#refit(explanation);
    }
  }

  /** Causes that share flows share out their losses: fits each again, beside the others. */
  *#refit(explanation: Explanation): Generator<undefined, void> {
    if (explanation.causes.length < 2) {
      return;
    }
    for (const cause of explanation.causes) {
      const { site, effect, price } = cause;
      if (effect.kind === "loss" || effect.extent === "share") {
        const saved = explanation.save();
        const before = explanation.price;
        explanation.remove(cause);
        explanation.add(fitCause(explanation, site, effect, price, false).cause);
        if (explanation.price > before - 0.01) {
          explanation.restore(saved);
        }
        yield;
      }
    }
  }

  #look(explanation: Explanation, candidate: Candidate): Fit | null {
    const { site, effect, price, looks } = candidate;
    this.#work += 1;
    const stamp = explanation.stampOf(site);
    const known = looks.find((look) => look.stamp === stamp);
    if (known) {
      return known.fit;
    }
    let fit: Fit | null = null;
    if (explanation.mayGain(site, effect, price)) {
      this.#work += site.members.length;
      fit = fitCause(explanation, site, effect, price, true);
    }
    candidate.looks = [{ stamp, fit, full: effect.kind === "dead" }, ...looks.slice(0, 1)];
    return fit;
  }

  #refined(explanation: Explanation, candidate: Candidate): Fit {
    const { site, effect, price, looks } = candidate;
    const stamp = explanation.stampOf(site);
    const known = looks.find((look) => look.stamp === stamp && look.full);
    if (known?.fit) {
      return known.fit;
    }
    this.#work += 5 * site.members.length;
    const fit = fitCause(explanation, site, effect, price, false);
    candidate.looks = [
      { stamp, fit, full: true },
      ...looks.filter((look) => look.stamp !== stamp).slice(0, 1),
    ];
    return fit;
  }
}
