import type { FailureReason } from "../probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";

/** Failures that say nothing of the way back and there, though the destination's answer came: what follows the SYN gets lost, a loop. */
const NO_REFUSAL: readonly FailureReason[] = ["ttl_exceeded", "unfinished"];

/**
 * Whether the destination itself answered the flow's last probe, though not as it should: nothing listens on the port, or it lets nobody
 * in. Packets of the flow get there, and answers come back.
 */
export function isRefused({ state, lastFailure, target }: ProbedFlow): boolean {
  if (state !== "failing" || lastFailure === undefined) return false;
  const { reason, responder } = lastFailure;
  if (NO_REFUSAL.includes(reason)) return false;
  return responder?.text === target.target.address.text;
}

/** Whether the destination answers most of the flows that fail, so that packets leave this host and come back. */
export function isMostlyRefused({ flows }: ProbedTarget): boolean {
  let failing = 0;
  let refused = 0;
  for (const flow of flows) {
    if (flow?.state !== "failing") continue;
    failing += 1;
    if (isRefused(flow)) refused += 1;
  }
  return 2 * refused > failing;
}
