import type { Counts } from "./counts.ts";

/** Loss that the Internet brings without a fault, and the probes that this belief is worth. */
const USUAL = 0.0005;
const USUAL_PROBES = 2000;
const LEAST = 0.0002;
const MOST = 0.002;

/**
 * Share of probes lost without a cause, from the flows that `clean` holds to be without one. Bounded: more than one in
 * 500 on every flow is a fault of its own, on what they share.
 */
export function estimateNoise(
  counts: readonly Counts[],
  clean: (counts: Counts, flow: number) => boolean,
): number {
  let lost = USUAL * USUAL_PROBES;
  let sent = USUAL_PROBES;
  counts.forEach((flow, i) => {
    if (clean(flow, i)) {
      lost += flow.failures;
      sent += flow.probes;
    }
  });
  return Math.min(MOST, Math.max(LEAST, lost / sent));
}
