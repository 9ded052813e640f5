import { allFailed, flowsOf } from "./counts.ts";
import { type Effect, killsAll } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import { chanceOfDeathAt } from "./member.ts";
import { TARGET } from "./network.ts";
import { median, timesOf } from "./onset-times.ts";
import { crossingOf, isItsShare, isLike, othersHit } from "./own-answers.ts";
import type { Scene } from "./scene.ts";
import type { SharedKnowledge } from "./shared-fault.ts";
import type { Found } from "./solve.ts";
import { isWayBackOfLast, mayTellWayBack, tellsWayBack } from "./way-back-address.ts";

/** From this chance on a place on the way there is held to be broken. */
const SURE = 0.5;
/** Flows that a fault kills have failed as often in a row as each other but for so many probes: some are due a round later. */
const SAME_ONSET = 2;
/** So many flows that began to fail when all that cross the place had for long are another fault's. Set by hand (2026-11). */
const LATER_FLOWS = 3;
const LATER_MS = 5000;
/** At least so large a part of the others. */
const PART_OF_OTHERS = 1 / 3;
/** They began to fail within this time of each other, half of them and half of the others: each is probed once in ten seconds by default. */
const SAME_TIME_MS = 5000;
/** The same of those that lose a part, of which it shows later; counted from the second of them that failed. Set by hand (2026-11). */
const SAME_TIME_OF_LOSS_MS = 20_000;

/**
 * Leaves out that the way back is broken where a place on the way there broke at the same time: a dead router or link drops the answers
 * that come back by it as well, of flows that went there by others, and one that loses a part loses as much of them. Two faults that began
 * within a round of each other are far less likely than one.
 * @param shared what the flows of other targets have shown: what they have in common takes answers of all of them
 */
export function withoutOwnAnswers(
  scene: Scene,
  found: readonly Found[],
  shared: SharedKnowledge,
): Found[] {
  const there = found.filter(
    ({ chance, hypothesis: { location, effect } }) =>
      effect.extent === "all" &&
      (location.shared === undefined || shared.isBackHit === true) &&
      !isBack(scene, location, effect) &&
      chance >= SURE,
  );
  const told = found.some(({ hypothesis: { location, effect } }) => tells(scene, location, effect));
  return found.filter(({ hypothesis: back }) => {
    // Flows whose way is not known may meet the dead addresses instead.
    if (told && back.effect.extent === "share" && mayTellWayBack(scene, back.location))
      return false;
    const isWayBack = mayBeBack(scene, back.location, back.effect);
    const own = there.filter(
      ({ hypothesis }) =>
        isLike(hypothesis, back, scene.counts) &&
        hypothesis !== back &&
        (isWayBack || isAtItsEnd(scene, hypothesis, back)),
    );
    if (own.length === 0) return true;
    const isDead = back.effect.kind === "dead";
    const parts = partsOf(scene, own, back);
    const { all, crossing, others } = parts;
    if (!isItsShare(all, crossing, others)) return true;
    if (isDead && areLater(scene, own, back)) return true;
    if (back.effect.extent === "all" && !beganTogether(scene, own, back)) return true;
    // A link explains more than the way back leaves over, unless it is known that both broke at once.
    if (isDead && back.location.kind !== "behind" && !isTimed(scene)) return true;
    return isDead && !isAtOnce(parts);
  });
}

/** Whether it is an address that tells that the way back is dead. */
function tells(scene: Scene, location: FaultLocation, effect: Effect): boolean {
  return killsAll(effect) && location.kind !== "behind" && tellsWayBack(scene, location);
}

/** Whether it may be the way back: where it is not known to be, it is beside a place that explains it. */
export function mayBeBack(scene: Scene, location: FaultLocation, effect: Effect): boolean {
  if (effect.extent === "all" && mayTellWayBack(scene, location)) return true;
  return isBack(scene, location, effect);
}

/** Whether it is the way back, or a place that shows the same where it is the way back that is broken. */
function isBack(scene: Scene, location: FaultLocation, { extent }: Effect): boolean {
  if (extent === "all") return isWayBackOfLast(scene, location);
  if (location.kind === "behind" || crossingOf(location, scene.counts) > flowsOf(scene.counts) / 2)
    return true;
  // The answers of these routers set out where those of the destination do, each by the way that its flow's answers take.
  const last = new Set([TARGET, ...scene.kinship.lastInARow().flat()]);
  return location.hops.every((id) => last.has(id));
}

/**
 * Whether it is a share of what comes to a router by another link than the one that is broken: the router's answers set out by either, as
 * those of the destination do that cross it.
 */
