import type { ProbedFlow } from "../probed-flow.ts";
import type { ReceivedReply } from "./reply.ts";

/** A server waits at least this long before it repeats a SYN-ACK (RFC 6298 section 2.1 asks for a second). */
const REPEAT_MS = 500;
/** Copies of one packet come in this close together. */
const COPY_MS = 20;
/** Without an echoed timestamp a SYN-ACK is a repeat when nothing of the flow was sent for this long before it. */
const QUIET_MS = 400;
/** This many repeats of one SYN-ACK: each is answered by two resets, so not even a path that loses a third hides them all. */
const REPEATS = 2;

/**
 * Takes note of a genuine SYN-ACK of the flow. Servers whose reset does not get there repeat it. A repeat is told from the
 * answer to a newer SYN by the server's sequence number **and** by the timestamp of the first SYN that it echoes: servers
 * with SYN cookies choose the same sequence number again, but keep nothing, so they echo the newer one.
 * @returns `repeat` of one that the flow's reset should have ended; `copy` of the packet before, which came in by two interfaces
 *   of this host (a bridge and its port, a VLAN, a bond); else `first`
 */
export function noteSynAck(
  flow: ProbedFlow,
  { sequence, timestampEcho }: Extract<ReceivedReply, { kind: "syn_ack" | "reset" }>,
  receivedAt: number,
): "first" | "repeat" | "copy" {
  const echo = timestampEcho ?? 0;
  if (!flow.isHandshake(sequence, echo)) {
    flow.beginHandshake(sequence, echo, receivedAt);
    return "first";
  }
  const sinceLast = receivedAt - flow.handshakeAgain(receivedAt);
  if (echo !== 0 && sinceLast < COPY_MS) return "copy";
  if (receivedAt - flow.handshakeFirstAt < REPEAT_MS) return "first";
  const quiet = receivedAt - flow.lastSentAt > Math.max(QUIET_MS, 2 * (flow.rttMs ?? 0));
  if (echo === 0 && !quiet) return "first";
  flow.repeatHandshake(receivedAt);
  return "repeat";
}

/** Whether the server holds the flow's connection half open for certain; one repeat is enough of a flow that was unfinished before. */
export function isHeldHalfOpen({ handshakeRepeats, unfinished }: ProbedFlow): boolean {
  return handshakeRepeats >= (unfinished ? 1 : REPEATS);
}

/**
 * The same of connections of the kernel's own: it answers each SYN-ACK by an ACK and a reset, which get lost both where it is repeated, and a
 * third packet, a reset without an acknowledgement, may end what they did not.
 */
export function isKernelHeldHalfOpen(flow: ProbedFlow): boolean {
  const isAgain = flow.handshakeRepeats > 0 && flow.wasHandshakeRepeatedBefore;
  return isAgain || isHeldHalfOpen(flow);
}

/** Whether the flow's last connection, or the one before, was repeated: what it is answered may be repeated as well. */
export function wasRepeated(flow: ProbedFlow): boolean {
  return flow.wasHandshakeRepeatedBefore || flow.handshakeRepeats > 0;
}

/** When the flow's SYN-ACK was repeated last; minus infinity where its last one was not. */
export function repeatedAt({ handshakeRepeatedAt }: ProbedFlow): number {
  return handshakeRepeatedAt;
}
