import type { Clock } from "../clock.ts";
import type { ProbeMetrics } from "../metrics/probe-metrics.ts";
import { LastHops } from "../path/last-hops.ts";
import { Tracer } from "../path/tracer.ts";
import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import { Prober } from "../probe/prober.ts";
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

/** The prober, the tracer and what counts their findings, wired to each other. */
export class Engine {
  readonly prober: Prober;
  readonly lastHops: LastHops;
  readonly #clock: Clock;
  readonly #metrics: ProbeMetrics;
  #tracer: Tracer;
  #settings: EngineSettings;

  constructor(wire: Wire, clock: Clock, metrics: ProbeMetrics, settings: EngineSettings) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#settings = settings;
    this.lastHops = new LastHops((flow, hop, probes, failures) =>
      metrics.lastHop(flow, hop, probes, failures),
    );
    this.prober = new Prober({
      ...wire,
      clock,
      packetsPerSecond: settings.packetsPerSecond,
      observer: {
        onOutcome: (flow, outcome, now) => this.#outcome(flow, outcome, now),
        onLate: (flow) => metrics.late(flow),
        onMissed: (target, probes) => metrics.missed(target, probes),
        onSweepAnswer: (flow, answer) => this.#tracer.answer(flow, answer),
        onMoved: (before) => this.forget(before),
      },
    });
    this.#tracer = this.#newTracer();
  }

  /** Sweeps under way and what they found. */
  get tracer(): Tracer {
    return this.#tracer;
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
    }
  }

  /** One turn of the loop; call it every few milliseconds. */
  turn(): void {
    this.prober.turn();
    this.#tracer.turn(this.#clock.monotonic());
  }

  /** The flow is no longer probed. */
  forget(flow: ProbedFlow): void {
    this.#tracer.forget(flow);
    this.lastHops.forget(flow);
  }

  #newTracer(): Tracer {
    const metrics = this.#metrics;
    return new Tracer({
      ...this.#settings.trace,
      now: this.#clock.monotonic(),
      send: (flow, ttl) => this.prober.sendSweep(flow, ttl),
      observer: {
        onTraced: (flow, purpose, result) => {
          metrics.trace(flow, "traces", purpose);
          if (purpose === "failure") this.lastHops.traced(flow, result.lastHop);
        },
        onUntraceable: (flow) => this.lastHops.untraceable(flow),
        onTracePacket: (flow, purpose) => metrics.trace(flow, "tracePackets", purpose),
        onRationed: (flow, sentAt) => this.prober.noteRationed(flow, sentAt),
      },
    });
  }

  #outcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    this.#metrics.outcome(flow, outcome);
    if (outcome.kind === "invalid") return;
    this.lastHops.outcome(flow, outcome);
    if (outcome.kind === "answered") this.#tracer.recovered(flow);
    // A refusal comes from the destination: the path works, there is nothing to trace.
    else if (outcome.reason !== "refused") this.#tracer.failed(flow, now);
  }
}
