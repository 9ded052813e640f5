import { flowsOf } from "./counts.ts";
import type { Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import { TARGET } from "./network.ts";
import { crossingOf, isItsShare, isLike } from "./own-answers.ts";
import type { Scene } from "./scene.ts";
import type { SharedKnowledge } from "./shared-fault.ts";
import type { Found } from "./solve.ts";

/** From this chance on a place on the way there is held to be dead, and to lose a part, which is told less surely. */
const SURE_OF_DEATH = 0.5;
const SURE_OF_LOSS = 0.7;
/** Flows that a fault kills have failed as often in a row as each other but for so many probes: some are due a round later. */
const SAME_ONSET = 2;
/** They began to fail within this time of each other, half of them and half of the others: each is probed once in ten seconds by default. */
const SAME_TIME_MS = 5000;

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
      chance >= (effect.kind === "dead" ? SURE_OF_DEATH : SURE_OF_LOSS),
  );
  return found.filter(({ hypothesis: back }) => {
    if (!isBack(scene, back.location, back.effect)) return true;
    const own = there.filter(({ hypothesis }) => isLike(hypothesis, back));
    if (own.length === 0) return true;
    const isDead = back.effect.kind === "dead";
    const parts = partsOf(scene, own, back);
    const { all, crossing, others } = parts;
    const lost = isDead ? others : back.share * (all - crossing);
    if (!isItsShare(all, crossing, lost)) return true;
    if (back.effect.extent === "all" && !beganTogether(scene, own, back)) return true;
    return isDead && !isAtOnce(parts);
  });
}

/** Whether it is the way back, or a place that shows the same where it is the way back that is broken. */
function isBack(scene: Scene, location: FaultLocation, { extent }: Effect): boolean {
  if (extent === "all") return isWayBackOfLast(scene, location);
  return location.kind === "behind" || isCrossedByMost(scene, location);
}

/** Whether it is a share of the flows of a place that as good as all flows cross. */
function isCrossedByMost({ counts }: Scene, location: FaultLocation): boolean {
  const isShare = location.kind === "bundle" || location.kind === "beyond";
  return isShare && crossingOf(location, counts) > flowsOf(counts) / 2;
}

/**
 * Whether it is one of several addresses of what leads to the destination, each met behind several hops that have one before them in common.
 * A router that answers from the interface by which its answer leaves tells by its address which way answers go, those of the destination
 * as well: which flows meet an address says nothing of the way there.
 */
function isWayBackOfLast({ network, kinship }: Scene, { hops, members }: FaultLocation): boolean {
  const last = kinship.wayBackAddresses();
  const ends = new Set(members.flatMap(({ link }) => (link === null ? [] : [link.from, link.to])));
  const isOne = (id: number): boolean => last.includes(id);
  return (
    last.length > 1 &&
    [...ends].some(isOne) &&
    hops.every((id) => isOne(id) || id === TARGET || network.next(id).size === 0)
  );
}

/** The flows by what they show of places on the way there. */
interface Parts {
  readonly all: number;
  /** Flows that cross one of the places. */
  readonly crossing: number;
  /** Others that are dead. */
  readonly others: number;
  /** Failures in a row, each flow once, of dead flows that cross one of the places, and of the others. */
  readonly rows: readonly [crossing: readonly number[], others: readonly number[]];
}

function partsOf({ counts }: Scene, there: readonly Found[], { effect, share }: Hypothesis): Parts {
  const isDead = effect.kind === "dead";
  const weights = new Map<number, number>();
  for (const { hypothesis } of there) {
    for (const { flow, weight } of hypothesis.location.members) {
      weights.set(flow, Math.max(weight, weights.get(flow) ?? 0));
    }
  }
  let [crossing, others] = [0, 0];
  const rows: [number[], number[]] = [[], []];
  for (const [flow, { alike, failures, probes }] of counts.entries()) {
    const chance = weights.get(flow) ?? 0;
    const died = failures === probes && failures > 0;
    // Of a dead flow that may cross it or not, that it died speaks for it.
    const weight = isDead && died ? chance / (chance + (1 - chance) * share) : chance;
    // That a flow works shows that it does not cross a dead place.
    crossing += died || !isDead ? weight * alike : 0;
    others += died ? (1 - weight) * alike : 0;
    if (died) rows[weight > 0.5 ? 0 : 1].push(...new Array<number>(alike).fill(failures));
  }
  return { all: flowsOf(counts), crossing, others, rows };
}

/** Whether it is known when flows began to fail, and those of a place did when those of the others did. */
function beganTogether(
  { input, counts }: Scene,
  there: readonly Found[],
  { location }: Hypothesis,
): boolean {
  const since = (members: FaultLocation["members"]): number[] =>
    members.flatMap(({ flow, weight }) => {
      const { failures = 0, probes = 0 } = counts[flow] ?? {};
      const isHit = weight > 0.5 && failures === probes && failures > 0;
      return isHit ? (input.flows[flow]?.failing_since ?? []) : [];
    });
  const [one, other] = [
    since(there.flatMap(({ hypothesis }) => hypothesis.location.members)),
    since(location.members),
  ];
  return (
    one.length > 0 && other.length > 0 && Math.abs(median(one) - median(other)) <= SAME_TIME_MS
  );
}

function isAtOnce({ rows: [crossing, others] }: Parts): boolean {
  return (
    others.length === 0 ||
    crossing.length === 0 ||
    Math.abs(median(crossing) - median(others)) <= SAME_ONSET
  );
}

function median(rows: readonly number[]): number {
  return [...rows].sort((a, b) => a - b)[rows.length >> 1] ?? 0;
}
