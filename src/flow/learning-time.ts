/** A stock Linux router answers one expired TTL a second to each asker (net.ipv4.icmp_ratelimit), as many others do. */
const ANSWERS_PER_SECOND = 1;
/** Share of the answers that are fetched in time: simulated routers show 0.90 to 0.93. */
const FETCHED = 0.9;

/** What limits the packets of sweeps. */
export interface SweepLimits {
  /** All sweeps together. */
  readonly packetsPerSecond: number;
  /** No hop is asked faster. */
  readonly hopPacketsPerSecond: number;
}

/**
 * About how long it takes until every target has been seen to use each of its paths, where all targets lie behind the
 * same stage of equal-cost routers: every flow meets one of them by chance, so a target needs width · (1 + 1/2 + … +
 * 1/width) answers until all have been met (the coupon collector's problem), and all targets share what the routers give.
 * @param width routers of the stage, at least 1
 * @returns seconds
 */
export function learningSeconds(targets: number, width: number, limits: SweepLimits): number {
  let answers = 0;
  for (let left = width; left > 0; left -= 1) answers += width / left;
  // The next router is not known before it answers, so the stage as a whole is asked as slowly as one hop may be.
  const rate = Math.min(
    width * ANSWERS_PER_SECOND,
    limits.hopPacketsPerSecond,
    limits.packetsPerSecond,
  );
  return (targets * answers) / (rate * FETCHED);
}
