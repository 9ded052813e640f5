import type { Clock } from "../clock.ts";
import type { Localization } from "../localize/localize.ts";
import type { Log } from "../log.ts";
import type { PathMetrics } from "../metrics/path-metrics.ts";
import type { ProbeMetrics } from "../metrics/probe-metrics.ts";
import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import { Probers } from "../probe/probers.ts";
import { Surveyor } from "../survey/surveyor.ts";
import type { HopNames } from "../topology/hop-names.ts";
import { PathLedger } from "../topology/path-attribution.ts";
import { LastHops } from "../trace/last-hops.ts";
import type { TracePurpose, TraceResult } from "../trace/trace.ts";
import { Tracer } from "../trace/tracer.ts";
import { Assessor, type TargetPaths } from "../verdict/assessor.ts";
import type { Wire } from "./open-wire.ts";

/** Numbers of the configuration that the engine goes by. */
export interface EngineSettings {
  /** Everything sent. */
  readonly packetsPerSecond: number;
  readonly trace: {
    readonly maxHops: number;
    readonly attempts: number;
    readonly packetsPerSecond: number;
    readonly hopPacketsPerSecond: number;
  };
}

/** What the engine is built from. */
export interface EngineOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ProbeMetrics;
  readonly pathMetrics: PathMetrics;
  readonly names: HopNames;
  readonly settings: EngineSettings;
  /** Only so many flows that are up are surveyed, for somebody who waits for them; all unless told. */
  readonly sample?: number;
}

/** The probers, the tracer, the surveyor and the assessor, and what counts their findings, wired to each other. */
export class Engine {
  readonly prober: Probers;
  readonly lastHops: LastHops;
  readonly #options: EngineOptions;
  readonly #surveyor: Surveyor;
  readonly #ledger: PathLedger;
  readonly #assessor: Assessor;
  readonly #sampled: Set<ProbedFlow> = new Set();
  #tracer: Tracer;
  #settings: EngineSettings;

