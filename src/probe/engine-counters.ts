import type { IgnoreReason } from "./reply/match.ts";

/** Why a due probe or sweep packet was not sent (values of the `reason` label). */
export const SKIP_REASONS = ["stall", "budget", "in_flight", "no_port"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What the engine counts about itself since it started; read at scrape time. */
export interface EngineCounters {
  sent: number;
  received: number;
  receiveDrops: number;
  readonly ignored: Map<IgnoreReason, number>;
  readonly skipped: Map<SkipReason, number>;
  /** By errno name. */
  readonly sendErrors: Map<string, number>;
}

/** Counters at zero. */
export function newEngineCounters(): EngineCounters {
  return {
    sent: 0,
    received: 0,
    receiveDrops: 0,
    ignored: new Map(),
    skipped: new Map(),
    sendErrors: new Map(),
  };
}

/** Adds to one entry of a counter map. */
export function count<Key>(map: Map<Key, number>, key: Key, by = 1): void {
  map.set(key, (map.get(key) ?? 0) + by);
}

/** Why a flow is left out whose turn it is; undefined where it is not. */
export function skipReason(
  flow: { readonly inFlight: boolean } | undefined,
): SkipReason | undefined {
  if (flow === undefined) return "no_port";
  // The probe before is still in flight where a change of pace moved its schedule but not its deadline.
  return flow.inFlight ? "in_flight" : undefined;
}