function isAtItsEnd(
  { kinship }: Scene,
  { location: { hops, members } }: Hypothesis,
  { location, effect }: Hypothesis,
): boolean {
  if (effect.extent === "all") return false;
  const ends = new Set([
    ...hops,
    ...members.flatMap(({ link }) => (link === null ? [] : [link.to])),
  ]);
  return location.hops.every(
    (id) => id !== TARGET && [...ends].some((end) => end === id || !kinship.apart(end, id)),
  );
}

/** The flows by what they show of places on the way there. */
interface Parts {
  readonly all: number;
  /** Flows that cross one of the places. */
  readonly crossing: number;
  /** Others that are dead, or lose a part. */
  readonly others: number;
  /** Failures in a row, each flow once, of dead flows that cross one of the places, and of the others. */
  readonly rows: readonly [crossing: readonly number[], others: readonly number[]];
}

function partsOf({ counts }: Scene, there: readonly Found[], back: Hypothesis): Parts {
  const { effect, share } = back;
  const isDead = effect.kind === "dead";
  const weights = new Map<number, number>();
  for (const { hypothesis } of there) {
    for (const member of hypothesis.location.members) {
      const weight = isDead ? chanceOfDeathAt(member) : member.weight;
      weights.set(member.flow, Math.max(weight, weights.get(member.flow) ?? 0));
    }
  }
  let crossing = 0;
  let others = isDead ? 0 : othersHit(back, counts, weights);
  const rows: [number[], number[]] = [[], []];
  for (const [flow, row] of counts.entries()) {
    const { alike, failures } = row;
    const chance = weights.get(flow) ?? 0;
    const died = allFailed(row);
    // Of a dead flow that may cross it or not, that it died speaks for it.
    const weight = isDead && died ? chance / (chance + (1 - chance) * share) : chance;
    // That a flow works shows that it does not cross a dead place.
    crossing += died || !isDead ? weight * alike : 0;
    others += died && isDead ? (1 - weight) * alike : 0;
    if (died) rows[weight > 0.5 ? 0 : 1].push(...new Array<number>(alike).fill(failures));
  }
  return { all: flowsOf(counts), crossing, others, rows };
}

/** Whether it is known when flows began to fail. */
function isTimed({ input }: Scene): boolean {
  return input.flows.some(({ failing_since }) => failing_since !== undefined);
}

/**
 * Whether several of the others began to fail later than those that cross a place by as much as these differ among each other: each of them is
 * probed once a round, so that all had shown it by then.
 */
function areLater(scene: Scene, there: readonly Found[], { location }: Hypothesis): boolean {
  const { own, others } = membersOf(there, location);
  const times = timesOf(scene, own, "failing_since");
  if (times.length === 0) return false;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const from = last + Math.max(LATER_MS, last - first);
  return timesOf(scene, others, "failing_since").filter((at) => at > from).length >= LATER_FLOWS;
}

/** What crosses places on the way there, and of what the way back takes the others. */
function membersOf(
  there: readonly Found[],
  { members }: FaultLocation,
): Record<"own" | "others", FaultLocation["members"]> {
  const own = there.flatMap(({ hypothesis }) => hypothesis.location.members);
  const crossing = new Set(own.flatMap(({ flow, weight }) => (weight > 0.5 ? flow : [])));
  return { own, others: members.filter(({ flow }) => !crossing.has(flow)) };
}

/** Whether it is known when flows began to fail, and those of a place did when those of the others did. */
function beganTogether(scene: Scene, there: readonly Found[], back: Hypothesis): boolean {
  const { own, others } = membersOf(there, back.location);
  const isDead = back.effect.kind === "dead";
  const since = (members: FaultLocation["members"]): number | undefined => {
    if (isDead) return median(timesOf(scene, members, "failing_since"));
    const [first, second = first] = timesOf(scene, members, "first_failure").sort((a, b) => a - b);
    return second;
  };
  const [one, other] = [since(own), since(others)];
  if (one === undefined || other === undefined) return false;
  return Math.abs(one - other) <= (isDead ? SAME_TIME_MS : SAME_TIME_OF_LOSS_MS);
}

/** Whether the others began to fail when those that cross it did, but for some that a fault before it has held down until then. */
function isAtOnce({ rows: [crossing, others] }: Parts): boolean {
  if (others.length === 0 || crossing.length === 0) return true;
  const own = median(crossing) ?? 0;
  const later = others.filter((row) => row <= own + SAME_ONSET);
  return later.length >= PART_OF_OTHERS * others.length && own - (median(later) ?? 0) <= SAME_ONSET;
}
