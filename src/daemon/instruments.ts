import type { Clock } from "../clock.ts";
import type { Engine } from "../engine/engine.ts";
import type { Log } from "../log.ts";
import { Exposition } from "../metrics/exposition.ts";
import type { Family } from "../metrics/family.ts";
import { PathMetrics } from "../metrics/path-metrics.ts";
import { ProbeMetrics } from "../metrics/probe-metrics.ts";
import { MetricRegistry } from "../metrics/registry.ts";
import { seriesFamily } from "../metrics/self-metrics.ts";
import { SeriesBudget } from "../metrics/series-budget.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";

/** What the instruments read when they are scraped. */
export interface InstrumentParts {
  readonly clock: Clock;
  readonly log: Log;
  /** `limits.series` */
  readonly series: number;
  /** The target while it is probed. */
  readonly probed: (name: string) => ProbedTarget | undefined;
  /** Built after the instruments, since it counts on them. */
  readonly engine: () => Engine;
}

/** Everything that counts, and the exposition that shows it. */
export class Instruments {
  readonly budget: SeriesBudget;
  readonly probes: ProbeMetrics;
  readonly paths: PathMetrics;
  readonly exposition: Exposition;
  readonly #registry: MetricRegistry;

  constructor({ clock, log, series, probed, engine }: InstrumentParts) {
    this.budget = new SeriesBudget(series);
    this.paths = new PathMetrics(this.budget, {
      series: () => this.probes.series(),
      probed,
      paths: (target) => engine().pathsOf(target),
    });
    this.probes = new ProbeMetrics(
      clock,
      this.budget,
      { probed, lastHop: (flow) => engine().lastHops.current(flow) },
      (gone) => this.paths.release(gone),
    );
    const onError = (family: string, error: unknown): void =>
      log.error("a metric family was left out", { family, error: String(error) });
    this.#registry = new MetricRegistry(onError);
    this.exposition = new Exposition(() => this.#registry.gather(), {
      onError,
      total: seriesFamily,
    });
    this.show([...this.probes.families(), ...this.paths.families()]);
  }

  /** Shows more families. */
  show(families: readonly Family[]): void {
    for (const family of families) this.#registry.register(family);
  }
}
