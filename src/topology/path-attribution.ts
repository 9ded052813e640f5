import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { Topology } from "./topology.ts";

/** A path as one flow takes it. */
export interface TakenPath {
  readonly id: string;
  /** The addresses that answered this flow, by TTL from 1; null for one that has not. */
  readonly hops: readonly (string | null)[];
}

/** Where probes of a flow went; undefined for a path that cannot be told. */
export type PathSink = (
  flow: ProbedFlow,
  path: TakenPath | undefined,
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
  /** Who answered the sweeps of failing flows whose path was not known, by TTL from 1. */
  readonly #seen: Map<ProbedFlow, readonly (string | null)[]> = new Map();

  constructor(sink: PathSink, topology: (target: ProbedTarget) => Topology) {
    this.#sink = sink;
    this.#topology = topology;
  }

  /** Reads what {@link outcome} will need. @returns a number without a meaning */
  glance(flow: ProbedFlow): number {
    return flow.withoutPath?.probes ?? 0;
  }

  /** A valid probe ended. */
  outcome(flow: ProbedFlow, failed: boolean): void {
    const known = this.#known(flow);
    const failures = failed ? 1 : 0;
    const waiting = flow.withoutPath;
    if (waiting === undefined) {
      if (known === undefined) flow.withoutPath = { probes: 1, failures };
      else this.#sink(flow, known ?? undefined, 1, failures);
      return;
    }
    waiting.probes += 1;
    waiting.failures += failures;
    this.#release(flow, known);
  }

  /** A survey has told the flow's path. */
  learned(flow: ProbedFlow): void {
    this.#seen.delete(flow);
    this.#release(flow);
  }

  /** A sweep of the failing flow ended. @param seen who answered, by TTL from 1 */
  traced(flow: ProbedFlow, seen: readonly (string | null)[]): void {
    if (this.#topology(flow.target).of(flow)?.path !== undefined) return;
    this.#seen.set(flow, seen);
    this.#release(flow);
  }

  /** A probe failed of which no sweep will come: what is known of the flow's path by now is all there is. */
  untraced(flow: ProbedFlow): void {
    this.traced(flow, this.#seen.get(flow) ?? []);
  }

  /** The flow is no longer probed. */
  forget(flow: ProbedFlow): void {
    const waiting = flow.withoutPath;
    if (waiting !== undefined) this.#sink(flow, undefined, waiting.probes, waiting.failures);
    flow.withoutPath = undefined;
    this.#seen.delete(flow);
  }

  /** The path of a flow, null where it cannot be told; undefined where something may still tell it. */
  #known(flow: ProbedFlow): TakenPath | null | undefined {
    const topology = this.#topology(flow.target);
    const way = topology.of(flow);
    if (way?.path !== undefined) return { id: way.path.id, hops: way.hops };
    const seen = this.#seen.get(flow);
    if (seen === undefined) return undefined;
    return topology.startingWith(together(seen, way?.hops ?? [])) ?? null;
  }

  #release(flow: ProbedFlow, known = this.#known(flow)): void {
    const waiting = flow.withoutPath;
    if (waiting === undefined || known === undefined) return;
    flow.withoutPath = undefined;
    this.#sink(flow, known ?? undefined, waiting.probes, waiting.failures);
  }
}

/** What a failing flow's sweeps saw, and what is known of its way while it worked, but for the destination. */
function together(
  seen: readonly (string | null)[],
  way: readonly (string | null)[],
): (string | null)[] {
  const length = Math.max(seen.length, way.length - 1);
  return Array.from({ length }, (_, at) => seen[at] ?? way[at] ?? null);
}
