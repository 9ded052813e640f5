import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { KnownPath, Topology } from "./topology.ts";

/** Where probes of a flow went; undefined for a path that cannot be told. */
export type PathSink = (
  flow: ProbedFlow,
  path: KnownPath | undefined,
  probes: number,
  failures: number,
) => void;

/**
 * Gives every valid probe the path it took: the one its flow was last seen to take, else the one known path that the
 * hops of its failure's sweep begin. Probes of a flow whose path is not known yet wait until a survey or a sweep has
 * told, so that the sum over paths is the sum over flows.
 */
export class PathAttribution {
  readonly #sink: PathSink;
  readonly #topology: (target: ProbedTarget) => Topology;
  readonly #waiting: Map<ProbedFlow, { probes: number; failures: number }> = new Map();
  /** What sweeps told of flows that were never seen healthy; undefined inside for a path that cannot be told. */
  readonly #guessed: Map<ProbedFlow, { path: KnownPath | undefined }> = new Map();

  constructor(sink: PathSink, topology: (target: ProbedTarget) => Topology) {
    this.#sink = sink;
    this.#topology = topology;
  }

  /** A valid probe ended. */
  outcome(flow: ProbedFlow, failed: boolean): void {
    const known = this.#known(flow);
    const failures = failed ? 1 : 0;
    if (known !== undefined) {
      this.#sink(flow, known.path, 1, failures);
      return;
    }
    const waiting = this.#waiting.get(flow) ?? { probes: 0, failures: 0 };
    waiting.probes += 1;
    waiting.failures += failures;
    this.#waiting.set(flow, waiting);
  }

  /** A survey has told the flow's path. */
  learned(flow: ProbedFlow): void {
    this.#guessed.delete(flow);
    this.#release(flow);
  }

  /** A sweep of the failing flow ended. @param seen who answered, by TTL from 1 */
  traced(flow: ProbedFlow, seen: readonly (string | null)[]): void {
    if (this.#topology(flow.target).of(flow) !== undefined) return;
    this.#guessed.set(flow, { path: this.#topology(flow.target).startingWith(seen) });
    this.#release(flow);
  }

  /** The flow is no longer probed. */
  forget(flow: ProbedFlow): void {
    const waiting = this.#waiting.get(flow);
    if (waiting !== undefined) this.#sink(flow, undefined, waiting.probes, waiting.failures);
    this.#waiting.delete(flow);
    this.#guessed.delete(flow);
  }

  #known(flow: ProbedFlow): { path: KnownPath | undefined } | undefined {
    const topology = this.#topology(flow.target);
    const learnt = topology.of(flow);
    const guessed = this.#guessed.get(flow);
    if (learnt !== undefined || guessed?.path === undefined) return learnt ?? guessed;
    // A path that is forgotten has no counters any more.
    return { path: topology.path(guessed.path.id) };
  }

  #release(flow: ProbedFlow): void {
    const waiting = this.#waiting.get(flow);
    const known = this.#known(flow);
    if (waiting === undefined || known === undefined) return;
    this.#waiting.delete(flow);
    this.#sink(flow, known.path, waiting.probes, waiting.failures);
  }
}
