import type { Clock } from "../clock.ts";
import type { EngineView } from "../engine/engine-view.ts";
import type { Log } from "../log.ts";
import { EngineMetrics } from "../metrics/engine-metrics.ts";
import type { Family } from "../metrics/family.ts";
import { MetricRegistry } from "../metrics/registry.ts";
import type { SamplePart } from "../metrics/sample-reading.ts";
import { seriesFamily } from "../metrics/self-metrics.ts";
import { SeriesBudget } from "../metrics/series-budget.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";

/** What the telemetry is built from. */
export interface TelemetryParts {
  readonly clock: Clock;
  readonly log: Log;
  /** `limits.series` */
  readonly series: number;
  /** The target while it is probed. */
  readonly probed: (name: string) => ProbedTarget | undefined;
  readonly view: EngineView;
}

/** It is not said more often than this, milliseconds. */
const SAY_AGAIN_MS = 60_000;

/** Everything that counts. */
export class Telemetry {
  readonly budget: SeriesBudget;
  /** To be told by the engine. */
  readonly engine: EngineMetrics;
  readonly #registry: MetricRegistry;
  readonly #log: Log;
  /** What stands for the exporter's own families among the parts, by name. */
  readonly #keys: Map<string, object> = new Map();
  #reductions = 0;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor({ clock, log, series, probed, view }: TelemetryParts) {
    this.#log = log;
    this.budget = new SeriesBudget(series);
    this.engine = new EngineMetrics(clock, this.budget, view, probed);
    this.#registry = new MetricRegistry((family, error) => this.failed(family, error));
    // Read by target, they are declared here so that no name can be taken twice.
    for (const family of this.engine.families) this.#registry.claim(family);
  }

  /** Shows more families. */
  show(families: readonly Family[]): void {
    for (const family of families) this.#registry.register(family);
  }

  /** Says when targets have had to show fewer series. Call it with each turn of the loop. @param now milliseconds, monotonic */
  turn(now: number): void {
    const { reductions } = this.engine.modes;
    if (reductions === this.#reductions || now - this.#saidAt < SAY_AGAIN_MS) return;
    this.#reductions = reductions;
    this.#saidAt = now;
    const { limit } = this.budget;
    const reduced = Object.fromEntries(this.engine.modes.reduced());
    this.#log.warn("limits.series is reached: targets show fewer series, the largest first", {
      limit,
      ...reduced,
    });
  }

  /** Says of a family that it was left out of a scrape. */
  failed(family: string, error: unknown): void {
    this.#log.error("metric family failed; omitted from this scrape", {
      family,
      error: String(error),
    });
  }

  /** Families of the exporter itself, with those of the process as they are now. */
  own(): Promise<readonly Family[]> {
    return this.#registry.gather();
  }

  /**
   * Reads everything that a scrape shows, a part between two yields: every target, then the exporter.
   * @param own from {@link own}
   * @param read takes a part and tells how many samples it had
   */
  *samples(own: readonly Family[], read: (part: SamplePart) => number): Generator<void> {
    let samples = 0;
    for (const part of [...this.engine.parts()]) {
      samples += read(part);
      yield;
    }
    for (const family of own) {
      samples += read(this.#partOf(family));
      yield;
    }
    read(this.#partOf(seriesFamily(samples + 1)));
  }

  /** A family that is read in one go. */
  #partOf(family: Family): SamplePart {
    let key = this.#keys.get(family.name);
    if (key === undefined) {
      key = {};
      this.#keys.set(family.name, key);
    }
    return { key, families: [family], collect: (_, emit) => family.collect(emit) };
  }
}
