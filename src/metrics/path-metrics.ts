import type { EngineView } from "../engine/engine-view.ts";
import { VERDICTS } from "../localize/verdict.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { KnownWay } from "../topology/known-way.ts";
import type { TakenPath } from "../topology/path-attribution.ts";
import { pathNumber } from "../topology/path-id.ts";
import type { Topology } from "../topology/topology.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";
import { type Emit, renderLabels } from "./family.ts";
import type { MetricSpec } from "./metric-spec.ts";
import { METRICS } from "./metric-table.ts";
import { PathSeries, SOURCE, UNKNOWN_PATH } from "./path-series.ts";
import type { SeriesBudget } from "./series-budget.ts";
import { suspectLabels } from "./suspect-labels.ts";
import type { TargetFamily } from "./target-family.ts";
import type { TargetSeries } from "./target-series.ts";

/** What the path families are read from at scrape time. */
export interface PathsNow {
  /** The target while it is probed. */
  probed(name: string): ProbedTarget | undefined;
  readonly view: Pick<EngineView, "pathsOf">;
}

/** Counts probes by path and link, and shows topology, coverage, verdicts and suspects as they are at scrape time. */
export class PathMetrics {
  readonly #budget: SeriesBudget;
  readonly #now: PathsNow;

  constructor(budget: SeriesBudget, now: PathsNow) {
    this.#budget = budget;
    this.#now = now;
  }

  /** A path has become known: its series begin at zero. */
  born(series: TargetSeries | undefined, path: TakenPath): void {
    if (series !== undefined) this.#of(series).born(path);
  }

  /** The path of probes that ended earlier is known now. */
  add(
    series: TargetSeries | undefined,
    path: TakenPath | undefined,
    probes: number,
    failures: number,
  ): void {
    if (series !== undefined) this.#of(series).add(path, probes, failures);
  }

  /** The families. */
  families(): TargetFamily[] {
    return [
      this.#eachTarget(METRICS.targetNat, ({ onPath }) => (onPath.nat === undefined ? 0 : 1)),
      this.#eachPath(METRICS.pathProbes, (pair) => pair.probes),
      this.#eachPath(METRICS.pathFailures, (pair) => pair.failures),
      this.#eachLink(METRICS.linkProbes, (pair) => pair.probes),
      this.#eachLink(METRICS.linkFailures, (pair) => pair.failures),
      this.#each(METRICS.flowPathId, (series, emit, target, { topology }) => {
        for (const flow of target.flows) {
          if (flow !== undefined) this.#pathId(series, emit, flow, topology.of(flow));
        }
      }),
      this.#eachTarget(METRICS.targetPaths, ({ topology }) => topology.paths().length),
      this.#eachTarget(METRICS.targetPathCoverage, ({ topology }) => topology.coverage()),
      this.#verdicts(),
      this.#each(METRICS.suspectLink, (series, emit, _, { hysteresis }) => {
        // Two causes may name one link; the metric can show it once.
        const shown = new Map<string, number>();
        for (const suspect of hysteresis.standing.suspects) {
          const labels = series.labelled(renderLabels(suspectLabels(suspect)));
          shown.set(labels, Math.max(shown.get(labels) ?? 0, suspect.loss_ratio));
        }
        for (const [labels, loss] of shown) emit(labels, loss);
      }),
      this.#each(METRICS.pathInfo, (series, emit, _, { topology }) => {
        for (const [id] of this.#of(series).paths(countedAs(topology))) {
          const hops = topology.path(id)?.hops.map((hop) => hop ?? "*");
          if (hops === undefined) continue;
          emit(series.labelled(renderLabels({ path: id, hops: hops.join(" > ") })), 1);
        }
      }),
      this.#eachTarget(METRICS.pathChanges, ({ pathChanges }) => pathChanges),
    ];
  }

  /** The target's counters by path are gone with it. */
  release(series: TargetSeries): void {
    series.paths?.release();
    series.paths = undefined;
  }

  #pathId(series: TargetSeries, emit: Emit, flow: ProbedFlow, known: KnownWay | undefined): void {
    if (known?.path === undefined || !series.bucket(flow.bucket).own) return;
    emit(series.bucket(flow.bucket).labels, pathNumber(known.path.id));
  }

  /** A target that cannot be probed is indeterminate. */
  #verdicts(): TargetFamily {
    return this.#all(METRICS.targetVerdict, (series, emit, target) => {
      const told =
        target === undefined
          ? "indeterminate"
          : this.#now.view.pathsOf(target).hysteresis.standing.verdict;
      for (const verdict of VERDICTS) {
        emit(series.labelled(`verdict="${verdict}"`), verdict === told ? 1 : 0);
      }
    });
  }

  #of(series: TargetSeries): PathSeries {
    series.paths ??= new PathSeries((extra) => series.labelled(extra), this.#budget);
    return series.paths;
  }

  /** A family with something to say of every configured target, also of those that are not probed. */
  #all(
    { name, type, help }: MetricSpec,
    collect: (series: TargetSeries, emit: Emit, target: ProbedTarget | undefined) => void,
  ): TargetFamily {
    return {
      name,
      type,
      help,
      collect: (series, emit) => collect(series, emit, this.#now.probed(series.spec.name)),
    };
  }

  /** One number of each target, 0 for one that is not probed. */
  #eachTarget(spec: MetricSpec, value: (paths: TargetPaths) => number): TargetFamily {
    return this.#all(spec, (series, emit, target) =>
      emit(series.labelled(), target === undefined ? 0 : value(this.#now.view.pathsOf(target))),
    );
  }

  #each(
    spec: MetricSpec,
    collect: (series: TargetSeries, emit: Emit, target: ProbedTarget, paths: TargetPaths) => void,
  ): TargetFamily {
    return this.#all(spec, (series, emit, target) => {
      if (target !== undefined) collect(series, emit, target, this.#now.view.pathsOf(target));
    });
  }

  #eachPath(
    spec: MetricSpec,
    value: (pair: { readonly probes: number; readonly failures: number }) => number,
  ): TargetFamily {
    return this.#each(spec, (series, emit, _, { topology }) => {
      for (const [, pair] of this.#of(series).paths(countedAs(topology)))
        emit(pair.labels, value(pair));
    });
  }

  #eachLink(
    spec: MetricSpec,
    value: (pair: { readonly probes: number; readonly failures: number }) => number,
  ): TargetFamily {
    return this.#each(spec, (series, emit, _, { topology }) => {
      const known = (from: string, to: string): boolean =>
        topology.hasLink(from === SOURCE ? null : from, to);
      for (const pair of this.#of(series).links(known)) emit(pair.labels, value(pair));
    });
  }
}

/** Under which id the counters of a path are kept by now; undefined for a path that is forgotten. */
function countedAs(topology: Topology): (id: string) => string | undefined {
  return (id) => {
    const path = topology.countedAs(id);
    return path === null ? UNKNOWN_PATH : path?.id;
  };
}
