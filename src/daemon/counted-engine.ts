import { PathMetrics } from "../metrics/path-metrics.ts";
import { ProbeMetrics } from "../metrics/probe-metrics.ts";
import type { SeriesBudget } from "../metrics/series-budget.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";
import { Engine, type EngineOptions } from "./engine.ts";

/** What a counted engine is built from. */
export interface CountedEngineOptions extends Omit<EngineOptions, "metrics" | "pathMetrics"> {
  readonly budget: SeriesBudget;
  /** The target of this name while it is probed. */
  readonly probed: (name: string) => ProbedTarget | undefined;
}

/** An engine and what counts its findings. */
export interface CountedEngine {
  readonly engine: Engine;
  readonly metrics: ProbeMetrics;
  readonly pathMetrics: PathMetrics;
}

/** Builds an engine and its metrics, which read each other: counts go one way, what gauges show goes the other. */
export function countedEngine(options: CountedEngineOptions): CountedEngine {
  const { budget, probed, ...rest } = options;
  const pathMetrics: PathMetrics = new PathMetrics(budget, {
    series: () => metrics.series(),
    probed,
    paths: (target) => engine.pathsOf(target),
  });
  const metrics: ProbeMetrics = new ProbeMetrics(
    options.clock,
    budget,
    { probed, lastHop: (flow) => engine.lastHops.current(flow) },
    (series) => pathMetrics.release(series),
  );
  const engine: Engine = new Engine({ ...rest, metrics, pathMetrics });
  return { engine, metrics, pathMetrics };
}
