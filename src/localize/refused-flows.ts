import type { FlowEvidence, LocalizeCase } from "./case.ts";
import { DEAD_STREAK } from "./counts.ts";
import type { Suspect } from "./suspect.ts";

/** Fewer probes that are refused say nothing of which flows are. */
const LEAST_REFUSED = 4;
/** A router in front may refuse in the destination's name. */
const SURE = 0.9;

/**
 * The same flows, those that the destination refuses as ones that work: a refusal is an answer, which proves the way there and back.
 * It is the endpoint that fails, not the way. Of their counts only that one answer is kept.
 */
export function refusedAsWorking(flows: readonly FlowEvidence[]): readonly FlowEvidence[] {
  if (!flows.some(({ refused }) => refused)) return flows;
  return flows.map((flow) => {
    if (!flow.refused) return flow;
    const { refused: _, failing_since: __, one_way: ___, ...rest } = flow;
    return { ...rest, seen: [], last_hop: "unknown", probes: 1, failures: 0, streak: 0 };
  });
}

/** The same for a target whose flows all fail; others keep them as failing, since that some work makes them a fault of its own. */
export function refusedOfOutage(flows: readonly FlowEvidence[]): readonly FlowEvidence[] {
  return flows.every(({ probes, failures }) => failures === probes)
    ? refusedAsWorking(flows)
    : flows;
}

/**
 * What refuses some flows while others work: the endpoint, or one of several behind its address, as the packets get there and its answers come
 * back. Null where none is refused, or none works.
 */
export function refusing({ target, flows }: LocalizeCase): Suspect | null {
  const refused = flows.filter((flow) => flow.refused === true);
  const failures = sum(refused.map((flow) => flow.failures));
  const works = flows.filter((flow) => flow.failures === 0);
  if (failures < LEAST_REFUSED || works.length === 0) return null;
  const probes = sum(refused.map((flow) => flow.probes));
  const loss = failures / Math.max(1, probes);
  return {
    from: target,
    to: null,
    segment: "return_or_endpoint",
    place: "endpoint",
    name: target,
    loss_ratio: Number(((loss * refused.length) / flows.length).toFixed(4)),
    confidence: SURE,
    reason:
      `the destination itself refuses ${refused.length} of ${flows.length} flows, which get there and have answers come back; ` +
      `they lost ${failures} of ${probes} probes, ${works.length} other flows lost none.`,
    alternatives: [],
  };
}

/** Whether most flows that the destination refuses are refused again and again: else it refuses now one and now another. */
export function areRefusedForGood(flows: readonly FlowEvidence[]): boolean {
  const refused = flows.filter((flow) => flow.refused === true);
  const forGood = refused.filter(({ failures, streak = failures }) => streak >= DEAD_STREAK);
  return 2 * forGood.length > refused.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
