import { SERIES_MODES, type SeriesMode, type TargetSpec } from "../flow/target.ts";
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
import { TARGET_EVENTS, type TargetEvent } from "../verdict/target-event.ts";
import { BucketSeries, OTHER, type Pair } from "./bucket-series.ts";
import { renderLabels } from "./family.ts";
import { GoneHops } from "./gone-hops.ts";
import type { PathSeries } from "./path-series.ts";
import { RTT_SERIES, RttHistogram } from "./rtt-histogram.ts";
import type { SeriesBudget } from "./series-budget.ts";

/** Series that every bucket has: probes, failures, up, source port, path id. */
const SERIES_A_BUCKET = 5;
/** Probes and failures of the bucket `other`. */
const SERIES_OF_OTHER = 2;
/** Both counters of a last hop. */
const SERIES_A_LAST_HOP = 2;
/** A bucket that failed is one that fails for this long, milliseconds. */
const REMEMBERED_MS = 3_600_000;
/** Late replies, info, flows failing, paths, coverage, path changes, NAT. */
const SINGLE_SERIES = 7;
/** Series that every target has beside those of its buckets. */
const SERIES_A_TARGET: number =
  FAILURE_REASONS.length +
  INVALID_REASONS.length +
  2 * TRACE_PURPOSES.length +
  VERDICTS.length +
  TARGET_EVENTS.length +
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
  // What every probe reads comes first, side by side in memory.
  readonly rtt: RttHistogram = new RttHistogram();
  /** Those that have series of their own, by number; undefined for others. */
  readonly #buckets: (BucketSeries | undefined)[] = [];
  /** Until it is released. */
  isShown = true;
  /** Its counters by path; undefined while nothing is counted by path. */
  paths: PathSeries | undefined;
  readonly reasons: Map<FailureReason, number> = new Map(FAILURE_REASONS.map((r) => [r, 0]));
  readonly invalid: Map<InvalidReason, number> = new Map(INVALID_REASONS.map((r) => [r, 0]));
  readonly tracePackets: Map<TracePurpose, number> = new Map(TRACE_PURPOSES.map((p) => [p, 0]));
  readonly traces: Map<TracePurpose, number> = new Map(TRACE_PURPOSES.map((p) => [p, 0]));
  /** Of STAMP reflectors alone: no other target can show them. */
  readonly oneWayLosses: Map<Direction, number>;
  readonly events: Map<TargetEvent, number> = new Map(TARGET_EVENTS.map((e) => [e, 0]));
  late = 0;
  /** `limits.last_hops_per_target`; lowering it takes nothing away that is there. */
  lastHopLimit: number;
  /** Rendered `target` and `protocol`. */
  readonly labels: string;
  readonly #userLabels: string;
  readonly #identity: string;
  #latest: TargetSpec;
  readonly #budget: SeriesBudget;
  #other: BucketSeries | undefined;
  /** When buckets failed last, milliseconds, monotonic. */
  readonly #failedAt: Map<number, number> = new Map();
  #mode: SeriesMode;
  readonly #hops: Set<string> = new Set();
  readonly #gone: GoneHops = new GoneHops();
  /** Buckets and last hops that were refused, so that each is counted once. */
  readonly #folded: Set<string> = new Set();
  #reserved: number;
  readonly #labelled = (extra: string): string => this.labelled(extra);

  /** @param mode to begin with, where the limit leaves no room for the one that is configured */
  constructor(
    spec: TargetSpec,
    budget: SeriesBudget,
    lastHopLimit: number,
    mode: SeriesMode = spec.series,
  ) {
    this.spec = spec;
    this.#latest = spec;
    this.#identity = identity(spec);
    this.#budget = budget;
    this.#mode = mode;
    this.lastHopLimit = lastHopLimit;
    this.labels = renderLabels({ target: spec.name, protocol: spec.protocol });
    const user = renderLabels(spec.labels);
    this.#userLabels = user === "" ? "" : `,${user}`;
    const directions = spec.payload?.kind === "stamp" ? DIRECTIONS : [];
    this.oneWayLosses = new Map(directions.map((direction) => [direction, 0]));
    this.#reserved = SERIES_A_TARGET + directions.length;
    budget.take(this.#reserved);
    if (mode === "full") this.#showAll(false);
    else this.#otherBucket(false);
  }

  /** Whether the series would be the same for these settings: name, protocol, buckets and labels are. */
  shows(spec: TargetSpec): boolean {
    if (spec === this.#latest) return true;
    const same = identity(spec) === this.#identity;
    // Settings are asked for again whenever any target changes; the same object needs no second look.
    if (same) this.#latest = spec;
    return same;
  }

  /** Which buckets have series of their own now. */
  get mode(): SeriesMode {
    return this.#mode;
  }

  /** Series of a target in a mode when all is well and every bucket has one last hop; without paths and links. */
  static expected(spec: TargetSpec, mode: SeriesMode): number {
    const buckets = spec.flowBuckets * (SERIES_A_BUCKET + SERIES_A_LAST_HOP);
    return SERIES_A_TARGET + (mode === "full" ? buckets : SERIES_OF_OTHER + SERIES_A_LAST_HOP);
  }

  /** Shows other buckets from now on. Those that appear begin at 0; those that go take their counts with them. */
  setMode(mode: SeriesMode, now: number): void {
    this.#mode = mode;
    if (mode === "full") {
      this.#showAll(true);
      return;
    }
    this.#otherBucket(true);
    for (const bucket of this.#buckets.keys()) {
      if (!this.#mayShow(bucket, now)) this.#hide(bucket);
    }
  }

  /** Goes on to the next mode with fewer series. @returns false if there is none */
  reduce(now: number): boolean {
    const next = SERIES_MODES[SERIES_MODES.indexOf(this.#mode) + 1];
    if (next === undefined) return false;
    this.setMode(next, now);
    return true;
  }

  /** A probe of the bucket failed. */
  failed(bucket: number, now: number): void {
    this.#failedAt.set(bucket, now);
    if (this.#mode === "failing" && this.#buckets[bucket] === undefined) this.#show(bucket, true);
  }

  /** A reading begins. @param now milliseconds, monotonic */
  read(now: number): void {
    for (const [bucket, at] of this.#failedAt) {
      if (now - at < REMEMBERED_MS) continue;
      this.#failedAt.delete(bucket);
      if (this.#mode === "failing") this.#hide(bucket);
    }
    for (const bucket of this.buckets()) bucket.read(now);
  }

  /** Forgets the last hops that are gone, see {@link GoneHops}. */
  forgetHops(now: number, isMet: (hop: string) => boolean): void {
    const countOf = (hop: string): number =>
      this.buckets().reduce((sum, bucket) => sum + (bucket.lastHop(hop)?.probes ?? 0), 0);
    for (const hop of this.#gone.find(now, this.#hops, countOf, isMet)) {
      this.#hops.delete(hop);
      const dropped = this.buckets().filter((bucket) => bucket.drop(hop)).length;
      this.#reserved -= SERIES_A_LAST_HOP * dropped;
      this.#budget.release(SERIES_A_LAST_HOP * dropped);
    }
  }

  /** Adds own label pairs and the user's behind the target's: `target="…",protocol="…",EXTRA,user="…"`. */
  labelled(extra = ""): string {
    // Joined, it is one string in memory; one that is added up keeps all its parts.
    return [this.labels, extra === "" ? "" : ",", extra, this.#userLabels].join("");
  }

  /** The counters of a bucket; those of `other` where the limit on series folded it. */
  bucket(bucket: number): BucketSeries {
    return this.#buckets[bucket] ?? this.#otherBucket(true);
  }

  /** Every bucket once, `other` last where there is one. */
  buckets(): readonly BucketSeries[] {
    const all = this.#buckets.filter((bucket) => bucket !== undefined);
    if (this.#other !== undefined) all.push(this.#other);
    return all;
  }

  /** The counters of a bucket for one last hop. */
  lastHop(bucket: number, hop: string): Pair {
    const series = this.bucket(bucket);
    const known = series.lastHop(hop);
    if (known !== undefined) return known;
    const fits = this.hopLabel(hop) === hop && this.#budget.reserve(SERIES_A_LAST_HOP);
    if (this.bucket(bucket) !== series) {
      // To make room the bucket itself had to go.
      if (fits) this.#budget.release(SERIES_A_LAST_HOP);
      return this.lastHop(bucket, hop);
    }
    if (fits) return this.#newPair(series, hop);
    const refused = `${series.name} ${hop}`;
    if (!this.#folded.has(refused)) this.#budget.fold();
    this.#folded.add(refused);
    const other = series.lastHop(OTHER);
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
    this.isShown = false;
    this.#budget.release(this.#reserved);
  }

  #mayShow(bucket: number, now: number): boolean {
    if (this.#mode !== "failing") return this.#mode === "full";
    return now - (this.#failedAt.get(bucket) ?? Number.NEGATIVE_INFINITY) < REMEMBERED_MS;
  }

  #showAll(late: boolean): void {
    for (let bucket = 0; bucket < this.spec.flowBuckets; bucket += 1) {
      // Making room may mean that this very target has to be content with less.
      if (this.#mode === "full") this.#show(bucket, late);
    }
  }

  #show(bucket: number, late: boolean): void {
    if (this.#buckets[bucket] !== undefined) return;
    if (this.#budget.reserve(SERIES_A_BUCKET)) {
      this.#reserved += SERIES_A_BUCKET;
      this.#buckets[bucket] = this.#newBucket(String(bucket), late);
      return;
    }
    const refused = String(bucket);
    if (!this.#folded.has(refused)) this.#budget.fold();
    this.#folded.add(refused);
    this.#otherBucket(late);
  }

  #hide(bucket: number): void {
    const series = this.#buckets[bucket];
    if (series === undefined) return;
    this.#buckets[bucket] = undefined;
    const gone = SERIES_A_BUCKET + SERIES_A_LAST_HOP * series.lastHops.length;
    this.#reserved -= gone;
    this.#budget.release(gone);
  }

  #newBucket(name: string, late: boolean): BucketSeries {
    return new BucketSeries(name, this.#labelled, late);
  }

  #otherBucket(late: boolean): BucketSeries {
    if (this.#other === undefined) {
      this.#other = this.#newBucket(OTHER, late);
      this.#budget.take(SERIES_OF_OTHER);
      this.#reserved += SERIES_OF_OTHER;
    }
    return this.#other;
  }

  #newPair(series: BucketSeries, hop: string): Pair {
    const labels = this.labelled(renderLabels({ flow_bucket: series.name, last_hop: hop }));
    const pair = { hop, labels, probes: 0, failures: 0 };
    series.add(pair);
    this.#reserved += SERIES_A_LAST_HOP;
    return pair;
  }
}

/** What a target's label sets depend on. */
function identity(spec: TargetSpec): string {
  const { name, protocol, flowBuckets, labels, port, payload } = spec;
  const own = [name, protocol, flowBuckets, port, payload?.kind];
  return JSON.stringify([...own, Object.entries(labels).sort()]);
}
