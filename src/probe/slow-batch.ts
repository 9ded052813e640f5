import type { ProbedFlow } from "./probed-flow.ts";

/** Sending a batch that takes longer than this leaves the sending times of its packets in doubt. */
const SLOW_BATCH_MS = 50;

/** Marks what was sent in a batch that took so long that it is in doubt when its packets left. @param flows that may have been part of it */
export function doubtSendingTimes(
  flows: readonly (ProbedFlow | undefined)[],
  began: number,
  ended: number,
): void {
  if (ended - began <= SLOW_BATCH_MS) return;
  for (const flow of flows) if (flow !== undefined && flow.sentAt >= began) flow.sendStalled = true;
}
