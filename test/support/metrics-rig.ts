import type { TargetSpec } from "../../src/flow/target.ts";
import { render } from "../../src/metrics/exposition.ts";
import { PathMetrics } from "../../src/metrics/path-metrics.ts";
import { ProbeMetrics } from "../../src/metrics/probe-metrics.ts";
import { SeriesBudget } from "../../src/metrics/series-budget.ts";
import type { ProbedFlow, ProbedTarget } from "../../src/probe/probed-flow.ts";
import { TargetPaths } from "../../src/verdict/target-paths.ts";
import { type ParsedSample, parseExposition } from "./exposition-parser.ts";
import { FakeClock } from "./fake-clock.ts";
import { nextPort } from "./next-port.ts";
import { makeFlowOf, makeProbed } from "./probed-flow.ts";
import { readTargets } from "./read-samples.ts";

/** The counters and gauges of targets, with what they are read from under the test's hand. */
export class MetricsRig {
  readonly clock: FakeClock = new FakeClock();
  readonly budget: SeriesBudget;
  readonly probes: ProbeMetrics;
  readonly paths: PathMetrics;
  /** Targets that are probed, by name. */
  readonly probed: Map<string, ProbedTarget> = new Map();
  /** The last hop of each flow now; the destination by default. */
  readonly lastHops: Map<ProbedFlow, string> = new Map();
  readonly #known: Map<ProbedTarget, TargetPaths> = new Map();

  constructor(limit = 20_000) {
    this.budget = new SeriesBudget(limit);
    this.paths = new PathMetrics(this.budget, {
      probed: (name) => this.probed.get(name),
      view: { pathsOf: (target) => this.known(target) },
    });
    this.probes = new ProbeMetrics(
      this.clock,
      this.budget,
      {
        probed: (name) => this.probed.get(name),
        view: {
          lastHopOf: (flow) => this.lastHops.get(flow) ?? flow.target.target.address.text,
          pathsOf: (target) => this.known(target),
          tellAnswers: () => {},
        },
      },
      (series) => this.paths.release(series),
    );
  }

  /** What is known of a target's paths. */
  known(target: ProbedTarget): TargetPaths {
    const known = this.#known.get(target) ?? new TargetPaths(this.clock.monotonic());
    this.#known.set(target, known);
    return known;
  }

  /** Shows these targets, none of them probed yet. */
  show(targets: readonly TargetSpec[], lastHopLimit = 32): void {
    this.probes.setTargets(targets, lastHopLimit);
  }

  /** Shows one target that is probed, with a flow a bucket. */
  probe(settings: Parameters<typeof makeProbed>[0] = {}, lastHopLimit = 32): ProbedTarget {
    const target = makeProbed(settings);
    for (let bucket = 0; bucket < target.target.flowBuckets; bucket += 1) {
      target.flows.push(makeFlowOf(target, bucket, nextPort(target.rings, bucket, 0)));
    }
    this.probed.set(target.target.name, target);
    this.show([target.target], lastHopLimit);
    return target;
  }

  /** A valid probe of the flow ended, and its last hop is known. */
  outcome(flow: ProbedFlow, answered: boolean, hop = flow.target.target.address.text): void {
    flow.state = answered ? "up" : "failing";
    this.lastHops.set(flow, hop);
    const failed = { kind: "failed", reason: "timeout", responder: undefined } as const;
    this.probes.outcome(
      flow,
      answered ? { kind: "answered", rttMs: 2 } : failed,
      this.clock.monotonic(),
    );
    this.probes.lastHop(flow, hop, 1, answered ? 0 : 1);
  }

  /** Every sample, as a scraper reads it. */
  async samples(format: "text" | "openmetrics" = "text"): Promise<ParsedSample[]> {
    const all = [...this.probes.families(), ...this.paths.families()];
    const now = this.clock.monotonic();
    for (const series of this.probes.series()) this.probes.read(series, now);
    const families = readTargets(all, this.probes.series(), now);
    const onError = (family: string, error: unknown): never => {
      throw new Error(`${family}: ${String(error)}`);
    };
    const body = await render(families, format, { onError });
    return parseExposition(body.toString(), format).flatMap(({ samples }) => samples);
  }

  /** The samples of one name, by the value of one label. */
  async values(name: string, label: string): Promise<Record<string, number>> {
    const own = (await this.samples()).filter((sample) => sample.name === name);
    return Object.fromEntries(own.map(({ labels, value }) => [labels[label] ?? "", value]));
  }

  /** The sum over all samples of one name. */
  async sum(name: string): Promise<number> {
    const own = (await this.samples()).filter((sample) => sample.name === name);
    return own.reduce((total, { value }) => total + value, 0);
  }
}

/** The flows of a target that has one in every bucket. */
export function flowsOf(target: ProbedTarget): ProbedFlow[] {
  return target.flows.filter((flow) => flow !== undefined);
}
