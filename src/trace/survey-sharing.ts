import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";

/**
 * How the surveys of a target's flows save each other packets. A hop before is `source` before the first, and null where
 * it is silent or not known yet.
 */
export interface SurveySharing {
  /** The hop that all flows meet at a TTL, or behind this hop (null: a silent one), as this one does; undefined where they differ. */
  shared(flow: ProbedFlow, ttl: number, before: string | null): string | null | undefined;
  /** Whether other flows are being asked at a TTL on behalf of this one too. */
  waits(flow: ProbedFlow, ttl: number, before: string | null): boolean;
  /** Whether flows that came the same way meet different hops at a TTL: what lies behind can be told once that is known. */
  branchesAt(ttl: number): boolean;
  /** Whether what a flow meets at a TTL tells the hop before it. */
  tells(flow: ProbedFlow, ttl: number): boolean;
  /** The hop before one that a flow met at a TTL; undefined where that does not tell. */
  before(flow: ProbedFlow, ttl: number, hop: string): string | undefined;
  /** Surveys of flows with the lowest rank tell most; they are served first. */
  rank(flow: ProbedFlow): number;
  /** A number that was never told before whenever what is said here of flows of the target may be another. */
  revision(target: ProbedTarget): number;
  /** The same of all targets together: it grows with each change. */
  changes(): number;
  /** A flow is asked at a TTL. */
  asked(flow: ProbedFlow, ttl: number, before: string | null): void;
  /** A flow's packet with this TTL was answered by a hop, or by the destination. */
  met(flow: ProbedFlow, ttl: number, before: string | null, hop: string): void;
}
