import type { Outcome } from "../probe/outcome.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { PathAttribution } from "../topology/path-attribution.ts";
import type { LastHops } from "../trace/last-hops.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";
import type { Observers } from "./engine-observer.ts";
import { giveUp } from "./give-up.ts";
import type { LookAhead } from "./look-ahead.ts";

/** A probe that says something about the network. */
export type ValidOutcome = Exclude<Outcome, { kind: "invalid" }>;

/** Who is told. */
export interface OutcomesOptions {
  readonly observers: Pick<Observers, "onOutcome">;
  readonly pathsOf: (target: ProbedTarget) => TargetPaths;
  readonly lastHops: Pick<LastHops, "outcome" | "untraceable">;
  readonly attribution: Pick<PathAttribution, "outcome" | "untraced">;
  readonly ahead: Pick<LookAhead, "look">;
  /** Whether flows can be traced. */
  readonly mayTrace: () => boolean;
  /** Answers may be told later, since nobody waits for those of a few flows; else each is told at once. */
  readonly mayKeep: boolean;
  /** Whether the tracer is to be told of the flow's answers. */
  readonly follows: (flow: ProbedFlow) => boolean;
  /** A probe that ended may change the target's verdict. */
  readonly onNews: (target: ProbedTarget) => void;
  /** Last of all, whoever traces what fails, where that can be done. */
  readonly trace: (flow: ProbedFlow, outcome: ValidOutcome, now: number) => void;
}

/**
 * Tells how probes ended. Answers of a target that answers everything change nothing but counts, so they are told several at a time: what is counted of a
 * target lies in some forty places of memory, which are fetched once for all of them then. Whoever wants to know asks for them before
 * ({@link tell}), and everything else about the target is told behind them.
 *
 *     answered   a ─┐ b ─┐ c ─┐       d ─┐            not answered
 *                   └────┴────┴─ tell    └─────── tell ──┤ e        f     from here on each at once
 */
export class Outcomes {
  readonly #options: OutcomesOptions;

  constructor(options: OutcomesOptions) {
    this.#options = options;
  }

  /** Outcomes of these flows come next. */
  readonly expected = (flows: readonly ProbedFlow[]): void => {
    const told: ProbedFlow[] = [];
    for (const flow of flows) if (!flow.target.answers.areKept) told.push(flow);
    if (told.length > 0) this.#options.ahead.look(told);
  };

  /** A probe of the flow ended. */
  readonly ended = (flow: ProbedFlow, outcome: Outcome, now: number): void => {
    const { target } = flow;
    const { answers } = target;
    if (outcome.kind === "answered" && answers.areKept) {
      answers.add(flow, outcome.rttMs, now);
      if (answers.areFull) this.tell(target);
      return;
    }
    this.tell(target);
    this.#tellOne(flow, outcome, now);
    answers.areKept = outcome.kind === "answered" && this.#mayKeep(target);
  };

  /** Tells the answers of the target that nobody has been told of yet. */
  readonly tell = ({ answers }: ProbedTarget): void => {
    if (answers.areNone) return;
    this.#options.ahead.look(answers.flows());
    answers.take(this.#tellAnswer);
  };

  readonly #tellAnswer = (flow: ProbedFlow, rttMs: number, at: number): void =>
    this.#tellOne(flow, { kind: "answered", rttMs }, at);

  #tellOne(flow: ProbedFlow, outcome: Outcome, now: number): void {
    const { observers, pathsOf, lastHops, attribution, onNews, mayTrace, trace } = this.#options;
    observers.onOutcome(flow, outcome, now);
    const { unsent, evidence, reported } = pathsOf(flow.target);
    unsent.outcome(flow, outcome, now);
    if (outcome.kind === "invalid") return;
    if (evidence.add(flow, outcome.kind === "failed", now)) onNews(flow.target);
    reported.outcome(flow, outcome, now);
    lastHops.outcome(flow, outcome);
    attribution.outcome(flow, outcome.kind === "failed");
    if (mayTrace()) trace(flow, outcome, now);
    else giveUp(flow, false, lastHops, attribution);
  }

  /** Nothing of what answers would end is under way: no failure counts, nothing was left unsent, no flow fails or is followed. */
  #mayKeep(target: ProbedTarget): boolean {
    const { pathsOf, mayKeep, follows } = this.#options;
    const { unsent, evidence, reported } = pathsOf(target);
    if (!mayKeep || !evidence.isClear() || !unsent.isClear || !reported.isClear) return false;
    return target.flows.every(
      (flow) => flow === undefined || (flow.state !== "failing" && !follows(flow)),
    );
  }
}
