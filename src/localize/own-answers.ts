import { type Counts, flowsOf } from "./counts.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";

/** Losses that differ by more are two faults', and so many times more: each is told by a few flows' few probes. */
const LIKE_LOSS = 0.1;
const LIKE_LOSSES = 1.7;
/** Standard errors by which what is counted of one loss may differ in between: one pair in twenty is further apart. */
const BY_ERROR = 2;
/** Answers come back by as many ways as packets go there, about: a place takes no more of the ones than so many times its share of the others. */
const MOST_OF_BACK = 2;
/** Standard deviations by which flows that are hashed at random may miss their share: one network in twenty is further off. */
const BY_CHANCE = 1.64;
/** Larger parts of all flows are nearly all. Set by hand (2026-11): half of them, and more by chance, cross one of two places. */
const MOST_OF_ALL = 0.75;

/** Whether both kill, or both lose about as much: no further apart than their probes let one loss be told twice. */
export function isLike(
  one: Hypothesis,
  other: Hypothesis,
  counts: readonly Pick<Counts, "alike" | "probes">[],
): boolean {
  if (one.effect.kind !== other.effect.kind) return false;
  const [less, more] = [Math.min(one.loss, other.loss), Math.max(one.loss, other.loss)];
  if (more <= LIKE_LOSSES * less) return true;
  const error = Math.sqrt(varianceOf(one, counts) + varianceOf(other, counts));
  return more - less <= Math.min(LIKE_LOSS, BY_ERROR * error);
}

/** Square of the standard error of a loss, by the probes of the flows that it meets. */
function varianceOf(
  { location, share, loss }: Hypothesis,
  counts: readonly Pick<Counts, "alike" | "probes">[],
): number {
  const probes = location.members.reduce((sum, { flow, weight }) => {
    const { alike = 0, probes: own = 0 } = counts[flow] ?? {};
    return sum + share * weight * alike * own;
  }, 0);
  return (loss * (1 - loss)) / Math.max(1, probes);
}

/**
 * Whether the way back takes no more of the flows that go there by other places than a place takes of all, but for chance: it may be the
 * same place then, which answers come back by.
 * @param all flows
 * @param crossing those that go there by the place
 * @param others those of the rest that get no answer, or not always
 */
export function isItsShare(all: number, crossing: number, others: number): boolean {
  const rest = all - crossing;
  const part = crossing / all;
  const most = Math.min(1, MOST_OF_BACK * part);
  const variance =
    rest * most * (1 - most) + (MOST_OF_BACK * rest) ** 2 * ((part * (1 - part)) / all);
  return others <= most * rest + BY_CHANCE * Math.sqrt(variance);
}

/** How many flows cross a place, each with its chance. */
export function crossingOf(
  { members }: FaultLocation,
  counts: readonly Pick<Counts, "alike">[],
): number {
  return members.reduce((sum, { flow, weight }) => sum + weight * (counts[flow]?.alike ?? 0), 0);
}

/** Whether so many flows are nearly all. */
export function areMost(flows: number, all: number): boolean {
  return flows > MOST_OF_ALL * all;
}

/**
 * Whether one of the two is a place on the way there, broken for all that crosses it, and the other the way back as far as it goes by that place.
 * @param mayTellBack whether a place may be one of the addresses that tell which way answers go back
 */
export function areOneFault(
  one: Hypothesis,
  other: Hypothesis,
  counts: readonly Pick<Counts, "alike" | "probes">[],
  mayTellBack: (location: FaultLocation) => boolean,
): boolean {
  if (!isLike(one, other, counts)) return false;
  const takes = (there: Hypothesis, back: Hypothesis): boolean => {
    const { location, effect } = there;
    if (location.kind === "behind" || effect.extent !== "all" || location.picked > 0) return false;
    const isBack =
      back.location.kind === "behind"
        ? back.effect.extent === "share"
        : back.effect.kind === "loss" && mayTellBack(back.location) && !mayTellBack(location);
    if (!isBack) return false;
    const [all, crossing] = [flowsOf(counts), crossingOf(location, counts)];
    // What nearly all flows cross leaves no others to tell by.
    if (areMost(crossing, all)) return false;
    // Fitted without the place, the share of what lies behind the last router holds its flows as well.
    const others =
      back.location.kind === "behind"
        ? Math.min(back.share * (all - crossing), back.share * all - crossing)
        : othersHit(back, counts, weightsIn(location));
    return isItsShare(all, crossing, Math.max(0, others));
  };
  return takes(one, other) || takes(other, one);
}

/** By flow, its chance to cross a place. */
function weightsIn({ members }: FaultLocation): ReadonlyMap<number, number> {
  return new Map(members.map(({ flow, weight }) => [flow, weight]));
}

/** How many flows a fault hits, each with its chance, of those that do not cross another place. @param crosses by flow, its chance to */
export function othersHit(
  { location, share }: Hypothesis,
  counts: readonly Pick<Counts, "alike">[],
  crosses: ReadonlyMap<number, number>,
): number {
  return location.members.reduce(
    (sum, { flow, weight }) =>
      sum + share * weight * (1 - (crosses.get(flow) ?? 0)) * (counts[flow]?.alike ?? 0),
    0,
  );
}