  constructor(options: EngineOptions) {
    const { clock, metrics, pathMetrics, log } = options;
    this.#options = options;
    this.#settings = options.settings;
    const topology = (target: ProbedTarget): TargetPaths["topology"] =>
      this.pathsOf(target).topology;
    this.lastHops = new LastHops((flow, hop, probes, failures) =>
      metrics.lastHop(flow, hop, probes, failures),
    );
    this.#ledger = new PathLedger(
      (flow, path, probes, failures) =>
        pathMetrics.add(metrics.seriesOf(flow.target), path, probes, failures),
      topology,
    );
    this.#surveyor = new Surveyor({
      begin: (flow, now) => this.#tracer.survey(flow, now),
      topology,
    });
    this.#assessor = new Assessor({
      clock: () => clock.monotonic(),
      traced: (flow) => this.#tracer.resultOf(flow),
      onVerdict: ({ target }, { verdict, reason }) =>
        log.info("verdict", { target: target.name, verdict, reason }),
      onTooFewBuckets: ({ target }, width, needed) =>
        log.warn("flow_buckets is too small for the number of paths: some may be left out", {
          target: target.name,
          flow_buckets: target.flowBuckets,
          next_hops: width,
          flow_buckets_needed: needed,
        }),
    });
    this.prober = new Probers({
      ...options.wire,
      clock,
      packetsPerSecond: options.settings.packetsPerSecond,
      observer: {
        onOutcome: (flow, outcome, now) => this.#outcome(flow, outcome, now),
        onLate: (flow) => metrics.late(flow),
        onMissed: (target, probes) => metrics.missed(target, probes),
        onSweepAnswer: (flow, answer) => this.#tracer.answer(flow, answer),
        onReport: (flow, report, now) => this.pathsOf(flow.target).onPath.add(report, now),
        onOneWayLoss: (flow, direction, now) => {
          metrics.oneWayLoss(flow, direction);
          this.pathsOf(flow.target).oneWay.add(flow, direction, now);
        },
        onMoved: (before, after) => {
          this.forget(before);
          this.#want(after);
        },
      },
    });
    this.#tracer = this.#newTracer();
  }

  /** Sweeps under way and what they found. */
  get tracer(): Tracer {
    return this.#tracer;
  }

  /** What is known of a target's paths. */
  pathsOf(target: ProbedTarget): TargetPaths {
    return this.#assessor.of(target, this.#options.clock.monotonic());
  }

  /** What the evidence says of a target now, without waiting for it to be confirmed. */
  conclude(target: ProbedTarget): Localization {
    return this.#assessor.conclude(target, this.#options.clock.monotonic());
  }

  /** Takes new settings; changed sweep settings begin the sweeps of failing flows anew. */
  configure(settings: EngineSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (before.packetsPerSecond !== settings.packetsPerSecond) {
      this.prober.setPacketsPerSecond(settings.packetsPerSecond);
    }
    if (JSON.stringify(before.trace) !== JSON.stringify(settings.trace)) {
      this.#tracer = this.#newTracer();
      this.#surveyor.restart();
    }
  }

  /** One turn of the loop; call it every few milliseconds. */
  turn(): void {
    this.prober.turn();
    const now = this.#options.clock.monotonic();
    this.#surveyor.turn(now);
    this.#tracer.turn(now);
    this.#assessor.turn(now);
  }

  /** A target has begun to be probed: its paths are learnt as soon as its flows are up. */
  begin(target: ProbedTarget): void {
    if (this.#options.sample === undefined) this.survey(target);
  }

  /** The target is no longer probed. */
  end(target: ProbedTarget): void {
    this.prober.remove(target);
    for (const flow of target.flows) if (flow !== undefined) this.forget(flow);
    this.#surveyor.forget(target);
    this.#assessor.forget(target);
  }

  /** Learns the paths of a target's healthy flows anew. */
  survey(target: ProbedTarget): void {
    if (this.prober.hasRaw) this.#surveyor.start(target);
  }

  /** Closes what is under way. */
  close(): void {
    this.prober.close();
  }

  /** The flow is no longer probed. */
  forget(flow: ProbedFlow): void {
    this.#tracer.forget(flow);
    this.#surveyor.finished(flow, undefined);
    this.lastHops.forget(flow);
    this.#ledger.forget(flow);
  }

  #want(flow: ProbedFlow): void {
    if (this.prober.hasRaw) this.#surveyor.want(flow);
  }

  #newTracer(): Tracer {
    const { metrics } = this.#options;
    return new Tracer({
      ...this.#settings.trace,
      now: this.#options.clock.monotonic(),
      mayAsk: (flow) => this.prober.mayTrace(flow),
      send: (flow, ttl) => this.prober.sendSweep(flow, ttl),
      observer: {
        onTraced: (flow, purpose, result, now) => {
          metrics.trace(flow, "traces", purpose);
          this.#traced(flow, purpose, result, now);
        },
        onUntraceable: (flow) => this.lastHops.untraceable(flow),
        onTracePacket: (flow, purpose) => metrics.trace(flow, "tracePackets", purpose),
        onRationed: (flow, sentAt) => this.prober.noteRationed(flow, sentAt),
      },
      pathOf: (flow) => this.pathsOf(flow.target).topology.of(flow)?.path.hops,
      surveys: this.#surveyor,
    });
  }

  /** The names of hops, as far as they are looked up. */
  get names(): HopNames {
    return this.#options.names;
  }

  /** Surveys one of the first flows that are up, where only a few are to be. */
  #sample(flow: ProbedFlow): void {
    if (this.#sampled.size >= (this.#options.sample ?? 0) || this.#sampled.has(flow)) return;
    this.#sampled.add(flow);
    this.#surveyor.want(flow);
  }

  #traced(flow: ProbedFlow, purpose: TracePurpose, result: TraceResult, now: number): void {
    const destination = flow.target.target.address.text;
    for (const hop of [...result.seen, ...result.way, destination]) {
      if (hop !== null) this.names.want(hop);
    }
    if (purpose === "failure") {
      this.lastHops.traced(flow, result.lastHop);
      this.#ledger.traced(flow, result.seen);
      return;
    }
    if (purpose !== "survey") return;
    const hops = this.#surveyor.finished(flow, result);
    if (hops === undefined || !flow.active) return;
    const paths = this.pathsOf(flow.target);
    if (paths.topology.learn(flow, hops, now) === "changed") paths.pathChanges += 1;
    const learnt = paths.topology.of(flow)?.path;
    const series = this.#options.metrics.seriesOf(flow.target);
    if (learnt !== undefined) this.#options.pathMetrics.born(series, learnt);
    this.#ledger.learned(flow);
  }

  #outcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    this.#options.metrics.outcome(flow, outcome);
    const paths = this.pathsOf(flow.target);
    if (outcome.kind === "invalid") {
      if (outcome.reason !== "send_error") return;
      paths.sendErrors += 1;
      paths.sendErrorAt = now;
      return;
    }
    paths.sendErrors = 0;
    paths.evidence.add(flow, outcome.kind === "failed", now);
    this.lastHops.outcome(flow, outcome);
    this.#ledger.outcome(flow, outcome.kind === "failed");
    if (this.prober.hasRaw) {
      this.#trace(flow, outcome, now);
    } else {
      // Nothing will ever tell where it went.
      this.lastHops.untraceable(flow);
      this.#ledger.traced(flow, []);
    }
  }

  #trace(flow: ProbedFlow, outcome: Exclude<Outcome, { kind: "invalid" }>, now: number): void {
    if (outcome.kind === "answered") {
      this.#tracer.recovered(flow);
      this.#sample(flow);
      return;
    }
    // A refusal comes from the destination: the path works, there is nothing to trace.
    if (outcome.reason === "refused") return;
    this.#tracer.failed(flow, now);
    this.#surveyor.finished(flow, undefined);
    // Its path may be another once it works again.
    this.#want(flow);
  }
}
