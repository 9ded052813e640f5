import { flowsOf } from "./counts.ts";
import { type Effect, killsAll } from "./effect.ts";
import { besides, type FaultLocation, forkOf } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";
import { TARGET } from "./network.ts";
import { entryOf } from "./place-of.ts";
import type { Scene } from "./scene.ts";
import type { Search } from "./search.ts";
import { silentStretchAfter } from "./silent-stretch.ts";
import { type Confidence, describePlace, hitBy, type Rival } from "./suspect.ts";
import type { SuspectPlace } from "./suspect-place.ts";
import { rowsOf } from "./suspect-reason.ts";
import { costUnevenly, isEvenLoss } from "./uneven-loss.ts";
import { isWayBackOfLast, mayTellWayBack } from "./way-back-address.ts";

/**
 * The likelihood takes flows and sweeps for independent, which they are not quite: differences of cost are divided by
 * this before they count as odds. Set by hand beside the calibration table of `npm run bench:localize` (2026-11), not fitted to it.
 */
const TEMPER = 1.6;
/** Nobody is surer than this of what is dead. */
const MOST = 0.995;
/**
 * Nor than this of what loses a part: counts of a few probes look alike on neighbouring links; of a share of the flows of a place; and of
 * addresses that were taken for one router's because they fail. What fails has chosen its own explanation there. Chosen on half of the second
 * generator's networks and one seed of the third's (2026-11), where of what was said of loss with 0.99 one in twenty was wrong,
 * of death one in ninety.
 */
const MOST_OF_LOSS = 0.97;
/**
 * Nor than this while hardly any way of a flow that works is known: what they cross would clear most of what is supposed. Set by hand
 * (2026-11).
 */
const MOST_OF_LITTLE = 0.6;
/**
 * Nor than this where an address tells that the way back is broken: it may be a router's that is broken itself. Set by hand (2026-11).
 */
const MOST_OF_ADDRESS = 0.6;
/** Nor than this where it may, though it is likelier a router's. Set by hand (2026-11). */
const MOST_OF_MESHED = 0.8;
/** Nor than this that a router of several addresses drops what comes in by one of them: there may be as many routers. Set by hand (2026-11). */
const MOST_OF_ENTRY = 0.85;
/**
 * Nor than this that it is the way back which is broken for some, where most of what fails was never seen to work: a router may be dead that nobody has
 * seen, and take answers as well. Set by hand (2026-11).
 */
const MOST_OF_UNSEEN = 0.6;
/**
 * Nor than this of what loses a part where one flow alone has shown it: among so many links some are crossed by that flow alone, and it may as well come back
 * by another way than all others. Of twelve such in generated networks ten were right (2026-11).
 */
const MOST_OF_ONE_FLOW = 0.8;
/** Nor than this where several silent hops hide what is behind the last one that answers. Set by hand (2026-11). */
const MOST_OF_HIDDEN = 0.6;
/**
 * By so much likelier a lossy router or cable is that many flows cross than an endpoint or a place of all flows that loses evenly, where counts fit both:
 * there are more of them. Set by hand on simulated networks of one half of the seeds and shown on the other (2026-12).
 */
const UNEVEN = 2;
/** So many ways of flows that work are enough, or so large a part of these flows. */
const ENOUGH_WAYS = 6;
const ENOUGH_OF_THEM = 0.25;
/** Less sure than this of which of several silent places it is, what is told is that it lies behind the hop before them. */
const SURE_OF_BRANCH = 0.9;
/** Share of the doubt that telling it widely has to take away. */
const WIDER = 0.5;
/** Rivals at least this likely, relative to the best, are alternatives. */
const LEAST_ALTERNATIVE = 0.1;

/** What is cheaper by less, in nats, is the same. */
const LEAST_CHEAPER = 0.05;

