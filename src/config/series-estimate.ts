import type { TargetSpec } from "../flow/target.ts";
import type { Config } from "./load.ts";

/** A bucket's own: probes, failures, flow_up, source_port, path_id. */
const PER_BUCKET = 5;
/** `ecmp_last_hop_probes_total` and `ecmp_last_hop_failures_total`. */
const PER_LAST_HOP = 2;
/** Of a path: probes, failures, path_info; and twice probes and failures of a link that no other path has. */
const PER_PATH = 3 + 2 * 2;
/**
 * Reasons 6, invalid 4, histogram 18, verdicts 6, trace counters 2 × 3, events 4, probes and failures of the path `unknown`, and seven
 * single series (late, info, paths, …).
 */
const PER_TARGET = 6 + 4 + 18 + 6 + 2 * 3 + 4 + 2 + 7;
/** Of a STAMP reflector: losses by direction. */
const ONE_WAY = 2;
/** Probes and failures of the bucket `other`, where not every bucket has series of its own. */
const OF_OTHER = 2;
/** Values of last_hop beside the addresses: none, unknown, other. */
const LAST_HOP_WORDS = 3;

function perTarget({ payload }: TargetSpec): number {
  return PER_TARGET + (payload?.kind === "stamp" ? ONE_WAY : 0);
}

/**
 * Series of one target while all is well: every bucket that has series of its own has one last hop, the destination. Paths and
 * links are left out, since nobody knows their number beforehand; in most networks they are a tenth of this.
 */
export function healthySeries(spec: TargetSpec): number {
  const shown =
    spec.series === "full"
      ? spec.flowBuckets * (PER_BUCKET + PER_LAST_HOP)
      : OF_OTHER + PER_LAST_HOP;
  return perTarget(spec) + shown;
}

/**
 * Series of one target at worst: every bucket has a path of its own and has, over the rotations, failed behind every hop that
 * the limits allow, all of them in the last hour.
 */
export function worstCaseSeries(spec: TargetSpec, { limits, trace }: Config): number {
  const { flowBuckets, series } = spec;
  const lastHops = Math.min(limits.lastHopsPerTarget, trace.maxHops * flowBuckets) + LAST_HOP_WORDS;
  const ofBucket = PER_BUCKET + PER_LAST_HOP * lastHops;
  const ofOther = OF_OTHER + PER_LAST_HOP * lastHops;
  const shown =
    (series === "paths" ? 0 : flowBuckets * ofBucket) + (series === "full" ? 0 : ofOther);
  return perTarget(spec) + shown + flowBuckets * PER_PATH;
}
