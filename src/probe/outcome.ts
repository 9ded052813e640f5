import type { Address } from "../packet/address.ts";

/** Why a valid probe failed (values of the `reason` label). */
export const FAILURE_REASONS = [
  "timeout",
  "refused",
  "unreachable",
  "prohibited",
  "ttl_exceeded",
  "unfinished",
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/**
 * Why a probe says nothing about the network (values of the `reason` label).
 * - `send_error`: the kernel did not take the packet.
 * - `stall`: the process did not run while the probe was due or in flight.
 * - `receive_drops`: the kernel dropped packets for us before the deadline.
 * - `icmp_rate_limit`: the answer would have been a port-unreachable that the destination rate limits.
 */
export const INVALID_REASONS = ["send_error", "stall", "receive_drops", "icmp_rate_limit"] as const;
export type InvalidReason = (typeof INVALID_REASONS)[number];

/** How an end-to-end probe ended. */
export type Outcome =
  | { readonly kind: "answered"; readonly rttMs: number }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      /** Who said so, for failures that somebody reported. */
      readonly responder: Address | undefined;
    }
  | {
      readonly kind: "invalid";
      readonly reason: InvalidReason;
      /** The errno name of a send error. */
      readonly code?: string;
    };

/** Whether nobody answered in time. */
export function isTimeout(outcome: Outcome): boolean {
  return outcome.kind === "failed" && outcome.reason === "timeout";
}