/** Puts a number on how sure the hypotheses of a set are. */
export class ConfidenceEstimator {
  readonly #set: HypothesisSet;
  readonly #search: Search;
  readonly #scene: Scene;
  /** What explains the window more cheaply than the set did, found while one of its hypotheses was weighed. */
  #cheaper: { readonly saved: ReturnType<HypothesisSet["save"]>; readonly cost: number } | null =
    null;

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
    const { location: mine, effect: kind } = hypothesis;
    const own = describePlace(this.#scene, mine, kind);
    const wideOwn = describePlace(this.#scene, mine, kind, true);
    const saved = this.#set.save();
    const best = this.#set.cost;
    this.#set.remove(hypothesis);
    const bare = this.#set.cost;
    const singles = yield* this.#search.rivals(this.#set, hypothesis);
    const known = new Map<FaultLocation, boolean>();
    // What a router drops after it has answered is told as the link into it, of which it is no part.
    const isEntry = (location: FaultLocation, effect: Effect): boolean =>
      entryOf(this.#scene, location, effect) !== null;
    const isOwnEntry = isEntry(mine, kind);
    const isSameWidely = (location: FaultLocation, effect: Effect): boolean => {
      const told =
        known.get(location) ??
        (same(mine, wideOwn, location, describePlace(this.#scene, location, effect, true)) &&
          (mine.flowsKey === location.flowsKey || isEntry(location, effect) === isOwnEntry));
      known.set(location, told);
      return told;
    };
    const odds = { own: weight(0), wide: weight(0), others: weight(bare - best) };
    const rivals: { rival: Rival; cost: number }[] = [];
    for (const { location, effect, gain } of singles) {
      if (location === mine) {
        continue;
      }
      const dearer = bare - gain - best;
      const likely = weight(dearer);
      const isWide = isSameWidely(location, effect);
      const isOwn =
        isWide && same(mine, own, location, describePlace(this.#scene, location, effect));
      odds.own += isOwn ? likely : 0;
      odds.wide += isWide ? likely : 0;
      odds.others += isOwn ? 0 : likely;
      if (likely >= LEAST_ALTERNATIVE) {
        rivals.push({ rival: { location, effect }, cost: dearer });
      }
    }
    yield* this.#search.improve(
      this.#set,
      0,
      (location) => location === mine || isSameWidely(location, kind),
    );
    if (this.#set.hypotheses.length > saved.hypotheses.length) {
      odds.others += weight(this.#set.cost - best);
    }
    this.#noteCheaper(best, saved.hypotheses.length);
    this.#set.restore(saved);
    if (isEvenLoss(hypothesis, this.#scene.counts)) {
      odds.others += UNEVEN * weight(costUnevenly(this.#set, hypothesis) - best);
    }
    // Of a place that takes answers as well nothing but the place is told.
    const both = mine.kind === "behind" ? yield* this.#search.companions(this.#set) : [];
    for (const { location, effect, gain } of both) {
      const likely = weight(-gain);
      odds.others += likely;
      if (likely >= LEAST_ALTERNATIVE) rivals.push({ rival: { location, effect }, cost: -gain });
    }
    rivals.sort((a, b) => a.cost - b.cost);
    const all = odds.own + odds.others;
    const isUnsure = odds.own / all < SURE_OF_BRANCH;
    const wide = isUnsure && odds.wide - odds.own > WIDER * (all - odds.own);
    // It is one of so many places side by side, unless they are told together.
    const choices = forkOf(mine) === null ? 1 + besides(mine).length : 1;
    const most = this.#mostOf(hypothesis);
    return {
      chance: Math.min(
        isLittleKnown(this.#scene) && mine.shared === undefined ? MOST_OF_LITTLE : most,
        (wide ? odds.wide : odds.own) / all / choices / placesOf(this.#scene, mine),
      ),
      wide,
      rivals: rivals.map(({ rival }) => rival),
    };
  }

  /** That fewer faults explain as much is for the search to say, which sets a price on it. */
  #noteCheaper(best: number, count: number): void {
    const { cost, hypotheses } = this.#set;
    const least = Math.min(best - LEAST_CHEAPER, this.#cheaper?.cost ?? best);
    if (cost < least && hypotheses.length >= count) {
      this.#cheaper = { saved: this.#set.save(), cost };
    }
  }

  /** Puts what was found to be cheaper into the set; false where nothing was. */
  takeCheaper(): boolean {
    if (this.#cheaper === null) return false;
    this.#set.restore(this.#cheaper.saved);
    this.#cheaper = null;
    return true;
  }

  /** How sure anybody may be of what it supposes. */
  #mostOf(hypothesis: Hypothesis): number {
    const { location } = hypothesis;
    if (isWayBackOfLast(this.#scene, location)) return MOST_OF_ADDRESS;
    const hit = hitBy(this.#scene, location, hypothesis.effect.kind === "dead");
    if (silentStretchAfter(this.#scene, location, hypothesis.effect, hit) !== undefined)
      return MOST_OF_HIDDEN;
    const { input, counts } = this.#scene;
    const isOneFlow = flowsOf(rowsOf(counts, hit)) === 1;
    if (hypothesis.effect.kind === "loss" && isOneFlow) return MOST_OF_ONE_FLOW;
    const unseen = hit.filter(({ flow }) => (input.flows[flow]?.path ?? null) === null);
    const isBack = location.kind === "behind" && hypothesis.effect.extent === "share";
    if (isBack && 2 * unseen.length > hit.length) return MOST_OF_UNSEEN;
    if (entryOf(this.#scene, location, hypothesis.effect) !== null) return MOST_OF_ENTRY;
    const most = isPlain(hypothesis) ? MOST : MOST_OF_LOSS;
    return mayTellWayBack(this.#scene, location) ? Math.min(most, MOST_OF_MESHED) : most;
  }
}

/** Whether all flows of a place die that the network itself shows, so that nothing about it was chosen by what fails. */
function isPlain({ location, effect }: Hypothesis): boolean {
  return killsAll(effect) && location.picked <= 0;
}

/** Whether the ways of too few flows that work are known to clear what they cross. */
function isLittleKnown({ input }: Scene): boolean {
  if (input.moving === true) return true;
  let [working, known] = [input.unplaced ?? 0, 0];
  for (const { failures, path, alike = 1 } of input.flows) {
    if (failures > 0) continue;
    working += alike;
    known += path === null ? 0 : alike;
  }
  return known < Math.min(ENOUGH_WAYS, ENOUGH_OF_THEM * working);
}

/**
 * Behind how many hops a place lies that was never seen, each counted by its part of the failures: it is told behind the one that has most of them.
 */
function placesOf({ network, counts }: Scene, { kind, hops, members }: FaultLocation): number {
  if (kind !== "silent" || !hops.every((id) => network.isUnknown(id))) return 1;
  const byHop = new Map<number | null | undefined, number>();
  for (const { flow, weight, link } of members) {
    const { failures = 0, alike = 1 } = counts[flow] ?? {};
    const before = network.hops[link?.to ?? TARGET]?.before;
    if (failures > 0) byHop.set(before, (byHop.get(before) ?? 0) + weight * alike);
  }
  const all = [...byHop.values()].reduce((sum, part) => sum + part, 0);
  return all > 0 ? all / Math.max(...byHop.values()) : 1;
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
  theirs: SuspectPlace,
): boolean {
  const { from, to, segment, name } = theirs;
  if (segment !== own.segment) {
    return false;
  }
  return (
    mine.flowsKey === other.flowsKey ||
    (from === own.from && to === own.to) ||
    (name === own.name && isNamedItself(own) && isNamedItself(theirs))
  );
}

/** Whether the name is that of the place, and not of the hop before what is not known. */
function isNamedItself({ to, place }: SuspectPlace): boolean {
  return to !== null || place === "router";
}
