import type { TargetSpec } from "../flow/target.ts";
import { VERDICTS } from "../localize/verdict.ts";
import { DIRECTIONS, type Direction } from "../probe/one-way.ts";
import {
  FAILURE_REASONS,
  type FailureReason,
  INVALID_REASONS,
  type InvalidReason,
} from "../probe/outcome.ts";
import { UNKNOWN_HOP } from "../trace/last-hops.ts";
import { TRACE_PURPOSES, type TracePurpose } from "../trace/trace.ts";
import { renderLabels } from "./family.ts";
import { RTT_SERIES, RttHistogram } from "./rtt-histogram.ts";
import type { SeriesBudget } from "./series-budget.ts";

/** The value of a label whose true value the limit on series leaves no room for. */
export const OTHER = "other";

/** Probes and failures of one label set. */
export interface Pair {
  /** Rendered label pairs. */
  readonly labels: string;
  probes: number;
  failures: number;
}

/** The counters of one bucket. */
export interface BucketSeries extends Pair {
  /** False for the bucket `other`, which has no current flow. */
  readonly own: boolean;
  /** By last hop. */
  readonly lastHops: Map<string, Pair>;
}

/** Series that every bucket has: probes, failures, up, source port, path id. */
const SERIES_A_BUCKET = 5;
/** Both counters of a last hop. */
const SERIES_A_LAST_HOP = 2;
/** Late replies, info, flows failing, paths, coverage, path changes, NAT. */
const SINGLE_SERIES = 7;
/** Series that every target has beside those of its buckets. */
const SERIES_A_TARGET: number =
  FAILURE_REASONS.length +
  INVALID_REASONS.length +
  2 * TRACE_PURPOSES.length +
  VERDICTS.length +
  RTT_SERIES +
  SINGLE_SERIES;

/** Values of `last_hop` that are no hops, and so are not limited. */
const NO_HOPS: ReadonlySet<string> = new Set(["none", UNKNOWN_HOP]);

/**
 * The counters of one configured target. They exist from the moment it is configured, at zero, whether or not its
 * name resolves; and they live on over reloads that leave the target as it is.
 */
export class TargetSeries {
  readonly spec: TargetSpec;
  readonly rtt: RttHistogram = new RttHistogram();
  readonly reasons: Map<FailureReason, number> = new Map(FAILURE_REASONS.map((r) => [r, 0]));
  readonly invalid: Map<InvalidReason, number> = new Map(INVALID_REASONS.map((r) => [r, 0]));
  readonly tracePackets: Map<TracePurpose, number> = new Map(TRACE_PURPOSES.map((p) => [p, 0]));
  readonly traces: Map<TracePurpose, number> = new Map(TRACE_PURPOSES.map((p) => [p, 0]));
  /** Of STAMP reflectors alone: no other target can show them. */
  readonly oneWayLosses: Map<Direction, number>;
  late = 0;
  /** `limits.last_hops_per_target`; lowering it takes nothing away that is there. */
  lastHopLimit: number;
  /** Rendered `target` and `protocol`. */
  readonly labels: string;
  readonly #userLabels: string;
  readonly #budget: SeriesBudget;
  readonly #buckets: BucketSeries[] = [];
  #other: BucketSeries | undefined;
  readonly #hops: Set<string> = new Set();
  /** Buckets and last hops that were refused, so that each is counted once. */
  readonly #folded: Set<string> = new Set();
  #reserved: number;

  constructor(spec: TargetSpec, budget: SeriesBudget, lastHopLimit: number) {
    this.spec = spec;
    this.#budget = budget;
    this.lastHopLimit = lastHopLimit;
    this.labels = renderLabels({ target: spec.name, protocol: spec.protocol });
    const user = renderLabels(spec.labels);
    this.#userLabels = user === "" ? "" : `,${user}`;
    const directions = spec.payload?.kind === "stamp" ? DIRECTIONS : [];
    this.oneWayLosses = new Map(directions.map((direction) => [direction, 0]));
    this.#reserved = SERIES_A_TARGET + directions.length;
    budget.take(this.#reserved);
    for (let bucket = 0; bucket < spec.flowBuckets; bucket += 1) {
      if (budget.reserve(SERIES_A_BUCKET)) {
        this.#reserved += SERIES_A_BUCKET;
        this.#buckets.push(this.#newBucket(String(bucket), true));
      } else {
        budget.fold();
        this.#buckets.push(this.#otherBucket());
      }
    }
  }

  /** Adds own label pairs and the user's behind the target's: `target="…",protocol="…",EXTRA,user="…"`. */
  labelled(extra = ""): string {
    return `${this.labels}${extra === "" ? "" : `,${extra}`}${this.#userLabels}`;
  }

  /** The counters of a bucket; those of `other` where the limit on series folded it. */
  bucket(bucket: number): BucketSeries {
    return this.#buckets[bucket] ?? this.#otherBucket();
  }

  /** Every bucket once, `other` last where there is one. */
  *buckets(): Generator<BucketSeries> {
    for (const bucket of this.#buckets) if (bucket.own) yield bucket;
    if (this.#other !== undefined) yield this.#other;
  }

  /** The counters of a bucket for one last hop. */
  lastHop(bucket: number, hop: string): Pair {
    const series = this.bucket(bucket);
    const known = series.lastHops.get(hop);
    if (known !== undefined) return known;
    if (this.hopLabel(hop) === hop && this.#budget.reserve(SERIES_A_LAST_HOP)) {
      return this.#newPair(series, hop);
    }
    const refused = `${bucket} ${hop}`;
    if (!this.#folded.has(refused)) this.#budget.fold();
    this.#folded.add(refused);
    const other = series.lastHops.get(OTHER);
    if (other !== undefined) return other;
    this.#budget.take(SERIES_A_LAST_HOP);
    return this.#newPair(series, OTHER);
  }

  /** The value of `last_hop` for a hop: itself, or `other` past the limit of distinct ones for a target. */
  hopLabel(hop: string): string {
    if (this.#hops.has(hop) || NO_HOPS.has(hop)) return hop;
    if (this.#hops.size >= this.lastHopLimit) return OTHER;
    this.#hops.add(hop);
    return hop;
  }

  /** Gives the target's share of the limit back; it is shown no more. */
  release(): void {
    this.#budget.release(this.#reserved);
  }

  #newBucket(name: string, own: boolean): BucketSeries {
    const labels = this.labelled(`flow_bucket="${name}"`);
    return { labels, own, probes: 0, failures: 0, lastHops: new Map() };
  }

  #otherBucket(): BucketSeries {
    if (this.#other === undefined) {
      this.#other = this.#newBucket(OTHER, false);
      this.#budget.take(2);
      this.#reserved += 2;
    }
    return this.#other;
  }

  #newPair(series: BucketSeries, hop: string): Pair {
    const bucket = series.own ? this.#buckets.indexOf(series) : OTHER;
    const labels = this.labelled(renderLabels({ flow_bucket: bucket, last_hop: hop }));
    const pair = { labels, probes: 0, failures: 0 };
    series.lastHops.set(hop, pair);
    this.#reserved += SERIES_A_LAST_HOP;
    return pair;
  }
}
