import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";
import type { Scene } from "./scene.ts";
import type { Search } from "./search.ts";
import { describePlace, type Rival } from "./suspect.ts";
import type { SuspectPlace } from "./suspect-place.ts";

/**
 * The likelihood takes flows and sweeps for independent, which they are not quite: differences of cost are divided by
 * this before they count as odds. Set by hand beside the calibration table of `npm run bench` (2026-11), not fitted to it.
 */
const TEMPER = 1.6;
/** Nobody is surer than this of what is dead. */
const MOST = 0.995;
/**
 * Nor than this of what loses a part: counts of a few probes look alike on neighbouring links. Chosen on half of the second
 * generator's networks and one seed of the third's (2026-11), where of what was said of loss with 0.99 one in twenty was wrong,
 * of death one in ninety.
 */
const MOST_OF_LOSS = 0.97;
/** Rivals at least this likely, relative to the best, are alternatives. */
const LEAST_ALTERNATIVE = 0.1;

/** How sure a hypothesis is, and what else it may be. */
export interface Confidence {
  /** Chance, 0 to 1, that the place told is right. */
  readonly chance: number;
  readonly rivals: readonly Rival[];
}

/** Puts a number on how sure the hypotheses of a set are. */
export class ConfidenceEstimator {
  readonly #set: HypothesisSet;
  readonly #search: Search;
  readonly #scene: Scene;

  constructor(set: HypothesisSet, search: Search, scene: Scene) {
    this.#set = set;
    this.#search = search;
    this.#scene = scene;
  }

  /**
   * Weighs a hypothesis against all that could stand in its place: each other location alone, and the best set that
   * does without it. Locations that exactly the same flows cross on the same part of the way count for it, and are alternatives,
   * because nothing tells them apart. The set is left as it was.
   */
  *estimate(hypothesis: Hypothesis): Generator<undefined, Confidence> {
    const own = describePlace(this.#scene, hypothesis.location, hypothesis.effect);
    const saved = this.#set.save();
    const best = this.#set.cost;
    this.#set.remove(hypothesis);
    const bare = this.#set.cost;
    const singles = yield* this.#search.rivals(this.#set);
    const known = new Map<FaultLocation, boolean>();
    const isSame = (location: FaultLocation, place: () => SuspectPlace): boolean => {
      const told = known.get(location) ?? same(hypothesis.location, own, location, place());
      known.set(location, told);
      return told;
    };
    let mine = weight(0);
    let others = weight(bare - best);
    const rivals: { rival: Rival; cost: number }[] = [];
    for (const { location, effect, gain } of singles) {
      if (location === hypothesis.location) {
        continue;
      }
      const dearer = bare - gain - best;
      const likely = weight(dearer);
      if (isSame(location, () => describePlace(this.#scene, location, effect))) {
        mine += likely;
      } else {
        others += likely;
      }
      if (likely >= LEAST_ALTERNATIVE) {
        rivals.push({ rival: { location, effect }, cost: dearer });
      }
    }
    const banned = (location: FaultLocation): boolean =>
      isSame(location, () => describePlace(this.#scene, location, hypothesis.effect));
    yield* this.#search.improve(
      this.#set,
      0,
      (location) => location === hypothesis.location || banned(location),
    );
    if (this.#set.hypotheses.length > saved.hypotheses.length) {
      others += weight(this.#set.cost - best);
    }
    this.#set.restore(saved);
    rivals.sort((a, b) => a.cost - b.cost);
    return {
      chance: Math.min(
        hypothesis.effect.kind === "dead" ? MOST : MOST_OF_LOSS,
        mine / (mine + others),
      ),
      rivals: rivals.map(({ rival }) => rival),
    };
  }
}

/** Odds of an explanation that is so many nats dearer than the best. */
function weight(dearer: number): number {
  return Math.exp(-Math.max(-20, dearer) / TEMPER);
}

/** Whether naming one place is as right as naming the other. */
function same(
  mine: FaultLocation,
  own: SuspectPlace,
  other: FaultLocation,
  { from, to, segment, name }: SuspectPlace,
): boolean {
  if (segment !== own.segment) {
    return false;
  }
  return (
    mine.flowsKey === other.flowsKey ||
    (from === own.from && to === own.to) ||
    (name === own.name && to !== null && own.to !== null)
  );
}
