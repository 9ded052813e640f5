import type { FlowEvidence } from "../localize/case.ts";
import { isDead } from "../localize/counts.ts";
import { deadSince, ENOUGH_OF_ONE_FAULT } from "./last-wave.ts";

/**
 * Leaves out where sweeps of dead flows ended that were over before another fault began on their way: that they got past a hop where flows end which died
 * later does not show that they still do. Such a flow counts as not swept. Flows of which the times are not known stay as they are.
 * @param roundMs in so much time one fault hits every flow that crosses it, in milliseconds
 */
export function withoutEarlierSweeps(
  flows: readonly FlowEvidence[],
  roundMs: number,
): readonly FlowEvidence[] {
  const later = lastOnsets(flows);
  if (later.size === 0) return flows;
  return flows.map((flow) => {
    const { failing_since: since, swept_at: at, seen } = flow;
    if (since === undefined || at === undefined || !isDead(flow)) return flow;
    const end = seen.findLastIndex((hop) => hop !== null);
    const isOver = seen.slice(0, Math.max(0, end)).some((hop) => {
      const onset = hop === null ? undefined : later.get(hop);
      return onset !== undefined && onset > at && onset - since > roundMs;
    });
    return isOver ? { ...flow, seen: [], last_hop: "unknown" } : flow;
  });
}

/** By the hop at which sweeps ended: when the flows that worked until then died, the last but one of them. */
function lastOnsets(flows: readonly FlowEvidence[]): Map<string, number> {
  const onsets = new Map<string, number[]>();
  for (const flow of flows) {
    const since = deadSince(flow);
    const end = flow.seen.findLast((hop) => hop !== null) ?? null;
    if (since !== undefined && end !== null) onsets.set(end, [...(onsets.get(end) ?? []), since]);
  }
  const last = new Map<string, number>();
  for (const [hop, times] of onsets) {
    const [onset] = times.sort((a, b) => b - a).slice(ENOUGH_OF_ONE_FAULT - 1);
    if (onset !== undefined) last.set(hop, onset);
  }
  return last;
}
