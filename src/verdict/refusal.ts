import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";

/**
 * Whether the destination itself answered the flow's last probe, though not as it should: nothing listens on the port, or it lets nobody
 * in. Packets of the flow get there, and answers come back.
 */
export function isRefused({ state, lastFailure, target }: ProbedFlow): boolean {
  if (state !== "failing" || lastFailure?.reason === "ttl_exceeded") return false;
  const responder = lastFailure?.responder;
  return responder !== undefined && responder.text === target.target.address.text;
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
