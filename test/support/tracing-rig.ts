import { FlowKeyer } from "../../src/probe/probe-id.ts";
import { ProbedFlow, type ProbedTarget } from "../../src/probe/probed-flow.ts";
import { Surveyor } from "../../src/survey/surveyor.ts";
import { PathAttribution } from "../../src/topology/path-attribution.ts";
import { Topology } from "../../src/topology/topology.ts";
import { LastHops } from "../../src/trace/last-hops.ts";
import type { TracePurpose, TraceResult } from "../../src/trace/trace.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { FakeClock } from "./fake-clock.ts";
import { nextPort } from "./next-port.ts";
import { makeProbed } from "./probed-flow.ts";
import type { SimulatedRouters } from "./simulated-routers.ts";

/** One sweep that ended. */
export interface Traced {
  readonly at: number;
  readonly flow: ProbedFlow;
  readonly purpose: TracePurpose;
  readonly result: TraceResult;
}

/** What the tracer of a rig may send; the defaults of the configuration. */
export interface RigSettings {
  readonly packetsPerSecond?: number;
  readonly hopPacketsPerSecond?: number;
  readonly maxHops?: number;
  readonly flows?: number;
  /** Milliseconds between two turns of the loop. */
  readonly turnMs?: number;
  /** Milliseconds between two probes of a flow. */
  readonly intervalMs?: number;
  readonly to?: string;
  /** Told of every answer that used up an error that the target may send, with the sending time of its packet. */
  readonly onRateLimited?: (sentAt: number) => void;
}

const TURN_MS = 5;
const INTERVAL_MS = 10_000;

/** Tracer, surveyor, topology and what counts their findings on simulated routers, wired as in the program. */
export class TracingRig {
  readonly clock: FakeClock = new FakeClock();
  readonly topology: Topology = new Topology();
  readonly surveyor: Surveyor;
  readonly tracer: Tracer;
  readonly lastHops: LastHops;
  readonly attribution: PathAttribution;
  readonly target: ProbedTarget;
  readonly flows: readonly ProbedFlow[];
  readonly traced: Traced[] = [];
  readonly untraceable: ProbedFlow[] = [];
  /** When each TTL-limited packet was sent. */
  readonly sentAt: number[] = [];
  readonly packets: Record<TracePurpose, number> = { failure: 0, survey: 0, control: 0 };
  /** Probes and failures by last hop, and by path id (`unknown` where it cannot be told). */
  readonly byLastHop: Map<string, { probes: number; failures: number }> = new Map();
  readonly byPath: Map<string, { probes: number; failures: number }> = new Map();
  probes = 0;
  failures = 0;
  pathChanges = 0;
  readonly network: SimulatedRouters;
  readonly #turnMs: number;
  readonly #intervalMs: number;
  readonly #startedAt: number;
  #probesDue = 0;

