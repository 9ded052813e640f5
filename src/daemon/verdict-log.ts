import type { EngineObserver } from "../engine/engine-observer.ts";
import type { Log } from "../log.ts";

/** Logs every verdict that changes, every target whose pace changes, and every target whose flows are too few for the network it is behind. */
export function verdictLog(log: Log): EngineObserver {
  return {
    onVerdict: ({ target }, { verdict, reason }) =>
      log.info("verdict", { target: target.name, verdict, reason }),
    onRateLimit: ({ target, rateLimit, pacer }) => {
      const probes_per_second = Number((1000 / pacer.step).toFixed(2));
      if (rateLimit === undefined) {
        log.info("the target is probed at its own pace", {
          target: target.name,
          probes_per_second,
        });
      } else if (rateLimit.proven) {
        log.warn("the target limits the rate of its answers; it is probed at half of it", {
          target: target.name,
          answers_per_second: Number(rateLimit.perSecond.toFixed(2)),
          probes_per_second,
        });
      }
    },
    onTooFewBuckets: ({ target }, width, needed) =>
      log.warn("flow_buckets is too small for the number of paths: some may be missed", {
        target: target.name,
        flow_buckets: target.flowBuckets,
        next_hops: width,
        flow_buckets_needed: needed,
      }),
  };
}
