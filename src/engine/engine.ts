import type { Localization } from "../localize/localize.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import { Prober } from "../probe/prober.ts";
import { AliasResolution } from "../survey/alias-resolution.ts";
import { Surveyor } from "../survey/surveyor.ts";
import { WayChecks } from "../survey/way-checks.ts";
import { unlearnHastyWays } from "../topology/hasty-ways.ts";
import { PathAttribution } from "../topology/path-attribution.ts";
import { NO_NAMES } from "../topology/router-names.ts";
import type { Topology } from "../topology/topology.ts";
import { LastHops } from "../trace/last-hops.ts";
import type { TracePurpose, TraceResult } from "../trace/trace.ts";
import { Tracer } from "../trace/tracer.ts";
import { Assessor } from "../verdict/assessor.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";
import { type EngineObserver, Observers } from "./engine-observer.ts";
import type { EngineOptions, EngineSettings } from "./engine-options.ts";
import type { EngineView } from "./engine-view.ts";
import { giveUp } from "./give-up.ts";
import { LookAhead } from "./look-ahead.ts";
import { Outcomes, type ValidOutcome } from "./outcomes.ts";
import { RouterReports } from "./router-reports.ts";
import { TargetEvents } from "./target-events.ts";
import { ENGINE_TURN_MS, TurnPause } from "./turn-pause.ts";

/** The probers, the tracer, the surveyor and the assessor, wired to each other. Tells its observers, knows none of them. */
export class Engine implements EngineView {
  readonly prober: Prober;
  readonly #options: EngineOptions;
  readonly #observers: Observers = new Observers();
  readonly #lastHops: LastHops;
  readonly #surveyor: Surveyor;
  readonly #aliases: AliasResolution;
  readonly #wayChecks: WayChecks;
  readonly #reports: RouterReports;
  readonly #attribution: PathAttribution;
  readonly #assessor: Assessor;
  readonly #events: TargetEvents;
  readonly #pause: TurnPause;
  readonly #sampled: Set<ProbedFlow> = new Set();
  readonly #outcomes: Outcomes;
  #tracer: Tracer;
  #settings: EngineSettings;

