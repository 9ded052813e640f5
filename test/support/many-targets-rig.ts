import { FlowKeyer } from "../../src/probe/probe-id.ts";
import { ProbedFlow, type ProbedTarget } from "../../src/probe/probed-flow.ts";
import { Surveyor } from "../../src/survey/surveyor.ts";
import { Topology } from "../../src/topology/topology.ts";
import type { TracePurpose } from "../../src/trace/trace.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { FakeClock } from "./fake-clock.ts";
import { nextPort } from "./next-port.ts";
import { makeProbed } from "./probed-flow.ts";
import type { SimulatedRouters } from "./simulated-routers.ts";
import type { Traced } from "./tracing-rig.ts";

const TURN_MS = 5;
const INTERVAL_MS = 10_000;
const FLOWS = 64;

/** One tracer and one surveyor for many targets on simulated routers, default settings, wired as in the program. */
export class ManyTargetsRig {
  readonly clock: FakeClock = new FakeClock();
  readonly targets: readonly ProbedTarget[];
  readonly surveyor: Surveyor;
  readonly tracer: Tracer;
  readonly traced: Traced[] = [];
  readonly packets: Record<TracePurpose, number> = { failure: 0, survey: 0, control: 0 };
  readonly network: SimulatedRouters;
  /** Flows whose failures were given up untraced, as often as that was told. */
  readonly untraceable: ProbedFlow[] = [];
  readonly #topologies: Map<ProbedTarget, Topology> = new Map();
  readonly #startedAt: number;
  #probesDue = 0;

  /** @param icmp how many of the targets, the first ones, are probed over ICMP, which routers hash by addresses alone */
  constructor(network: SimulatedRouters, targets: number, flows: number = FLOWS, icmp = 0) {
    this.network = network;
    this.#startedAt = this.now;
    const keyer = new FlowKeyer(Buffer.alloc(32, 9));
    this.targets = Array.from({ length: targets }, (_, at) => {
      const to = `198.51.${100 + Math.floor(at / 250)}.${(at % 250) + 1}`;
      const protocol = at < icmp ? "icmp" : "tcp";
      if (at < icmp) network.hashedByAddress.add(to);
      const target = makeProbed({ flowBuckets: flows, intervalMs: INTERVAL_MS, to, protocol });
      for (let bucket = 0; bucket < flows; bucket += 1) {
        const port = nextPort(target.rings, bucket, 0);
        target.flows.push(new ProbedFlow(target, bucket, port, keyer));
      }
      this.#topologies.set(target, new Topology());
      return target;
    });
    this.surveyor = new Surveyor({
      begin: (flow, now) => this.tracer.survey(flow, now),
      topology: (target) => this.topology(target),
      onLearnt: () => {},
    });
    this.tracer = new Tracer({
      maxHops: 30,
      attempts: 3,
      packetsPerSecond: 200,
      hopPacketsPerSecond: 10,
      now: this.now,
      send: (flow, ttl) => network.send(flow, ttl, this.now),
      observer: {
        onTraced: (flow, purpose, result, at) => {
          this.traced.push({ at, flow, purpose, result });
          if (purpose === "survey") this.surveyor.finished(flow, result, at);
        },
        onUntraceable: (flow) => this.untraceable.push(flow),
        onTracePacket: (_, purpose) => {
          this.packets[purpose] += 1;
        },
        onRateLimited: () => {},
      },
      pathOf: (flow) => this.topology(flow.target).of(flow)?.hops,
      surveys: this.surveyor,
    });
  }

  get now(): number {
    return this.clock.monotonic();
  }

  topology(target: ProbedTarget): Topology {
    return this.#topologies.get(target) ?? new Topology();
  }

  /** Every target's paths are asked for. */
  start(): void {
    for (const target of this.targets) this.surveyor.start(target);
  }

  /** Lets time pass: probes go round all flows, answers arrive, the loop turns. */
  run(ms: number): void {
    const flows = this.targets.flatMap((target) => target.flows as ProbedFlow[]);
    // One target's flows are spread over the interval, as are those of the others.
    const order = flows.sort((a, b) => a.bucket - b.bucket);
    for (const end = this.now + ms; this.now < end; ) {
      this.clock.advance(TURN_MS);
      this.network.deliver(this.now, (flow, answer) => this.tracer.answer(flow, answer));
      const due = Math.floor(((this.now - this.#startedAt) * order.length) / INTERVAL_MS);
      for (; this.#probesDue < due; this.#probesDue += 1) {
        const flow = order[this.#probesDue % order.length];
        if (flow !== undefined) this.#probe(flow);
      }
      this.surveyor.turn(this.now);
      this.tracer.turn(this.now);
    }
  }

  #probe(flow: ProbedFlow): void {
    const answered = this.network.reaches(flow.sourcePort, flow.target.target.address.text);
    flow.state = answered ? "up" : "failing";
    if (answered) {
      this.tracer.recovered(flow, this.now);
      return;
    }
    this.tracer.failed(flow, this.now);
    this.surveyor.gaveWay(flow);
    this.surveyor.want(flow);
  }
}
