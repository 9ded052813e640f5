import type { FlowEvidence } from "./case.ts";

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
