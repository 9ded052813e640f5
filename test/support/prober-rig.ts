import type { Target } from "../../src/flow/target.ts";
import type { Direction } from "../../src/probe/one-way.ts";
import type { Outcome } from "../../src/probe/outcome.ts";
import { FlowKeyer } from "../../src/probe/probe-id.ts";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { Prober } from "../../src/probe/prober.ts";
import type { HopReport } from "../../src/probe/reply/hop-report.ts";
import type { SweepAnswer } from "../../src/probe/reply/match.ts";
import { FakeClock } from "./fake-clock.ts";
import { type Behaviour, MemoryNetwork } from "./memory-network.ts";

/** One end of a probe as the engine reported it. */
export interface Recorded {
  readonly at: number;
  readonly flow: ProbedFlow;
  readonly outcome: Outcome;
}

/** The engine on an in-memory network, with everything it reports written down. */
export class ProberRig {
  readonly clock: FakeClock = new FakeClock();
  readonly network: MemoryNetwork = new MemoryNetwork(this.clock);
  readonly outcomes: Recorded[] = [];
  readonly late: ProbedFlow[] = [];
  readonly moved: { before: ProbedFlow; after: ProbedFlow }[] = [];
  readonly sweepAnswers: { flow: ProbedFlow; answer: SweepAnswer; receivedAt: number }[] = [];
  readonly reports: { flow: ProbedFlow; report: HopReport }[] = [];
  readonly oneWay: { flow: ProbedFlow; direction: Direction }[] = [];
  readonly rateLimits: ProbedTarget["rateLimit"][] = [];
  missed = 0;
  /** What the tracer would say of an answer to a sweep. */
  knowsSweeps = true;
  sweepTtl = 1;
  readonly prober: Prober;

  constructor(behaviour: Behaviour, packetsPerSecond = 10_000) {
    this.network.behaviour = behaviour;
    this.prober = new Prober({
      sender: this.network,
      receiver: this.network,
      clock: this.clock,
      packetsPerSecond,
      keyer: new FlowKeyer(Buffer.alloc(32, 7)),
      observer: {
        onOutcome: (flow, outcome, at) => this.outcomes.push({ flow, outcome, at }),
        onLate: (flow) => this.late.push(flow),
        onMissed: (_, probes) => {
          this.missed += probes;
        },
        onSweepAnswer: (flow, answer, receivedAt) => {
          this.sweepAnswers.push({ flow, answer, receivedAt });
          return this.knowsSweeps ? this.sweepTtl : undefined;
        },
        onReport: (flow, report) => this.reports.push({ flow, report }),
        onMoved: (before, after) => this.moved.push({ before, after }),
        onRateLimit: ({ rateLimit }) => this.rateLimits.push(rateLimit),
        onOneWayLoss: (flow, direction) => this.oneWay.push({ flow, direction }),
      },
    });
  }

  add(target: Target): ProbedTarget {
    const probed = this.prober.add(target);
    if (typeof probed === "string") throw new Error(probed);
    return probed;
  }

  /** Lets time pass in turns of the loop. */
  run(ms: number, tickMs = 5): void {
    const end = this.clock.monotonic() + ms;
    while (this.clock.monotonic() < end) {
      this.clock.advance(Math.min(tickMs, end - this.clock.monotonic()));
      this.prober.turn();
    }
  }

  /** The process does not run for a while, then its loop turns once. */
  stall(ms: number): void {
    this.clock.advance(ms);
    this.prober.turn();
  }

  /** Outcomes counted by `kind` or, where there is one, `kind reason`. */
  tally(outcomes: readonly Recorded[] = this.outcomes): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { outcome } of outcomes) {
      const name = "reason" in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }
}

/** The flows of a target, those of empty buckets left out. */
export function flowsOf(target: ProbedTarget): ProbedFlow[] {
  return target.flows.filter((flow) => flow !== undefined);
}
