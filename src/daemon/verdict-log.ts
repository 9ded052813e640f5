import type { EngineObserver } from "../engine/engine-observer.ts";
import type { Log } from "../log.ts";

/** Logs every verdict that changes, and every target whose flows are too few for the network it is behind. */
export function verdictLog(log: Log): EngineObserver {
  return {
    onVerdict: ({ target }, { verdict, reason }) =>
      log.info("verdict", { target: target.name, verdict, reason }),
    onTooFewBuckets: ({ target }, width, needed) =>
      log.warn("flow_buckets is too small for the number of paths: some may be missed", {
        target: target.name,
        flow_buckets: target.flowBuckets,
        next_hops: width,
        flow_buckets_needed: needed,
      }),
  };
}
