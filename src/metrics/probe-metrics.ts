import type { Clock } from "../clock.ts";
import type { EngineView } from "../engine/engine-view.ts";
import type { TargetSpec } from "../flow/target.ts";
import { Kept } from "../probe/kept.ts";
import type { Direction } from "../probe/one-way.ts";
import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { TracePurpose } from "../trace/trace.ts";
import type { TargetEvent } from "../verdict/target-event.ts";
import { type Emit, renderLabels } from "./family.ts";
import type { MetricSpec } from "./metric-spec.ts";
import { METRICS } from "./metric-table.ts";
import type { SeriesBudget } from "./series-budget.ts";
import { SeriesModes } from "./series-modes.ts";
import type { TargetFamily } from "./target-family.ts";
import { TargetSeries } from "./target-series.ts";

/** What the gauges of a target are read from at scrape time. */
export interface ProbedNow {
  /** The target while it is probed; undefined while its name does not resolve. */
  probed(name: string): ProbedTarget | undefined;
  readonly view: Pick<EngineView, "lastHopOf" | "pathsOf" | "tellAnswers">;
}

/** Counts outcomes by target, bucket and last hop, and shows them as the probe, flow and target families. */
export class ProbeMetrics {
  readonly #clock: Clock;
  readonly #budget: SeriesBudget;
  readonly #now: ProbedNow;
  readonly #onGone: (series: TargetSeries) => void;
  readonly #targets: Map<string, TargetSeries> = new Map();
  readonly #modes: SeriesModes;
  /** The series of targets that were asked for: by the target itself, whose name need not be read. */
  readonly #known: Kept<TargetSeries> = new Kept();

  /** @param onGone a target's series are shown no more */
  constructor(
    clock: Clock,
    budget: SeriesBudget,
    now: ProbedNow,
    onGone: (series: TargetSeries) => void,
  ) {
    this.#onGone = onGone;
    this.#clock = clock;
    this.#budget = budget;
    this.#now = now;
    this.#modes = new SeriesModes(this.#targets, budget, () => clock.monotonic());
  }

  /**
   * Shows exactly these targets from now on. Those whose series would stay the same (name, protocol, buckets, labels)
   * keep their counters; those that are gone vanish.
   */
  setTargets(specs: readonly TargetSpec[], lastHopLimit: number): void {
    const before = new Map(this.#targets);
    this.#targets.clear();
    // Room must be given back before it is asked for again.
    const wanted = new Map(specs.map((spec) => [spec.name, spec]));
    for (const [name, series] of before) {
      const spec = wanted.get(name);
      if (spec !== undefined && series.shows(spec)) continue;
      series.release();
      this.#onGone(series);
      before.delete(name);
    }
    for (const [name, series] of before) this.#targets.set(name, series);
    this.#modes.begin(new Map(specs.map(({ name, series }) => [name, series])));
    const shown: TargetSeries[] = [];
    for (const spec of specs) {
      const kept = before.get(spec.name);
      if (kept !== undefined) kept.lastHopLimit = lastHopLimit;
      const series =
        kept ?? new TargetSeries(spec, this.#budget, lastHopLimit, this.#modes.modeOfNew(spec));
      this.#targets.set(spec.name, series);
      shown.push(series);
    }
    // In the order of the configuration, which those that were there already need not be in.
    this.#targets.clear();
    for (const series of shown) this.#targets.set(series.spec.name, series);
    this.#modes.settle();
  }

  /** Which targets show less than is configured, since the limit on series leaves no more room. */
  get modes(): Pick<SeriesModes, "reduced" | "reductions"> {
    return this.#modes;
  }

  /** The series of a target; undefined where it is not shown. */
  seriesOf(target: ProbedTarget): TargetSeries | undefined {
    const known = this.#known.of(target);
    return known?.isShown ? known : this.#look(target);
  }

  #look(target: ProbedTarget): TargetSeries | undefined {
    const series = this.#targets.get(target.target.name);
    if (series !== undefined) this.#known.set(target, series);
    return series;
  }

  /** Every target's series. */
  series(): Iterable<TargetSeries> {
    return this.#targets.values();
  }

  /** Reads what outcomes of these flows will need. @returns a number without a meaning */
  glance(flows: readonly ProbedFlow[]): number {
    const series: (TargetSeries | undefined)[] = [];
    for (const { target } of flows) series.push(this.seriesOf(target));
    let looked = 0;
    for (const one of series) looked += one?.rtt.glance() ?? 0;
    for (const [at, flow] of flows.entries())
      looked += series[at]?.bucket(flow.bucket).glance() ?? 0;
    for (const one of series) looked += one?.paths?.glance() ?? 0;
    return looked;
  }

  /** A reading of the target's series begins. @param now milliseconds, monotonic */
  read(series: TargetSeries, now: number): void {
    const target = this.#now.probed(series.spec.name);
    if (target !== undefined) this.#now.view.tellAnswers(target);
    series.read(now);
    if (target === undefined) return;
    let met: Set<string> | undefined;
    series.forgetHops(now, (hop) => {
      met ??= this.#met(target);
      return met.has(hop);
    });
  }

  /** Hops of the target's network, and the last hops of its flows now. */
  #met(target: ProbedTarget): Set<string> {
    const { view } = this.#now;
    const met = new Set(view.pathsOf(target).topology.links().flat());
    met.add(target.target.address.text);
    for (const flow of target.flows) if (flow !== undefined) met.add(view.lastHopOf(flow));
    return met;
  }

