import type { Clock } from "../clock.ts";
import type { EngineView } from "../engine/engine-view.ts";
import type { Log } from "../log.ts";
import { EngineMetrics } from "../metrics/engine-metrics.ts";
import { Exposition } from "../metrics/exposition.ts";
import type { Family } from "../metrics/family.ts";
import { MetricRegistry } from "../metrics/registry.ts";
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

/** Everything that counts, and the exposition that shows it. */
export class Telemetry {
  readonly budget: SeriesBudget;
  /** To be told by the engine. */
  readonly engine: EngineMetrics;
  readonly exposition: Exposition;
  readonly #registry: MetricRegistry;

  constructor({ clock, log, series, probed, view }: TelemetryParts) {
    this.budget = new SeriesBudget(series);
    this.engine = new EngineMetrics(clock, this.budget, view, probed);
    const onError = (family: string, error: unknown): void =>
      log.error("metric family failed; omitted from this scrape", { family, error: String(error) });
    this.#registry = new MetricRegistry(onError);
    this.exposition = new Exposition(() => this.#registry.gather(), {
      onError,
      total: seriesFamily,
    });
    this.show(this.engine.families());
  }

  /** Shows more families. */
  show(families: readonly Family[]): void {
    for (const family of families) this.#registry.register(family);
  }
}
