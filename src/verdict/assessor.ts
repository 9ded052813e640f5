import { flowsNeeded } from "../flow/coverage.ts";
import type { LocalizeCase } from "../localize/case.ts";
import { atOnce, type Localization, localizeInSteps } from "../localize/localize.ts";
import { Kept } from "../probe/kept.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { RouterNames } from "../topology/router-names.ts";
import type { TraceResult } from "../trace/trace.ts";
import { allAnswered, answeredCase } from "./all-answered.ts";
import { brokenOff, unlessBroken } from "./broken-off.ts";
import { compareTargets } from "./compare-targets.ts";
import { lessPassedRouters } from "./passed-routers.ts";
import { PooledFaults } from "./pooled-faults.ts";
import { answersTooSlowly } from "./rate-limit-verdict.ts";
import { withReasonNow } from "./reason-now.ts";
import { forgetRecovered, type HopsOf } from "./recovery.ts";
import { RouterLookup } from "./router-lookup.ts";
import { caseOf, type SeenBy } from "./target-case.ts";
import { ASSESSED_EVERY_MS, TargetPaths } from "./target-paths.ts";
import { isUndecided, withoutLeftovers } from "./undecided.ts";

/** With news it is formed at once, but not more often than this. */
const NEWS_MS = 1000;
/** A target that is new is noticed within this time. */
const LOOK_MS = 500;
/** Work of one turn: the loop has probes to send and answers to read. */
const SLICE_MS = 2;

/** An explanation under way. */
interface Running {
  readonly target: ProbedTarget;
  readonly paths: TargetPaths;
  readonly steps: Generator<undefined, Localization>;
}

/** What the assessor is built from. */
export interface AssessorOptions {
  /** Which addresses are one router's; every address stands for itself unless given. */
  readonly routers?: RouterNames;
  /** Milliseconds, to measure the work of a turn by. */
  readonly clock: () => number;
  /** The sweeps of a failing flow so far. */
  readonly traced: (flow: ProbedFlow) => TraceResult | undefined;
  /** Answers of the target that are not in its evidence yet are put there. */
  readonly tellAnswers?: (target: ProbedTarget) => void;
  /** What this host itself does to the target's answers; undefined for nothing. */
  readonly hostFault?: (target: ProbedTarget) => string | undefined;
  /** What is told may have changed, if only in numbers. */
  readonly onTold?: (target: ProbedTarget) => void;
  /** The verdict that is told has changed. */
  readonly onVerdict: (target: ProbedTarget, told: Localization) => void;
  /** The width seen asks for more buckets than there are. */
  readonly onTooFewBuckets: (target: ProbedTarget, width: number, needed: number) => void;
  /** An error of the program has ended an explanation: of one target, or of what all of them have in common (undefined). */
  readonly onBrokenOff: (target: ProbedTarget | undefined, error: unknown) => void;
}

/** Forms the verdicts: gathers what each target's flows did, lets it be explained, and compares the targets. */
export class Assessor {
  readonly #options: AssessorOptions;
  readonly #targets: Map<ProbedTarget, TargetPaths> = new Map();
  /** The same for whoever asks: every probe does, several times. */
  readonly #known: Kept<TargetPaths> = new Kept();
  /** Targets that are no longer probed. */
  readonly #gone: WeakSet<ProbedTarget> = new WeakSet();
  /** Targets of which there is news since they were assessed, the oldest news first. */
  readonly #news: Set<ProbedTarget> = new Set();
  /** Whether the last assessment was for news; others then get their turn. */
  #wasNews = false;
  /** What the failing flows of all targets show together. */
  readonly #pooled: PooledFaults;
  readonly #seenBy: SeenBy;
  #nextTurnAt = 0;
  #running: Running | undefined;
  /** In which turn what all targets answered was last put into their evidence. */
  #toldAllAt = Number.NEGATIVE_INFINITY;
  /** The last turn ended before its work did. */
  #hasMore = false;

  constructor(options: AssessorOptions) {
    this.#options = options;
    const { traced, onBrokenOff } = options;
    this.#pooled = new PooledFaults((error) => onBrokenOff(undefined, error));
    this.#seenBy = { traced, routers: new RouterLookup(options.routers) };
  }

