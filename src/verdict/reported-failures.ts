import type { Outcome } from "../probe/outcome.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";

/** How long one report stands for those that an ICMP rate limit keeps back. */
const REPORT_MS = 60_000;

/**
 * Failures that somebody in the network reported, by an ICMP error or a reset. A router without a route answers a TTL
 * that runs out with the same error, and few of them (Linux: one a second), so sweeps may find no hop although packets
 * do leave this host.
 */
export class ReportedFailures {
  #at: number = Number.NEGATIVE_INFINITY;

  /** A probe of the target ended. What this host says itself, such as that a neighbour does not answer, is no report. */
  outcome({ target }: ProbedTarget, outcome: Outcome, now: number): void {
    if (outcome.kind !== "failed" || outcome.responder === undefined) return;
    if (outcome.responder.text !== target.source.text) this.#at = now;
  }

  /** The last hop as evidence: that none answers says nothing of the source within a minute of a report. */
  lastHop(swept: string | undefined, now: number): string {
    if (swept === "none" && now - this.#at <= REPORT_MS) return "unknown";
    return swept ?? "unknown";
  }
}
