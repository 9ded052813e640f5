import { type Candidate, isSupposed } from "./candidate.ts";
import { type CandidateFits, gainOf } from "./candidate-fits.ts";
import type { Effect } from "./effect.ts";
import type { Fit } from "./effect-estimation.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";

/** Candidates whose first look is not this many nats below their cost may be better than they look. */
const ROUGH = 8;

/** What could be supposed as well: a location with its effect, and the nats that it gains, its own cost paid. */
export interface Supposable {
  readonly location: FaultLocation;
  readonly effect: Effect;
  readonly gain: number;
}

/**
 * What could be added to the set instead of what was taken away from it: each location with its best effect. Those that gain nothing are
 * left out. Pauses every now and then.
 * @param taken what was taken away. Where it was one fault with what is left, a place that is dead may be as well
 */
export function* rivals(
  set: HypothesisSet,
  candidates: readonly Candidate[],
  fits: CandidateFits,
  taken: Hypothesis,
): Generator<undefined, Supposable[]> {
  const best = new Map<FaultLocation, Supposable>();
  const isOne = set.sparedAtMost(taken) > set.sparedBy(taken);
  const gainIn = (candidate: Candidate, fit: Fit | null): number => {
    const gain = gainOf(set, candidate, fit);
    if (!isOne || fit === null) return gain;
    return gain + set.sparedAtMost(fit.hypothesis) - set.sparedBy(fit.hypothesis);
  };
  for (const candidate of candidates) {
    const { location, effect } = candidate;
    if (isSupposed(set, location)) continue;
    const rough = gainIn(candidate, fits.look(set, candidate));
    if (rough > -ROUGH) {
      const gain = gainIn(candidate, fits.refined(set, candidate));
      if (gain > Math.max(0, best.get(location)?.gain ?? 0)) {
        best.set(location, { location, effect, gain });
      }
    }
    if (fits.isTired()) yield;
  }
  return [...best.values()];
}

/**
 * What may be broken on the way there beside a way back that is supposed, as one fault with it. The gain is what it lacks where it is below
 * 0. Pauses every now and then.
 */
export function* companions(
  set: HypothesisSet,
  candidates: readonly Candidate[],
  fits: CandidateFits,
): Generator<undefined, Supposable[]> {
  const found: Supposable[] = [];
  for (const candidate of candidates) {
    const { location, effect, cost } = candidate;
    if (effect.extent === "share" || location.kind === "behind") continue;
    const rough = fits.look(set, candidate);
    if (rough === null || isSupposed(set, location) || rough.gain < cost - ROUGH) continue;
    const fit = fits.refined(set, candidate);
    const spared = set.sparedAtMost(fit.hypothesis);
    if (spared > 0) found.push({ location, effect, gain: fit.gain - cost + spared });
    if (fits.isTired()) yield;
  }
  return found;
}
