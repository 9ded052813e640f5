import type { Clock } from "../clock.ts";
import type { EngineObserver } from "../engine/engine-observer.ts";
import type { EngineView } from "../engine/engine-view.ts";
import type { TargetSpec } from "../flow/target.ts";
import type { Direction } from "../probe/one-way.ts";
import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { KnownPath } from "../topology/known-way.ts";
import type { TracePurpose } from "../trace/trace.ts";
import type { Change } from "../verdict/target-event.ts";
import type { Emit } from "./family.ts";
import { PathMetrics } from "./path-metrics.ts";
import { ProbeMetrics } from "./probe-metrics.ts";
import type { SamplePart } from "./sample-reading.ts";
import type { SeriesBudget } from "./series-budget.ts";
import type { TargetFamily } from "./target-family.ts";

/** Counts what the engine reports, by target. */
export class EngineMetrics implements EngineObserver {
  readonly #probes: ProbeMetrics;
  readonly #paths: PathMetrics;
  readonly #clock: Clock;
  #looked = 0;
  /** The families that every target has samples of. */
  readonly families: readonly TargetFamily[];

  /**
   * @param view what gauges are read from at scrape time
   * @param probed the target of a name while it is probed; undefined while the name does not resolve
   */
  constructor(
    clock: Clock,
    budget: SeriesBudget,
    view: EngineView,
    probed: (name: string) => ProbedTarget | undefined,
  ) {
    this.#clock = clock;
    this.#probes = new ProbeMetrics(clock, budget, { view, probed }, (gone) =>
      this.#paths.release(gone),
    );
    this.#paths = new PathMetrics(budget, { view, probed });
    this.families = [...this.#probes.families(), ...this.#paths.families()];
  }

  /** Shows exactly these targets from now on, each with at most so many last hops of its own. */
  setTargets(specs: readonly TargetSpec[], lastHopLimit: number): void {
    this.#probes.setTargets(specs, lastHopLimit);
  }

  /** Which targets show less than is configured, since the limit on series leaves no more room. */
  get modes(): ProbeMetrics["modes"] {
    return this.#probes.modes;
  }

  /** The samples of every target, a part each. */
  *parts(): Generator<SamplePart> {
    const { families } = this;
    for (const series of this.#probes.series()) {
      const collect = (index: number, emit: Emit): void => families[index]?.collect(series, emit);
      const begin = (): void => this.#probes.read(series, this.#clock.monotonic());
      yield { key: series, families, begin, collect };
    }
  }

  onExpected(flows: readonly ProbedFlow[]): void {
    this.#looked += this.#probes.glance(flows);
  }

  onOutcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    this.#probes.outcome(flow, outcome, now);
  }

  onMissed(target: ProbedTarget, probes: number): void {
    this.#probes.missed(target, probes);
  }

  onLate(flow: ProbedFlow): void {
    this.#probes.late(flow);
  }

  onLastHop(flow: ProbedFlow, lastHop: string, probes: number, failures: number): void {
    this.#probes.lastHop(flow, lastHop, probes, failures);
  }

  onPath(flow: ProbedFlow, path: KnownPath | undefined, probes: number, failures: number): void {
    this.#paths.add(this.#probes.seriesOf(flow.target), path, probes, failures);
  }

  onPathLearnt(flow: ProbedFlow, path: KnownPath): void {
    this.#paths.born(this.#probes.seriesOf(flow.target), path);
  }

  onOneWayLoss(flow: ProbedFlow, direction: Direction): void {
    this.#probes.oneWayLoss(flow, direction);
  }

  onChange(target: ProbedTarget, { event }: Change): void {
    this.#probes.changed(target, event);
  }

  onTracePacket(flow: ProbedFlow, purpose: TracePurpose): void {
    this.#probes.trace(flow, "tracePackets", purpose);
  }

  onTraced(flow: ProbedFlow, purpose: TracePurpose): void {
    this.#probes.trace(flow, "traces", purpose);
  }
}