  constructor(options: EngineOptions) {
    const { clock, wire, settings } = options;
    const observers = this.#observers;
    this.#options = options;
    this.#settings = settings;
    const topology = (target: ProbedTarget): Topology => this.pathsOf(target).topology;
    const routers = options.routers ?? NO_NAMES;
    this.#reports = new RouterReports((target) => this.pathsOf(target), routers);
    this.#lastHops = new LastHops(observers.onLastHop.bind(observers));
    this.#attribution = new PathAttribution(observers.onPath.bind(observers), topology);
    this.#surveyor = new Surveyor({
      begin: (flow, now) => this.#tracer.survey(flow, now),
      topology,
      onLearnt: (flow, path, changed) => {
        if (changed) {
          this.pathsOf(flow.target).pathChanges += 1;
          this.#events.pathChanged(flow, clock.monotonic());
        }
        if (path !== undefined) observers.onPathLearnt(flow, path, changed);
        this.#reports.learnt(flow, clock.monotonic());
        this.#attribution.learned(flow);
      },
    });
    this.#aliases = new AliasResolution({
      hopPacketsPerSecond: () => this.#settings.trace.hopPacketsPerSecond,
      targets: () => (options.routers?.sharesLimit === undefined ? [] : this.prober.targets),
      topology,
      routers,
      ask: (...asked) => this.#tracer.asks.ask(...asked),
      isIdle: () => this.#tracer.isIdle,
    });
    this.#wayChecks = new WayChecks({
      topology,
      routers,
      ask: (...asked) => this.#tracer.asks.ask(...asked),
      onMoved: (target, before) => {
        this.pathsOf(target).waysFrom = before;
        this.survey(target);
        this.#assessor.news(target);
      },
    });
    this.#assessor = new Assessor({
      ...(options.routers && { routers: options.routers }),
      clock: () => clock.monotonic(),
      traced: (flow) => this.#tracer.resultOf(flow),
      tellAnswers: this.tellAnswers,
      hostFault: (target) => this.prober.hostFaults.reason(target, clock.monotonic()),
      onTold: (target) => this.#events.told(target),
      onVerdict: (target, told) => observers.onVerdict(target, told),
      onTooFewBuckets: (...found) => observers.onTooFewBuckets(...found),
      onBrokenOff: (...broken) => observers.onBrokenOff(...broken),
    });
    this.#events = new TargetEvents(
      (target) => this.pathsOf(target).hysteresis.standing,
      (...change) => observers.onChange(...change),
    );
    this.prober = new Prober({
      ...wire,
      clock,
      packetsPerSecond: settings.packetsPerSecond,
      observer: {
        onExpected: (flows) => this.#outcomes.expected(flows),
        onOutcome: (flow, outcome, now) => this.#outcomes.ended(flow, outcome, now),
        onLate: (flow) => observers.onLate(flow),
        onMissed: (target, probes) => observers.onMissed(target, probes),
        onSweepAnswer: (flow, answer) => this.#tracer.answer(flow, answer),
        onReport: (flow, report, now) => this.#reports.answered(flow, report, now),
        onOneWayLoss: (flow, direction, now) => {
          observers.onOneWayLoss(flow, direction);
          this.pathsOf(flow.target).oneWay.add(flow, direction, now);
        },
        onRateLimit: (target) => {
          this.#assessor.rateLimited(target);
          observers.onRateLimit(target);
        },
        onMoved: (before, after) => {
          this.forget(before);
          if (this.prober.hasRaw) this.#surveyor.want(after);
        },
      },
    });
    this.#outcomes = new Outcomes({
      observers,
      pathsOf: (target) => this.pathsOf(target),
      lastHops: this.#lastHops,
      attribution: this.#attribution,
      ahead: new LookAhead((target) => this.pathsOf(target), this.#attribution, observers),
      mayTrace: () => this.prober.hasRaw,
      mayKeep: (options.sample ?? 0) === 0,
      follows: (flow) => this.#tracer.follows(flow),
      onNews: (target) => this.#assessor.news(target),
      trace: (flow, outcome, now) => this.#trace(flow, outcome, now),
    });
    this.#pause = new TurnPause(wire.receiver.kernelTimestamps, () => this.prober.perSecond());
    this.#tracer = this.#newTracer();
  }

  /** From now on the observer is told too. */
  readonly observe = (observer: EngineObserver): void => this.#observers.add(observer);

  lastHopOf(flow: ProbedFlow): string {
    return this.#lastHops.current(flow);
  }

  traceOf(flow: ProbedFlow): TraceResult | undefined {
    return this.#tracer.resultOf(flow);
  }

  pathsOf(target: ProbedTarget): TargetPaths {
    return this.#assessor.of(target);
  }

  readonly tellAnswers = (target: ProbedTarget): void => this.#outcomes.tell(target);

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
    this.#wayChecks.turn(now);
    this.#aliases.turn(now);
    this.#assessor.turn(now);
    this.#events.turn(now);
  }

  /**
   * How long the loop may wait before the next turn, milliseconds: a failing flow is swept and explained at full speed, and what
   * is due already is sent at once.
   */
  pauseMs(): number {
    if (this.prober.isBehind) return 0;
    const isBusy = this.#tracer.isSweeping || this.#assessor.isBusy;
    return isBusy ? ENGINE_TURN_MS : this.#pause.at(this.#options.clock.monotonic());
  }

  /** A target has begun to be probed: its paths are learnt as soon as its flows are up. */
  begin(target: ProbedTarget): void {
    this.#events.begin(target);
    if (this.#options.sample === undefined) this.survey(target);
  }

  /** The target is no longer probed. */
  end(target: ProbedTarget): void {
    this.prober.remove(target);
    this.#outcomes.tell(target);
    this.#events.end(target);
    for (const flow of target.flows) if (flow !== undefined) this.forget(flow);
    this.#surveyor.forget(target);
    this.#wayChecks.forget(target);
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
    this.#outcomes.tell(flow.target);
    this.#tracer.forget(flow);
    this.#surveyor.gaveWay(flow);
    this.#lastHops.forget(flow);
    this.#attribution.forget(flow);
    this.pathsOf(flow.target).evidence.retired();
  }

  #newTracer(): Tracer {
    return new Tracer({
      ...this.#settings.trace,
      now: this.#options.clock.monotonic(),
      mayTrace: (flow) => this.prober.mayTrace(flow),
      send: (flow, ttl) => this.prober.sendSweep(flow, ttl),
      observer: {
        onTraced: (flow, purpose, result, now) => this.#traced(flow, purpose, result, now),
        onUntraceable: (flow) => giveUp(flow, true, this.#lastHops, this.#attribution),
        onTracePacket: (flow, purpose) => this.#observers.onTracePacket(flow, purpose),
        onRateLimited: (flow, sentAt) => this.prober.noteRateLimited(flow, sentAt),
      },
      pathOf: (flow) => this.pathsOf(flow.target).topology.of(flow)?.hops,
      surveys: this.#surveyor,
    });
  }

  /** Surveys one of the first flows that are up, where only a few are to be. */
  #sample(flow: ProbedFlow): void {
    if (this.#sampled.size >= (this.#options.sample ?? 0) || this.#sampled.has(flow)) return;
    this.#sampled.add(flow);
    this.#surveyor.want(flow);
  }

  #traced(flow: ProbedFlow, purpose: TracePurpose, result: TraceResult, now: number): void {
    // They took the way that is known until now.
    this.#outcomes.tell(flow.target);
    this.#observers.onTraced(flow, purpose, result);
    if (purpose === "survey") {
      this.pathsOf(flow.target).hopsByTtl.add(result.way, now);
      this.#surveyor.finished(flow, result, now);
    }
    if (purpose === "control") {
      const { topology, controls } = this.pathsOf(flow.target);
      controls.add(flow, topology.of(flow)?.hops ?? [], result, now);
      this.#assessor.news(flow.target);
    }
    if (purpose !== "failure") return;
    const { hopsByTtl, topology } = this.pathsOf(flow.target);
    hopsByTtl.addFailing(result.seen, now);
    unlearnHastyWays(flow.target, topology, result.circling ?? []);
    this.#assessor.news(flow.target);
    this.#lastHops.traced(flow, result.lastHop);
    this.#attribution.traced(flow, result.seen);
  }

  #trace(flow: ProbedFlow, outcome: ValidOutcome, now: number): void {
    if (outcome.kind === "answered") {
      this.#tracer.recovered(flow, now);
      this.#sample(flow);
      return;
    }
    // A refusal comes from the destination: the path works, there is nothing to trace.
    if (outcome.reason === "refused") {
      this.#attribution.untraced(flow);
      return;
    }
    this.#tracer.failed(flow, now);
    if (this.#options.sample === undefined) this.#wayChecks.doubt(flow.target, now);
    this.#surveyor.gaveWay(flow);
    // Its path may be another once it works again.
    this.#surveyor.want(flow);
  }
}