  /** An end-to-end probe ended. @param now milliseconds, monotonic */
  outcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    const series = this.seriesOf(flow.target);
    if (series === undefined) return;
    if (outcome.kind === "invalid") {
      series.invalid.set(outcome.reason, (series.invalid.get(outcome.reason) ?? 0) + 1);
      return;
    }
    if (outcome.kind === "failed") series.failed(flow.bucket, now);
    const bucket = series.bucket(flow.bucket);
    bucket.probes += 1;
    if (outcome.kind === "failed") {
      bucket.failures += 1;
      series.reasons.set(outcome.reason, (series.reasons.get(outcome.reason) ?? 0) + 1);
    } else {
      // It may be told a while after it ended.
      const at = (this.#clock.wall() - this.#clock.monotonic() + now) / 1000;
      series.rtt.observe(outcome.rttMs / 1000, flow.sourcePort, flow.bucket, at);
    }
  }

  /** The last hop of probes that ended earlier is known now. */
  lastHop(flow: ProbedFlow, hop: string, probes: number, failures: number): void {
    const series = this.seriesOf(flow.target);
    if (series === undefined) return;
    if (failures === 0 && series.bucket(flow.bucket).ended(hop, probes)) return;
    const pair = series.lastHop(flow.bucket, hop);
    pair.probes += probes;
    pair.failures += failures;
  }

  /** Probes were due while the process did not run. */
  missed(target: ProbedTarget, probes: number): void {
    const series = this.seriesOf(target);
    series?.invalid.set("stall", (series.invalid.get("stall") ?? 0) + probes);
  }

  /** An answer came after its probe had been given up. */
  late(flow: ProbedFlow): void {
    const series = this.seriesOf(flow.target);
    if (series !== undefined) series.late += 1;
  }

  /** The direction in which a lost probe was going has become known. */
  oneWayLoss(flow: ProbedFlow, direction: Direction): void {
    const losses = this.seriesOf(flow.target)?.oneWayLosses;
    losses?.set(direction, (losses.get(direction) ?? 0) + 1);
  }

  /** A packet of a sweep went out, or (`traces`) a sweep ended. */
  trace(flow: ProbedFlow, what: "tracePackets" | "traces", purpose: TracePurpose): void {
    const counts = this.seriesOf(flow.target)?.[what];
    counts?.set(purpose, (counts.get(purpose) ?? 0) + 1);
  }

  /** Something has changed about a target. */
  changed(target: ProbedTarget, event: TargetEvent): void {
    const events = this.seriesOf(target)?.events;
    events?.set(event, (events.get(event) ?? 0) + 1);
  }

