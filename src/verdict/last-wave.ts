import type { FlowEvidence } from "../localize/case.ts";
import { isDead } from "../localize/counts.ts";

/** So many flows die together of one fault; one may have died of anything, and one sweep may have ended early. */
export const ENOUGH_OF_ONE_FAULT = 2;

/** Since when a flow is dead that worked before on a way that is known; undefined for any other. */
export function deadSince(flow: FlowEvidence): number | undefined {
  return flow.path !== null && isDead(flow) ? flow.failing_since : undefined;
}

/**
 * When the last of several faults began: the first of those flows that died with the last ones, of flows that worked before on a way that is known.
 * Where all died within one round it is when the first fault began. Negative infinity where too few flows are dead.
 * @param roundMs in so much time one fault hits every flow that crosses it, in milliseconds
 */
export function lastWave(flows: readonly FlowEvidence[], roundMs: number): number {
  const onsets = flows.flatMap((flow) => deadSince(flow) ?? []).sort((a, b) => b - a);
  for (const [index, last] of onsets.entries()) {
    const wave = onsets.slice(index).filter((onset) => last - onset <= roundMs);
    if (wave.length >= ENOUGH_OF_ONE_FAULT) return wave.at(-1) ?? last;
  }
  return Number.NEGATIVE_INFINITY;
}
