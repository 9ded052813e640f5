import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import { isItsShare, isLike } from "./own-answers.ts";
import type { Scene } from "./scene.ts";
import type { SharedKnowledge } from "./shared-fault.ts";
import type { Found } from "./solve.ts";

/** From this chance on a place on the way there is held to be dead, and to lose a part, which is told less surely. */
const SURE_OF_DEATH = 0.5;
const SURE_OF_LOSS = 0.7;
/** Flows that a fault kills have failed as often in a row as each other but for so many probes: some are due a round later. */
const SAME_ONSET = 2;
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
      !isCrossedByMost(scene, location) &&
      chance >= (effect.kind === "dead" ? SURE_OF_DEATH : SURE_OF_LOSS),
  );
  return found.filter(({ hypothesis: back }) => {
    if (back.effect.extent === "all" || !isCrossedByMost(scene, back.location)) return true;
    const own = there.filter(({ hypothesis }) => isLike(hypothesis, back));
    if (own.length === 0) return true;
    const isDead = back.effect.kind === "dead";
    const parts = flowsOf(scene, own, back);
    const { all, crossing, others } = parts;
    const lost = isDead ? others : back.share * (all - crossing);
    return !isItsShare(all, crossing, lost) || (isDead && !isAtOnce(parts));
  });
}

/** Whether it is the way back, or a place that as good as all flows cross: the same as the way back, for all that its flows show. */
function isCrossedByMost({ counts }: Scene, { kind, members }: FaultLocation): boolean {
  if (kind === "behind") return true;
  const all = counts.reduce((sum, { alike }) => sum + alike, 0);
  const crossing = members.reduce(
    (sum, { flow, weight }) => sum + weight * (counts[flow]?.alike ?? 0),
    0,
  );
  return crossing > all / 2 && ["bundle", "beyond"].includes(kind);
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

function flowsOf({ counts }: Scene, there: readonly Found[], { effect, share }: Hypothesis): Parts {
  const isDead = effect.kind === "dead";
  const weights = new Map<number, number>();
  for (const { hypothesis } of there) {
    for (const { flow, weight } of hypothesis.location.members) {
      weights.set(flow, Math.max(weight, weights.get(flow) ?? 0));
    }
  }
  let [all, crossing, others] = [0, 0, 0];
  const rows: [number[], number[]] = [[], []];
  for (const [flow, { alike, failures, probes }] of counts.entries()) {
    const chance = weights.get(flow) ?? 0;
    const died = failures === probes && failures > 0;
    // Of a dead flow that may cross it or not, that it died speaks for it.
    const weight = isDead && died ? chance / (chance + (1 - chance) * share) : chance;
    all += alike;
    // That a flow works shows that it does not cross a dead place.
    crossing += died || !isDead ? weight * alike : 0;
    others += died ? (1 - weight) * alike : 0;
    if (died) rows[weight > 0.5 ? 0 : 1].push(...new Array<number>(alike).fill(failures));
  }
  return { all, crossing, others, rows };
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