  constructor(network: SimulatedRouters, settings: RigSettings = {}) {
    const { packetsPerSecond = 200, hopPacketsPerSecond = 10, maxHops = 30, flows = 64 } = settings;
    this.network = network;
    this.#startedAt = this.now;
    this.#turnMs = settings.turnMs ?? TURN_MS;
    this.#intervalMs = settings.intervalMs ?? INTERVAL_MS;
    const to = settings.to === undefined ? {} : { to: settings.to };
    this.target = makeProbed({ flowBuckets: flows, intervalMs: this.#intervalMs, ...to });
    const keyer = new FlowKeyer(Buffer.alloc(32, 9));
    this.flows = Array.from({ length: flows }, (_, bucket) => {
      const port = nextPort(this.target.rings, bucket, 0);
      return new ProbedFlow(this.target, bucket, port, keyer);
    });
    this.target.flows.push(...this.flows);
    this.lastHops = new LastHops((_, hop, probes, failures) =>
      add(this.byLastHop, hop, probes, failures),
    );
    this.attribution = new PathAttribution(
      (_, path, probes, failures) => add(this.byPath, path?.id ?? "unknown", probes, failures),
      () => this.topology,
    );
    this.surveyor = new Surveyor({
      begin: (flow, now) => this.tracer.survey(flow, now),
      topology: () => this.topology,
      onLearnt: (flow, _, changed) => {
        if (changed) this.pathChanges += 1;
        this.attribution.learned(flow);
      },
    });
    this.tracer = new Tracer({
      maxHops,
      attempts: 3,
      packetsPerSecond,
      hopPacketsPerSecond,
      now: this.now,
      send: (flow, ttl) => {
        this.sentAt.push(this.now);
        return network.send(flow, ttl, this.now);
      },
      observer: {
        onTraced: (flow, purpose, result, at) => this.#onTraced({ at, flow, purpose, result }),
        onUntraceable: (flow) => {
          if (!this.untraceable.includes(flow)) this.untraceable.push(flow);
          this.lastHops.untraceable(flow);
        },
        onTracePacket: (_, purpose) => {
          this.packets[purpose] += 1;
        },
        onRateLimited: (_, sentAt) => settings.onRateLimited?.(sentAt),
      },
      pathOf: (flow) => this.topology.of(flow)?.hops,
      surveys: this.surveyor,
    });
  }

  get now(): number {
    return this.clock.monotonic();
  }

  /** Lets time pass: probes go round the flows, answers arrive, the loop turns. */
  run(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.clock.advance(Math.min(this.#turnMs, end - this.now));
      this.network.deliver(this.now, (flow, answer) => this.tracer.answer(flow, answer));
      for (; this.#probesDue < this.#due(); this.#probesDue += 1) {
        const flow = this.flows[this.#probesDue % this.flows.length];
        if (flow !== undefined) this.probe(flow);
      }
      this.surveyor.turn(this.now);
      this.tracer.turn(this.now);
    }
  }

  /** A probe of the flow ends now, as the network has it or as `answered` says. */
  probe(flow: ProbedFlow, answered: boolean = this.network.reaches(flow.sourcePort)): void {
    this.probes += 1;
    const outcome = answered
      ? ({ kind: "answered", rttMs: 1 } as const)
      : ({ kind: "failed", reason: "timeout", responder: undefined } as const);
    flow.state = answered ? "up" : "failing";
    if (outcome.kind === "failed") flow.lastFailure = outcome;
    this.lastHops.outcome(flow, outcome);
    this.attribution.outcome(flow, !answered);
    if (answered) {
      this.tracer.recovered(flow, this.now);
      return;
    }
    this.failures += 1;
    this.tracer.failed(flow, this.now);
    this.surveyor.gaveWay(flow);
    this.surveyor.want(flow);
  }

  /** Probes every flow once, at this moment. */
  probeAll(): void {
    for (const flow of this.flows) this.probe(flow);
  }

  /** Ports of flows that fail. */
  failing(): number[] {
    return this.flows.filter(({ state }) => state === "failing").map((flow) => flow.sourcePort);
  }

  #due(): number {
    const passed = this.now - this.#startedAt;
    return Math.floor((passed * this.flows.length) / this.#intervalMs);
  }

  #onTraced(traced: Traced): void {
    this.traced.push(traced);
    const { flow, purpose, result, at } = traced;
    if (purpose === "failure") {
      this.lastHops.traced(flow, result.lastHop);
      this.attribution.traced(flow, result.seen);
      return;
    }
    if (purpose === "survey") this.surveyor.finished(flow, result, at);
  }
}

function add(
  counts: Map<string, { probes: number; failures: number }>,
  key: string,
  probes: number,
  failures: number,
): void {
  const count = counts.get(key) ?? { probes: 0, failures: 0 };
  count.probes += probes;
  count.failures += failures;
  counts.set(key, count);
}

/** The most moments that lie in any span of `ms`, its end not counted. */
export function mostWithin(times: readonly number[], ms: number): number {
  let most = 0;
  let from = 0;
  times.forEach((at, index) => {
    while (at - (times[from] ?? at) >= ms) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}
