import type { FlowCounts } from "./flow-window.ts";

/** Chance that loss makes all flows fail in rows as long as these. */
const LOSS_CHANCE = 1e-4;
/** Each has failed so often in a row: one failure of each may be one short outage. */
const LEAST_ROW = 2;

/**
 * The counts of flows of which every one that is probed is dead now: the rows of failures up to now alone. What some lost before is another
 * fault's, which would make a target that is down look like one that has a lossy path, for as long as it is remembered.
 * Undefined where one works, or where the loss of before makes such rows.
 */
export function altogetherDead<Flow extends { readonly active: boolean }>(
  counts: ReadonlyMap<Flow, FlowCounts>,
): Map<Flow, FlowCounts> | undefined {
  const dead = new Map<Flow, FlowCounts>();
  let [lost, probes, rows] = [0, 0, 0];
  for (const [flow, own] of counts) {
    if (!flow.active) continue;
    const { streak } = own;
    if (streak < LEAST_ROW) return undefined;
    lost += own.failures - streak;
    probes += own.probes - streak;
    rows += streak;
    dead.set(flow, { probes: streak, failures: streak, streak });
  }
  // Nobody has seen how much is lost where nothing was answered.
  const loss = probes === 0 ? 0 : (lost + 1) / (probes + 2);
  return dead.size > 0 && rows * Math.log(loss) <= Math.log(LOSS_CHANCE) ? dead : undefined;
}