  /** What is known of a target's paths; begun when first asked for. */
  of(target: ProbedTarget): TargetPaths {
    const known = this.#known.of(target);
    if (known !== undefined) return known;
    const paths = new TargetPaths(this.#options.clock(), this.#options.routers);
    // Whoever still shows a target that is gone must not bring it back.
    if (!this.#gone.has(target)) {
      this.#targets.set(target, paths);
      this.#known.set(target, paths);
    }
    return paths;
  }

  /**
   * What the evidence says at this moment, for somebody who cannot wait until it has been found again. Explained in one
   * go, which may hold the loop for a second.
   */
  conclude(target: ProbedTarget, now: number): Localization {
    this.#options.tellAnswers?.(target);
    const paths = this.of(target);
    const found =
      this.#sourceFault(target, paths, now) ??
      answersTooSlowly(target) ??
      this.#explainAtOnce(target, caseOf(target, paths, this.#seenBy, now));
    return withReasonNow(found, target);
  }

  /** Something has happened that may change the target's verdict: a probe failed, a flow came back, a sweep ended. */
  news(target: ProbedTarget): void {
    this.#news.add(target);
  }

  /** What the target's endpoint limits its answers to is known, or is another: failures of before say nothing of paths. */
  rateLimited(target: ProbedTarget): void {
    const { rateLimit } = target;
    if (rateLimit?.proven) this.of(target).evidence.forgetFailuresBefore(rateLimit.since);
    this.#news.add(target);
  }

  /** The target is no longer probed. */
  forget(target: ProbedTarget): void {
    this.#gone.add(target);
    this.#targets.delete(target);
    this.#known.set(target, undefined);
    this.#news.delete(target);
    this.#pooled.forget(target);
  }

  /** One turn: a few milliseconds of explaining failures, so that the loop is never held. */
  turn(now: number): void {
    const end = this.#options.clock() + SLICE_MS;
    do this.#hasMore = this.#work(now);
    while (this.#hasMore && this.#options.clock() < end);
  }

  /** Whether there is more to explain than the last turn had time for. */
  get isBusy(): boolean {
    return this.#hasMore;
  }

  /** One step of an explanation, or the beginning of the next. @returns false where no target is due */
  #work(now: number): boolean {
    if (this.#running !== undefined) {
      this.#step(this.#running, now);
      return true;
    }
    if (this.#pooled.isDue(now)) {
      for (const target of this.#pooled.step(now)) this.#news.add(target);
      return true;
    }
    const fresh = this.#wasNews ? undefined : this.#withNews(now);
    this.#wasNews = fresh !== undefined;
    if (fresh !== undefined) {
      this.#assess(...fresh, now);
      return true;
    }
    if (now < this.#nextTurnAt) return false;
    // Targets take turns in the order in which they fall due; one that was assessed goes to the end.
    const [first] = this.#targets;
    if (first === undefined) return false;
    const [target, paths] = first;
    if (now < paths.nextAt) {
      this.#nextTurnAt = Math.min(paths.nextAt, now + LOOK_MS);
      return false;
    }
    this.#targets.delete(target);
    this.#targets.set(target, paths);
    paths.nextAt = now + ASSESSED_EVERY_MS;
    this.#assess(target, paths, now);
    return true;
  }

  /** The target with the oldest news that was not assessed just now. */
  #withNews(now: number): [ProbedTarget, TargetPaths] | undefined {
    for (const target of this.#news) {
      const paths = this.#targets.get(target);
      if (paths !== undefined && now - paths.assessedAt >= NEWS_MS) return [target, paths];
    }
    return undefined;
  }

  #assess(target: ProbedTarget, paths: TargetPaths, now: number): void {
    this.#options.tellAnswers?.(target);
    paths.assessedAt = now;
    this.#news.delete(target);
    const hopsOf: HopsOf = (flow) => paths.topology.of(flow)?.hops;
    forgetRecovered(paths.evidence, paths.found?.suspects ?? [], hopsOf, now);
    paths.topology.prune(now);
    paths.onPath.prune(now);
    const other = this.#sourceFault(target, paths, now) ?? answersTooSlowly(target);
    if (other !== undefined) {
      this.#tell(target, paths, other, now);
      return;
    }
    // The flows that are left when a fault is over would look like another, smaller one: to other targets as well.
    const isRecovering = paths.evidence.isRecovering(now, target.roundMs);
    const answered = paths.evidence.allAnswered(now);
    if (answered !== undefined) {
      if (!isRecovering) this.#pooled.put(target, answeredCase(target.target.address.text));
      paths.reported.forgetOld(now);
      this.#tell(target, paths, allAnswered(answered), now);
      return;
    }
    const input = caseOf(target, paths, this.#seenBy, now);
    const told = paths.told.steady(now);
    const pooled = this.#pooled;
    const steps = this.#unlessBroken(
      target,
      (function* () {
        if (!isRecovering) pooled.put(target, input);
        return yield* localizeInSteps(input, pooled.sharedWith(target), told);
      })(),
    );
    this.#step({ target, paths, steps }, now);
  }

  #explainAtOnce(target: ProbedTarget, input: LocalizeCase): Localization {
    const steps = localizeInSteps(input, this.#pooled.sharedWith(target));
    return atOnce(this.#unlessBroken(target, steps));
  }

  #unlessBroken(
    target: ProbedTarget,
    steps: Generator<undefined, Localization>,
  ): Generator<undefined, Localization> {
    return unlessBroken(steps, (error) => {
      this.#options.onBrokenOff(target, error);
      return brokenOff(error);
    });
  }

  #step(running: Running, now: number): void {
    const step = running.steps.next();
    this.#running = step.done ? undefined : running;
    if (!step.done || !this.#targets.has(running.target)) return;
    this.#tell(running.target, running.paths, step.value, now);
  }

  #tell(target: ProbedTarget, paths: TargetPaths, all: Localization, now: number): void {
    const isCompared = all.verdict === "target_down" || all.suspects.length > 0;
    if (isCompared && this.#toldAllAt !== now) this.#tellAllAnswers(now);
    const own = withoutLeftovers(all, target, paths.evidence, now);
    const found = lessPassedRouters(own, target, this.#targets);
    paths.found = found;
    // A change of verdict is told once it has been found again: soon, and not when the timer says so.
    if (found.verdict !== paths.hysteresis.standing.verdict) this.#news.add(target);
    const { suspects: told } = paths.hysteresis.standing;
    const undecided =
      isUndecided(found, target, paths.evidence, told, now) ||
      (told.length > 0 && paths.evidence.isBetweenOutages(now));
    if (!undecided && paths.hysteresis.update(compareTargets(found, this.#targets, now), now)) {
      this.#options.onVerdict(target, withReasonNow(paths.hysteresis.standing, target));
    }
    this.#options.onTold?.(target);
    paths.told.note(paths.hysteresis.standing.suspects, now);
    this.#judgeWidth(target, paths);
  }

  /** What is found of the target is compared with what others answered. */
  #tellAllAnswers(now: number): void {
    this.#toldAllAt = now;
    for (const target of this.#targets.keys()) this.#options.tellAnswers?.(target);
  }

  /** The exporter itself could not send, or its host does not take the answers: nothing else can be said. */
  #sourceFault(target: ProbedTarget, paths: TargetPaths, now: number): Localization | undefined {
    const { flows, pacer } = target;
    const probed = flows.filter((flow) => flow !== undefined).length;
    const reason =
      this.#options.hostFault?.(target) ?? paths.unsent.reason(probed, pacer.roundMs, now);
    return reason === undefined ? undefined : { verdict: "source_fault", reason, suspects: [] };
  }

  #judgeWidth(target: ProbedTarget, paths: TargetPaths): void {
    const width = paths.topology.width();
    const needed = flowsNeeded(width, 0.95);
    const told = needed > target.target.flowBuckets ? needed : 0;
    if (told > paths.bucketsNeeded) this.#options.onTooFewBuckets(target, width, told);
    paths.bucketsNeeded = told;
  }
}
