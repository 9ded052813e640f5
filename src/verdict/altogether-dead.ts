import type { FlowCounts } from "./flow-window.ts";

/** Chance that loss makes all flows fail in rows as long as these. */
const LOSS_CHANCE = 1e-4;
/** Each has failed so often in a row: one failure of each may be one short outage, but for those that last long. */
const LEAST_ROW = 2;
const SHORT_MS = 20_000;

/**
 * The counts of flows of which every one that is probed is dead now: the rows of failures up to now alone. What some lost before is another
 * fault's, which would make a target that is down look like one that has a lossy path, for as long as it is remembered.
 * Undefined where one works, or where the loss of before makes such rows.
 * @param windows know since when each flow fails, milliseconds, monotonic
 */
export function altogetherDead<Flow extends { readonly active: boolean }>(
  counts: ReadonlyMap<Flow, FlowCounts>,
  windows: { get(flow: Flow): { readonly streakSince: number } | undefined },
  now: number,
): Map<Flow, FlowCounts> | undefined {
  const dead = new Map<Flow, FlowCounts>();
  let [lost, probes, rows] = [0, 0, 0];
  let [shortest, since] = [Number.POSITIVE_INFINITY, now];
  for (const [flow, own] of counts) {
    if (!flow.active) continue;
    const { streak } = own;
    if (streak === 0) return undefined;
    shortest = Math.min(shortest, streak);
    since = Math.min(since, windows.get(flow)?.streakSince ?? now);
    lost += own.failures - streak;
    probes += own.probes - streak;
    rows += streak;
    dead.set(flow, { probes: streak, failures: streak, streak });
  }
  if (shortest < LEAST_ROW && now - since < SHORT_MS) return undefined;
  // Nobody has seen how much is lost where nothing was answered.
  const loss = probes === 0 ? 0 : (lost + 1) / (probes + 2);
  return dead.size > 0 && rows * Math.log(loss) <= Math.log(LOSS_CHANCE) ? dead : undefined;
}
