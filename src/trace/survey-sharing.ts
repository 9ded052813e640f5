import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";

/**
 * How the surveys of a target's flows save each other packets. A hop before is `source` before the first, and null where
 * it is silent or not known yet.
 */
export interface SurveySharing {
  /** The hop that all flows meet at a TTL, or behind this hop (null: a silent one); undefined where they differ. */
  shared(target: ProbedTarget, ttl: number, before: string | null): string | null | undefined;
  /** Whether other flows are being asked at a TTL on behalf of this one too. */
  waits(flow: ProbedFlow, ttl: number, before: string | null): boolean;
  /** A flow is asked at a TTL. */
  asked(flow: ProbedFlow, ttl: number, before: string | null): void;
  /** A flow's packet with this TTL was answered by a hop, or by the destination. */
  met(flow: ProbedFlow, ttl: number, before: string | null, hop: string): void;
}
