import type { Direction } from "./one-way.ts";
import type { Outcome } from "./outcome.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import type { HopReport } from "./reply/hop-report.ts";
import type { SweepAnswer } from "./reply/match.ts";

/** What the engine reports; plain calls, made while the loop turns. */
export interface ProberObserver {
  /** It is about to be told how probes of these flows ended: what is known of them will be needed. */
  onExpected?(flows: readonly ProbedFlow[]): void;
  /** An end-to-end probe ended. The flow's state is up to date. */
  onOutcome(flow: ProbedFlow, outcome: Outcome, now: number): void;
  /** An answer came after its probe had been given up. */
  onLate(flow: ProbedFlow): void;
  /** Probes that were due while the process did not run. */
  onMissed(target: ProbedTarget, probes: number): void;
  /** @returns the TTL of the sweep's packet that is answered, 0 for one sent end to end; undefined where none is */
  onSweepAnswer(flow: ProbedFlow, answer: SweepAnswer, receivedAt: number): number | undefined;
  /** An ICMP error that was taken for one of the flow's packets showed something of the way. */
  onReport(flow: ProbedFlow, report: HopReport, now: number): void;
  /** It became certain which way a lost probe of the flow was going; some time after its outcome, for some probes only. */
  onOneWayLoss(flow: ProbedFlow, direction: Direction, now: number): void;
  /** What the target's endpoint limits its answers to (`rateLimit`) is another, or none any more. */
  onRateLimit(target: ProbedTarget): void;
  /** A bucket moved on: `before` is no longer probed. */
  onMoved(before: ProbedFlow, after: ProbedFlow): void;
}

/** How one TTL-limited packet is recognised again. */
export interface SentPacket {
  readonly identification: number;
  readonly timestamp: number;
  readonly sentAt: number;
}
