import type { Localization } from "../localize/localize.ts";
import type { Suspect } from "../localize/suspect.ts";
import type { FlowState, ProbedTarget } from "../probe/probed-flow.ts";
import type { Evidence } from "./evidence.ts";

/** So many rounds show whether an endpoint that loses packets of all flows answers only so many a second. */
const ROUNDS_OF_LIMIT = 2;
/** Where it is asked so fast that it shows, at least so large a part of the flows fails at a time. */
const PART_OF_LIMIT = 0.4;

/**
 * Whether flows have still to show which fault it is; what stands is told until then. A path that has just died looks
 * lossy, and a target that has just died looks like paths that died, as long as some flows have not been probed since:
 * so paths are dead once others have answered after the first of their flows began to fail. An endpoint that limits the rate of its
 * answers looks like one that loses packets, until the limit shows; and once it does, what is lost now and then wherever flows go is
 * most likely the limit's, where a trace or another client took the answer.
 * @param told the suspects that stand
 */
export function isUndecided(
  { verdict, suspects }: Localization,
  target: ProbedTarget,
  evidence: Evidence,
  told: readonly Suspect[],
  now: number,
): boolean {
  // Nothing has failed for a round: what would be told now that was not told before is what has been forgotten of a part of it only.
  const isOfPaths = verdict === "path_loss" || verdict === "path_fault";
  if (isOfPaths || verdict === "indeterminate") {
    if (evidence.mayHaveFailures && now - evidence.failedAt > target.roundMs) return true;
  }
  if (!isOfPaths) return false;
  // The flows that are left when a fault is over would look like another, smaller one. Of several faults one may be over before the others.
  if (evidence.isRecovering(now, target.roundMs) && !isPart(suspects, told)) return true;
  if (target.flows.every((flow) => flow === undefined || flow.state === "failing")) return true;
  if (verdict === "path_fault") return !evidence.answersSinceDeath;
  const isAtEnd = suspects.every(({ place }) => place === "endpoint" || place === "return");
  if (target.rateLimit !== undefined && isAtEnd) return true;
  const isEndpoint = suspects.length > 0 && suspects.every(({ place }) => place === "endpoint");
  const showsLimit = ROUNDS_OF_LIMIT * target.roundMs;
  if (isEndpoint && mayBeLimit(target) && now - evidence.failingSince <= showsLimit) return true;
  return !evidence.showsLoss(now, target.roundMs);
}

/** Whether these are some of those that are told, and not all. */
function isPart(some: readonly Suspect[], told: readonly Suspect[]): boolean {
  const isTold = ({ from, to, segment, place }: Suspect): boolean =>
    told.some(
      (each) =>
        each.from === from && each.to === to && each.segment === segment && each.place === place,
    );
  return some.length > 0 && some.length < told.length && some.every(isTold);
}

function mayBeLimit({ flows }: ProbedTarget): boolean {
  const inState = (state: FlowState): number =>
    flows.filter((flow) => flow?.state === state).length;
  const failing = inState("failing");
  return failing >= PART_OF_LIMIT * (failing + inState("up"));
}

/**
 * What is found of a target that is down, without suspects while its flows come back to being refused one after the other: those that
 * have not been probed since say nothing of where the fault was.
 */
export function withoutLeftovers(
  found: Localization,
  { roundMs }: ProbedTarget,
  evidence: Evidence,
  now: number,
): Localization {
  const isDown = found.verdict === "target_down" && found.suspects.length > 0;
  if (!isDown || !evidence.isRecovering(now, roundMs)) return found;
  return { ...found, suspects: [] };
}
