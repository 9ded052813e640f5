import type { ProbedFlow } from "../probed-flow.ts";

/** What the server and the loop may add to the round-trip time of the probe before. */
const SLACK_MS = 10;

/**
 * Whether a SYN-ACK that echoes the timestamp of an earlier packet answers the probe in flight all the same. It does
 * where the server still keeps the connection of that packet half open, because the reset was lost: the probe is a
 * retransmission to it then, and its answer echoes the first timestamp (RFC 7323 section 4.3). The server repeats such an answer by its own clock as
 * well, which must not hide a loss; so one counts only on a flow that works or whose failure is being confirmed (the
 * SYN-ACK may be what was lost), and only when it comes as soon as an answer does.
 * @param receivedAt monotonic milliseconds
 */
export function isSynAckRetransmission(flow: ProbedFlow, receivedAt: number): boolean {
  const { inFlight, last, sentAt, rttMs, confirming } = flow;
  if (!inFlight || rttMs === undefined || !(confirming || last?.kind === "answered")) return false;
  return receivedAt - sentAt <= 2 * rttMs + SLACK_MS;
}
