import {
  type Candidate,
  candidatesOf,
  isPieced,
  isSupposed,
  isWhole,
  partsOf,
} from "./candidate.ts";
import { CandidateFits, gainOf } from "./candidate-fits.ts";
import { killsAll } from "./effect.ts";
import { estimateEffect, type Fit } from "./effect-estimation.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";
import { choosePacked, type Packable } from "./packing.ts";
import { companions, rivals, type Supposable } from "./rivals.ts";

/** Most hypotheses that one set holds. */
const MAX_HYPOTHESES = 6;
/** Candidates whose first look is not this many nats below their cost may be better than they look. */
const ROUGH = 25;
/** As many of them, the best first, are looked at closely. */
const REFINED = 6;
/** Nats, set by hand (2026-11), for each further fault in the place of one. */
const SEVERAL = 1.5;
/** A change must gain more than this, in nats. */
const LEAST_GAIN = 1e-6;

/** Looks for the hypotheses that make the evidence cheapest. Keeps what it learns from one search to the next. */
export class Search {
  readonly #candidates: readonly Candidate[];
  readonly #fits: CandidateFits = new CandidateFits();

  constructor(locations: readonly FaultLocation[]) {
    this.#candidates = candidatesOf(locations);
  }

  /**
   * Improves the set in place: adds the hypothesis that gains most until nothing gains, then tries, `rounds` times
   * at most, to do better with others instead of each of the hypotheses. Sites for which `banned` holds are not used.
   * Pauses every now and then, between steps of about a millisecond.
   */
  *improve(
    set: HypothesisSet,
    rounds: number,
    banned: (location: FaultLocation) => boolean = () => false,
  ): Generator<undefined, void> {
    const candidates = this.#candidates.filter(({ location }) => !banned(location));
    const tried = new Set<Hypothesis>();
    let changed = true;
    yield* this.#grow(set, candidates);
    for (let round = 0; round < rounds && changed; round++) {
      changed = false;
      for (const hypothesis of set.hypotheses) {
        // What kills all flows of a place stands on too much evidence to be replaced, unless it was pieced together by it.
        const { effect, location } = hypothesis;
        const stands = killsAll(effect);
        if ((stands && location.kind !== "aliases") || !set.hypotheses.includes(hypothesis)) {
          continue;
        }
        tried.add(hypothesis);
        // First without all that the same flows cross, else its double takes its place.
        const { flowsKey } = location;
        const others =
          round === 0
            ? candidates.filter((other) => other.location.flowsKey !== flowsKey)
            : candidates.filter((other) => other.location !== location || other.effect !== effect);
        const choices = [() => this.#grow(set, others)];
        if (location.kind === "behind") {
          // With routers whose answers get lost on the way back, or without: what else is broken may tell.
          const plain = candidates.filter((other) => other.location !== location);
          choices.push(() => this.#grow(set, plain));
          // A part of what comes back may be one fault with a place on the way there, which all of it may not.
          const part = candidates.find(
            (other) =>
              effect.extent === "all" &&
              other.location === location &&
              other.effect.extent === "share" &&
              other.effect.kind === effect.kind,
          );
          if (part !== undefined) choices.push(() => this.#growFrom(set, part, candidates));
        }
        if (isPieced(hypothesis)) {
          choices.push(() => this.#pack(set, candidates.filter(isWhole)));
          choices.push(...this.#crossing(set, hypothesis, candidates));
        }
        if (location.kind === "aliases") {
          choices.push(() => this.#grow(set, partsOf(location, candidates)));
        }
        if (yield* this.#replace(set, hypothesis, choices)) changed = true;
        else yield* this.#double(set, hypothesis, candidates);
      }
    }
    // What has come in place of others has not been looked at.
    for (const hypothesis of rounds > 0 ? set.hypotheses : []) {
      if (!tried.has(hypothesis)) yield* this.#split(set, hypothesis, candidates);
    }
  }

  /** Takes the parts of what was pieced together in its place: two broken at once look like one with two addresses. */
  *#split(
    set: HypothesisSet,
    hypothesis: Hypothesis,
    candidates: readonly Candidate[],
  ): Generator<undefined, void> {
    if (hypothesis.location.kind !== "aliases" || !set.hypotheses.includes(hypothesis)) return;
    yield* this.#replace(set, hypothesis, [
      () => this.#grow(set, partsOf(hypothesis.location, candidates)),
      ...this.#crossing(set, hypothesis, candidates),
    ]);
  }

  /** Whole places one after the other, where what loses a part was pieced together: some flows may cross two of them, and lose more. */
  #crossing(
    set: HypothesisSet,
    { effect }: Hypothesis,
    candidates: readonly Candidate[],
  ): (() => Generator<undefined, void>)[] {
    if (effect.kind === "dead") return [];
    // What all flows cross explains most at first, and leaves the others little to gain.
    const isParting = (each: Candidate): boolean =>
      isWhole(each) && !set.isCrossedByMost(each.location);
    return [() => this.#grow(set, candidates.filter(isParting))];
  }

  /** Puts the cheapest of several choices in a hypothesis's place, if it is cheaper than that. */
  *#replace(
    set: HypothesisSet,
    hypothesis: Hypothesis,
    choices: readonly (() => Generator<undefined, void>)[],
  ): Generator<undefined, boolean> {
    let best = set.save();
    let least = set.cost - LEAST_GAIN;
    let isReplaced = false;
    set.remove(hypothesis);
    const bare = set.save();
    for (const choose of choices) {
      yield* choose();
      // One that stands for several is likelier than the several, which would have to break at once.
      const more = Math.max(0, set.hypotheses.length - bare.hypotheses.length - 1);
      const cost = set.cost + SEVERAL * more;
      if (cost < least) {
        best = set.save();
        least = cost;
        isReplaced = true;
      }
      set.restore(bare);
    }
    set.restore(best);
    return isReplaced;
  }

  /**
   * Adds several at once of which each explains failing flows of its own: taken one by one, what all of these flows
   * have in common explains most, and none of the several gains enough beside it.
   */
  *#pack(set: HypothesisSet, candidates: readonly Candidate[]): Generator<undefined, void> {
    const open: (Packable & { candidate: Candidate })[] = [];
    for (const candidate of candidates) {
      const gain = gainOf(set, candidate, this.#fits.look(set, candidate));
      if (gain > LEAST_GAIN) {
        const members = candidate.location.members.filter(({ weight }) => weight > 0.5);
        const flows = members.map(({ flow }) => flow);
        const failing = new Set(flows.filter((flow) => set.countsOf(flow).failures > 0));
        open.push({ candidate, gain, failing });
      }
      if (this.#fits.isTired()) yield;
    }
    const chosen = choosePacked(open, MAX_HYPOTHESES - set.hypotheses.length);
    for (const { candidate } of chosen) set.add(this.#fits.refined(set, candidate).hypothesis);
    if (chosen.length > 0) yield* this.#grow(set, candidates);
  }

  /** Takes, of all that exactly the same flows cross, what explains best what the others leave. */
  *#double(
    set: HypothesisSet,
    hypothesis: Hypothesis,
    candidates: readonly Candidate[],
  ): Generator<undefined, void> {
    const saved = set.save();
    let best: Fit | null = null;
    let least = set.cost - LEAST_GAIN;
    set.remove(hypothesis);
    least -= set.cost;
    for (const candidate of candidates) {
      if (candidate.location.flowsKey !== hypothesis.location.flowsKey) continue;
      const fit = this.#fits.refined(set, candidate);
      const gain = gainOf(set, candidate, fit);
      if (-gain < least) {
        best = fit;
        least = -gain;
      }
      if (this.#fits.isTired()) yield;
    }
    if (best === null) set.restore(saved);
    else set.add(best.hypothesis);
  }

  /** What could be added to the set instead of what was taken away from it. */
  rivals(set: HypothesisSet, taken: Hypothesis): Generator<undefined, Supposable[]> {
    return rivals(set, this.#candidates, this.#fits, taken);
  }

  /** What may be broken beside the way back, as one fault with it. */
  companions(set: HypothesisSet): Generator<undefined, Supposable[]> {
    return companions(set, this.#candidates, this.#fits);
  }

  /** Begins with one, whatever it gains, and goes on with what gains most beside it. */
  *#growFrom(
    set: HypothesisSet,
    first: Candidate,
    candidates: readonly Candidate[],
  ): Generator<undefined, void> {
    set.add(this.#fits.refined(set, first).hypothesis);
    yield;
    yield* this.#grow(set, candidates);
  }

  *#grow(set: HypothesisSet, candidates: readonly Candidate[]): Generator<undefined, void> {
    while (set.hypotheses.length < MAX_HYPOTHESES) {
      const promising: { candidate: Candidate; gain: number }[] = [];
      for (const candidate of candidates) {
        if (isSupposed(set, candidate.location)) continue;
        const fit = this.#fits.look(set, candidate);
        const gain = gainOf(set, candidate, fit);
        if (fit && gain > -ROUGH) {
          promising.push({ candidate, gain });
        }
        if (this.#fits.isTired()) yield;
      }
      promising.sort((a, b) => b.gain - a.gain);
      let best: Fit | null = null;
      let most = LEAST_GAIN;
      for (const { candidate } of promising.slice(0, REFINED)) {
        const fit = this.#fits.refined(set, candidate);
        const gain = gainOf(set, candidate, fit);
        if (gain > most) {
          best = fit;
          most = gain;
        }
        if (this.#fits.isTired()) yield;
      }
      if (!best) {
        set.prune(LEAST_GAIN);
        return;
      }
      set.add(best.hypothesis);
      yield;
      yield* this.#refit(set);
    }
  }

  /** Causes that share flows share out their losses: fits each again, beside the others. */
  *#refit(set: HypothesisSet): Generator<undefined, void> {
    if (set.hypotheses.length < 2) {
      return;
    }
    for (const hypothesis of set.hypotheses) {
      const { location, effect, cost } = hypothesis;
      if (effect.kind === "loss" || effect.extent === "share") {
        const saved = set.save();
        const before = set.cost;
        set.remove(hypothesis);
        set.add(estimateEffect(set, location, effect, cost, false).hypothesis);
        if (set.cost > before - 0.01) {
          set.restore(saved);
        }
        yield;
      }
    }
  }
}
