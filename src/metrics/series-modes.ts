import { SERIES_MODES, type SeriesMode, type TargetSpec } from "../flow/target.ts";
import type { SeriesBudget } from "./series-budget.ts";
import { TargetSeries } from "./target-series.ts";

/** A target gets more series again only while so much of the limit is in use then, so that it does not lose them at once. */
const ROOMY = 0.8;

/** Keeps the series within their limit by showing less of the largest targets, and more again where there is room. */
export class SeriesModes {
  readonly #targets: ReadonlyMap<string, TargetSeries>;
  readonly #budget: SeriesBudget;
  readonly #now: () => number;
  /** What is configured, by target. */
  #wanted: ReadonlyMap<string, SeriesMode> = new Map();
  /** No target can show less: nobody has to look through them for each label set that is refused. */
  #exhausted = false;
  /** How often a target had to show less. */
  reductions = 0;

  /**
   * @param targets those that are shown, at any moment
   * @param now milliseconds, monotonic
   */
  constructor(targets: ReadonlyMap<string, TargetSeries>, budget: SeriesBudget, now: () => number) {
    this.#targets = targets;
    this.#budget = budget;
    this.#now = now;
    budget.makeRoom = () => this.#reduceLargest();
  }

  /** New targets are about to be shown. @param wanted what is configured, by target */
  begin(wanted: ReadonlyMap<string, SeriesMode>): void {
    this.#wanted = wanted;
    this.#exhausted = false;
    for (const [name, series] of this.#targets) {
      const mode = wanted.get(name) ?? series.mode;
      if (rank(mode) > rank(series.mode)) series.setMode(mode, this.#now());
    }
  }

  /** What a new target begins with: what is configured, unless it is the largest one and there is no room. */
  modeOfNew(spec: TargetSpec): SeriesMode {
    let mode = spec.series;
    for (;;) {
      const needed = this.#budget.used + TargetSeries.expected(spec, mode);
      if (needed <= this.#budget.limit || mode === "paths") return mode;
      const largest = this.#largest();
      const newcomer = { mode, buckets: spec.flowBuckets };
      this.reductions += 1;
      if (largest !== undefined && before(sizeOf(largest), newcomer)) largest.reduce(this.#now());
      else mode = SERIES_MODES[rank(mode) + 1] ?? "paths";
    }
  }

  /** Gives targets back what is configured, where there is room by now. */
  settle(): void {
    this.#exhausted = false;
    for (const [name, series] of this.#targets) {
      const mode = this.#wanted.get(name) ?? series.mode;
      if (rank(mode) >= rank(series.mode)) continue;
      const { spec } = series;
      const more = TargetSeries.expected(spec, mode) - TargetSeries.expected(spec, series.mode);
      if (this.#budget.used + more <= ROOMY * this.#budget.limit) series.setMode(mode, this.#now());
    }
  }

  /** Targets that show less than is configured, by what they show. */
  reduced(): ReadonlyMap<SeriesMode, number> {
    const counts = new Map<SeriesMode, number>(SERIES_MODES.slice(1).map((mode) => [mode, 0]));
    for (const [name, { mode }] of this.#targets) {
      if (rank(this.#wanted.get(name) ?? mode) >= rank(mode)) continue;
      counts.set(mode, (counts.get(mode) ?? 0) + 1);
    }
    return counts;
  }

  #reduceLargest(): boolean {
    if (this.#exhausted) return false;
    const largest = this.#largest();
    this.#exhausted = largest === undefined;
    if (largest === undefined) return false;
    this.reductions += 1;
    return largest.reduce(this.#now());
  }

  /** The target to show less of next; undefined if none can show less. */
  #largest(): TargetSeries | undefined {
    let found: TargetSeries | undefined;
    for (const series of this.#targets.values()) {
      if (series.mode === "paths") continue;
      if (found === undefined || before(sizeOf(series), sizeOf(found))) found = series;
    }
    return found;
  }
}

interface Size {
  readonly mode: SeriesMode;
  readonly buckets: number;
}

function sizeOf(series: TargetSeries): Size {
  return { mode: series.mode, buckets: series.spec.flowBuckets };
}

/** From full series (0) to none of buckets (2). */
function rank(mode: SeriesMode): number {
  return SERIES_MODES.indexOf(mode);
}

/** Whether one is reduced before the other: full ones first, of these the larger. */
function before(one: Size, other: Size): boolean {
  return one.mode === other.mode ? one.buckets > other.buckets : rank(one.mode) < rank(other.mode);
}
