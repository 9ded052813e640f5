import type { Localization } from "../localize/localize.ts";
import type { Direction } from "../probe/one-way.ts";
import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { TakenPath } from "../topology/path-attribution.ts";
import type { TracePurpose, TraceResult } from "../trace/trace.ts";
import type { Change } from "../verdict/target-event.ts";

/**
 * What the engine reports, each event once, as it happens and within a turn of the loop; answers of a target that answers everything some
 * seconds later, with the time at which they came (`Outcomes`). An observer names the events it wants. It must not throw and must not call the engine back; what it needs to read is in `EngineView`.
 */
export interface EngineObserver {
  /** It is about to be told how probes of these flows ended. */
  onExpected?(flows: readonly ProbedFlow[]): void;
  /** A probe ended: answered, failed or invalid. @param now when it did, milliseconds, monotonic */
  onOutcome?(flow: ProbedFlow, outcome: Outcome, now: number): void;
  /** Probes were due while the process did not run. */
  onMissed?(target: ProbedTarget, probes: number): void;
  /** An answer came after its probe had been given up. */
  onLate?(flow: ProbedFlow): void;
  /** The last responding hop of valid probes is known now. */
  onLastHop?(flow: ProbedFlow, lastHop: string, probes: number, failures: number): void;
  /** The path of valid probes is known now; undefined for one that cannot be told. */
  onPath?(flow: ProbedFlow, path: TakenPath | undefined, probes: number, failures: number): void;
  /** A survey has told the path of a flow; `changed` where the flow took another one before. */
  onPathLearnt?(flow: ProbedFlow, path: TakenPath, changed: boolean): void;
  /** A STAMP reflector has shown in which direction a lost probe was lost. */
  onOneWayLoss?(flow: ProbedFlow, direction: Direction): void;
  /** A TTL-limited probe went out. */
  onTracePacket?(flow: ProbedFlow, purpose: TracePurpose): void;
  /** A sweep ended. */
  onTraced?(flow: ProbedFlow, purpose: TracePurpose, result: TraceResult): void;
  /** What the target's endpoint limits its answers to (`rateLimit`) is another, or none any more. */
  onRateLimit?(target: ProbedTarget): void;
  /** The verdict that is told of a target has changed. */
  onVerdict?(target: ProbedTarget, told: Localization): void;
  /** Something has changed about a target: what is told of it, its suspects, the paths of its flows. */
  onChange?(target: ProbedTarget, change: Change): void;
  /** A stage of the network is too wide for `flow_buckets`: `width` next hops seen, `needed` buckets would do. */
  onTooFewBuckets?(target: ProbedTarget, width: number, needed: number): void;
  /** An error of the program has ended an explanation: of one target, or of what all of them have in common (undefined). */
  onBrokenOff?(target: ProbedTarget | undefined, error: unknown): void;
}

/** Observers that want an event. */
type Wanting<Event extends keyof EngineObserver> = Required<Pick<EngineObserver, Event>>;

/** Hands every event on to each of a list of observers, in the order in which they came. */
export class Observers implements Required<EngineObserver> {
  readonly #all: EngineObserver[] = [];
  /** Those that want what is told of each probe: to ask all of them whether they do would cost more than to tell it. */
  readonly #ofOutcomes: Wanting<"onOutcome">[] = [];
  readonly #ofLastHops: Wanting<"onLastHop">[] = [];
  readonly #ofPaths: Wanting<"onPath">[] = [];

  /** From now on this one is told too. */
  add(observer: EngineObserver): void {
    this.#all.push(observer);
    if (wants(observer, "onOutcome")) this.#ofOutcomes.push(observer);
    if (wants(observer, "onLastHop")) this.#ofLastHops.push(observer);
    if (wants(observer, "onPath")) this.#ofPaths.push(observer);
  }

  onExpected(flows: readonly ProbedFlow[]): void {
    for (const observer of this.#all) observer.onExpected?.(flows);
  }

  onOutcome(flow: ProbedFlow, outcome: Outcome, now: number): void {
    for (const observer of this.#ofOutcomes) observer.onOutcome(flow, outcome, now);
  }

  onMissed(target: ProbedTarget, probes: number): void {
    for (const observer of this.#all) observer.onMissed?.(target, probes);
  }

  onLate(flow: ProbedFlow): void {
    for (const observer of this.#all) observer.onLate?.(flow);
  }

  onLastHop(flow: ProbedFlow, lastHop: string, probes: number, failures: number): void {
    for (const observer of this.#ofLastHops) observer.onLastHop(flow, lastHop, probes, failures);
  }

  onPath(flow: ProbedFlow, path: TakenPath | undefined, probes: number, failures: number): void {
    for (const observer of this.#ofPaths) observer.onPath(flow, path, probes, failures);
  }

  onPathLearnt(flow: ProbedFlow, path: TakenPath, changed: boolean): void {
    for (const observer of this.#all) observer.onPathLearnt?.(flow, path, changed);
  }

  onOneWayLoss(flow: ProbedFlow, direction: Direction): void {
    for (const observer of this.#all) observer.onOneWayLoss?.(flow, direction);
  }

  onTracePacket(flow: ProbedFlow, purpose: TracePurpose): void {
    for (const observer of this.#all) observer.onTracePacket?.(flow, purpose);
  }

  onTraced(flow: ProbedFlow, purpose: TracePurpose, result: TraceResult): void {
    for (const observer of this.#all) observer.onTraced?.(flow, purpose, result);
  }

  onRateLimit(target: ProbedTarget): void {
    for (const observer of this.#all) observer.onRateLimit?.(target);
  }

  onVerdict(target: ProbedTarget, told: Localization): void {
    for (const observer of this.#all) observer.onVerdict?.(target, told);
  }

  onChange(target: ProbedTarget, change: Change): void {
    for (const observer of this.#all) observer.onChange?.(target, change);
  }

  onTooFewBuckets(target: ProbedTarget, width: number, needed: number): void {
    for (const observer of this.#all) observer.onTooFewBuckets?.(target, width, needed);
  }

  onBrokenOff(target: ProbedTarget | undefined, error: unknown): void {
    for (const observer of this.#all) observer.onBrokenOff?.(target, error);
  }
}

function wants<Event extends keyof EngineObserver>(
  observer: EngineObserver,
  event: Event,
): observer is Wanting<Event> {
  return observer[event] !== undefined;
}
