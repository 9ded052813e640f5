import { type FlowWindow, FORGETTABLE_STREAK } from "./flow-window.ts";

/** What is read of a flow's window. */
type Row = Pick<FlowWindow, "failures" | "streak" | "streakSince" | "failedAt">;

/** Flows that began to fail, and failures of theirs beyond the first of each, that show together that they are dead. Set by hand (2026-11). */
const LEAST_FLOWS = 3;
const LEAST_REPEATED = 6;
/** What is over sooner is none: a router that goes down leaves its packets no way for a moment, until the others know. Set by hand (2026-11). */
const LEAST_MS = 6000;

/**
 * When the first of the flows that are dead now began to fail: of those that failed often enough in a row by themselves; or, where none has yet, of
 * several that fail together. Where a flow can be probed no more than once a round, none has failed often in a row for four rounds; but of a dozen flows that
 * all failed twice, while none that failed since has answered again, loss would have let some packet through.
 * @param flows with their windows
 * @param now milliseconds
 * @returns undefined where none is dead
 */
export function diedAt(
  flows: Iterable<readonly [flow: { readonly active: boolean }, window: Row]>,
  now: number,
): number | undefined {
  const rows: Row[] = [];
  let alone: number | undefined;
  for (const [{ active }, window] of flows) {
    const { failures, streak, streakSince } = window;
    if (!active || failures === 0) continue;
    rows.push(window);
    if (streak >= FORGETTABLE_STREAK) alone = Math.min(alone ?? streakSince, streakSince);
  }
  return alone ?? togetherAt(rows, now);
}

function togetherAt(rows: readonly Row[], now: number): number | undefined {
  const dying = rows.filter(({ failures, streak }) => streak > 0 && streak === failures);
  const began = Math.min(...dying.map(({ streakSince }) => streakSince));
  const repeated = dying.reduce((sum, { streak }) => sum + streak - 1, 0);
  if (dying.length < LEAST_FLOWS || repeated < LEAST_REPEATED || now - began < LEAST_MS)
    return undefined;
  const answered = rows.some(({ streak, failedAt }) => streak === 0 && failedAt >= began);
  return answered ? undefined : began;
}
