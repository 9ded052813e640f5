import { type Counts, flowsOf } from "./counts.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";

/** Losses that differ by more are two faults', and so much more: each is told by a few flows' few probes. */
const LIKE_LOSS = 0.1;
const LIKE_LOSSES = 1.7;
/** Answers come back by as many ways as packets go there, about: a place takes no more of the ones than so many times its share of the others. */
const MOST_OF_BACK = 2;
/** Standard deviations by which flows that are hashed at random may miss their share: one network in twenty is further off. */
const BY_CHANCE = 1.64;
/** Larger parts of all flows are nearly all. Set by hand (2026-11): half of them, and more by chance, cross one of two places. */
const MOST_OF_ALL = 0.75;

/** Whether both kill, or both lose about as much. */
export function isLike({ effect, loss }: Hypothesis, other: Hypothesis): boolean {
  if (effect.kind !== other.effect.kind) return false;
  const [less, more] = [Math.min(loss, other.loss), Math.max(loss, other.loss)];
  return more - less <= LIKE_LOSS || more <= LIKE_LOSSES * less;
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

/** Whether nearly all flows cross a place. */
export function isCrossedByMost(
  location: FaultLocation,
  counts: readonly Pick<Counts, "alike">[],
): boolean {
  return crossingOf(location, counts) > MOST_OF_ALL * flowsOf(counts);
}

/**
 * Whether one of the two is a place on the way there, broken for all that crosses it, and the other the way back as far as it goes by that place.
 * @param mayTellBack whether a place may be one of the addresses that tell which way answers go back
 */
export function areOneFault(
  one: Hypothesis,
  other: Hypothesis,
  counts: readonly Pick<Counts, "alike">[],
  mayTellBack: (location: FaultLocation) => boolean,
): boolean {
  if (!isLike(one, other)) return false;
  const takes = (there: Hypothesis, back: Hypothesis): boolean => {
    const { location, effect } = there;
    if (location.kind === "behind" || effect.extent !== "all" || location.picked > 0) return false;
    const isBack =
      back.location.kind === "behind"
        ? back.effect.extent === "share"
        : back.effect.kind === "loss" && mayTellBack(back.location) && !mayTellBack(location);
    if (!isBack) return false;
    // It leaves no others to tell by.
    if (isCrossedByMost(location, counts)) return false;
    const others = Math.max(0, othersOf(location, back, counts));
    return isItsShare(flowsOf(counts), crossingOf(location, counts), others);
  };
  return takes(one, other) || takes(other, one);
}

/** How many flows the way back takes of those that do not cross a place on the way there. */
function othersOf(
  there: FaultLocation,
  back: Hypothesis,
  counts: readonly Pick<Counts, "alike">[],
): number {
  const { location, share } = back;
  const all = flowsOf(counts);
  const crossing = crossingOf(there, counts);
  // Fitted without the place, the share holds its flows as well.
  if (location.kind === "behind") return Math.min(share * (all - crossing), share * all - crossing);
  const weights = new Map(there.members.map(({ flow, weight }) => [flow, weight]));
  return hitBy(back, counts, (flow) => weights.get(flow) ?? 0);
}

/** How many flows a fault hits, each with its chance, of those that do not cross another place. */
export function hitBy(
  { location, share }: Hypothesis,
  counts: readonly Pick<Counts, "alike">[],
  crosses: (flow: number) => number,
): number {
  return location.members.reduce(
    (sum, { flow, weight }) =>
      sum + share * weight * (1 - crosses(flow)) * (counts[flow]?.alike ?? 0),
    0,
  );
}