  /** The families. */
  families(): TargetFamily[] {
    return [
      this.#eachBucket(METRICS.probes, (bucket) => bucket.probes),
      this.#eachBucket(METRICS.probeFailures, (bucket) => bucket.failures),
      this.#eachKey(METRICS.probeFailureReasons, "reason", (series) => series.reasons),
      this.#eachLastHop(METRICS.lastHopProbes, (pair) => pair.probes),
      this.#eachLastHop(METRICS.lastHopFailures, (pair) => pair.failures),
      this.#eachKey(METRICS.probesInvalid, "reason", (series) => series.invalid),
      this.#each(METRICS.lateReplies, (series, emit) => emit(series.labelled(), series.late)),
      this.#eachKey(METRICS.oneWayLosses, "direction", (series) => series.oneWayLosses),
      this.#each(METRICS.probeRtt, (series, emit) => series.rtt.emit(emit, series.labelled())),
      this.#each(METRICS.flowUp, (series, emit) => this.#flowUp(series, emit)),
      this.#each(METRICS.flowSourcePort, (series, emit) => this.#sourcePorts(series, emit)),
      this.#each(METRICS.targetInfo, (series, emit) => this.#info(series, emit)),
      this.#each(METRICS.targetFlowsFailing, (series, emit) => {
        const flows = this.#now.probed(series.spec.name)?.flows ?? [];
        const failing = flows.filter((flow) => flow?.state === "failing").length;
        emit(series.labelled(), failing);
      }),
      this.#eachKey(METRICS.tracePackets, "purpose", (series) => series.tracePackets),
      this.#eachKey(METRICS.traces, "purpose", (series) => series.traces),
      this.#eachKey(METRICS.targetEvents, "event", (series) => series.events),
    ];
  }

  #flowUp(series: TargetSeries, emit: Emit): void {
    for (const flow of this.#now.probed(series.spec.name)?.flows ?? []) {
      if (flow === undefined || flow.state === "unknown" || !series.bucket(flow.bucket).own) {
        continue;
      }
      const lastHop = series.hopLabel(this.#now.view.lastHopOf(flow));
      // The label set is that of the last hop's counters, once there are any.
      const labels =
        series.bucket(flow.bucket).lastHop(lastHop)?.labels ??
        series.labelled(renderLabels({ flow_bucket: flow.bucket, last_hop: lastHop }));
      emit(labels, flow.state === "up" ? 1 : 0);
    }
  }

  #sourcePorts(series: TargetSeries, emit: Emit): void {
    for (const flow of this.#now.probed(series.spec.name)?.flows ?? []) {
      if (flow === undefined || !series.bucket(flow.bucket).own) continue;
      emit(series.bucket(flow.bucket).labels, flow.sourcePort);
    }
  }

  #info(series: TargetSeries, emit: Emit): void {
    const address = this.#now.probed(series.spec.name)?.target.address.text ?? "";
    emit(series.labelled(`address="${address}",port="${series.spec.port}"`), 1);
  }

  #each({ name, type, help }: MetricSpec, collect: TargetFamily["collect"]): TargetFamily {
    return { name, type, help, collect };
  }

  #eachBucket(
    spec: MetricSpec,
    value: (pair: { readonly probes: number; readonly failures: number }) => number,
  ): TargetFamily {
    return this.#each(spec, (series, emit) => {
      for (const bucket of series.buckets()) emit(bucket.labels, bucket.shown(value(bucket)));
    });
  }

  #eachLastHop(
    spec: MetricSpec,
    value: (pair: { readonly probes: number; readonly failures: number }) => number,
  ): TargetFamily {
    return this.#each(spec, (series, emit) => {
      for (const bucket of series.buckets()) {
        let pair = bucket.lastHopAt(0);
        for (let place = 1; pair !== undefined; place += 1) {
          emit(pair.labels, bucket.shown(value(pair)));
          pair = bucket.lastHopAt(place);
        }
      }
    });
  }

  #eachKey(
    spec: MetricSpec,
    label: string,
    counts: (series: TargetSeries) => ReadonlyMap<string, number>,
  ): TargetFamily {
    return this.#each(spec, (series, emit) => {
      for (const [key, count] of counts(series)) emit(series.labelled(`${label}="${key}"`), count);
    });
  }
}
