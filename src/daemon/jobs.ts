import { type Scheduled, schedule } from "../config/schedule.ts";
import type { Log } from "../log.ts";
import type { ProbedTarget } from "../probe/probed-flow.ts";

/** Names and source addresses are looked up this often: every half minute. */
const REFRESH = "*/30 * * * * *";

/**
 * Flows move on one after the other for this part of the time until the next rotation, so that the ways of most flows are known at any
 * moment: a fault that begins just after a rotation would have no place otherwise. Where rotations follow each other sooner than
 * this they move at once.
 */
const SPREAD_PART = 0.25;
const SPREAD_FROM_MS = 120_000;
const LONGEST_SPREAD_MS = 300_000;

/** What the clockwork drives. */
export interface JobTargets {
  /** The targets that are probed now. */
  probed(): ProbedTarget[];
  /** Lets a target's healthy buckets move on, one after the other within `spreadMs`. */
  rotate(target: ProbedTarget, spreadMs: number): void;
  /** Learns a target's paths anew. */
  survey(target: ProbedTarget): void;
  /** Called before a rotation begins. */
  beforeRotation(): void;
  /** Called after a rotation, with the number of targets that it was for. */
  onRotated(targets: number): void;
  /** Looks names up again. */
  refresh(): void;
}

/** The coarse jobs that go by the wall clock. Rotation runs once for each distinct expression. */
export class Jobs {
  readonly #targets: JobTargets;
  readonly #log: Log;
  #scheduled: Scheduled[] = [];
  #expressions = "";

  constructor(targets: JobTargets, log: Log) {
    this.#targets = targets;
    this.#log = log;
  }

  /**
   * Schedules the jobs; those that are scheduled already with the same expressions go on as they are.
   * @param survey when paths are learnt anew @param rotations when buckets move on
   */
  start(survey: string, rotations: readonly string[]): void {
    const distinct = [...new Set(rotations)].sort();
    const expressions = [survey, ...distinct].join("\n");
    if (this.#scheduled.length > 0 && expressions === this.#expressions) return;
    this.stop();
    this.#expressions = expressions;
    this.#add(REFRESH, () => this.#targets.refresh());
    this.#add(survey, () => {
      for (const target of this.#targets.probed()) this.#targets.survey(target);
    });
    for (const expression of distinct) {
      const job = this.#add(expression, () => this.#rotate(expression, spreadOf(job.untilNext())));
    }
  }

  /** Ends all jobs. */
  stop(): void {
    for (const job of this.#scheduled) job.stop();
    this.#scheduled = [];
  }

  #rotate(expression: string, spreadMs: number): void {
    this.#targets.beforeRotation();
    const rotating = this.#targets.probed().filter(({ target }) => target.rotation === expression);
    for (const target of rotating) this.#targets.rotate(target, spreadMs);
    this.#targets.onRotated(rotating.length);
    this.#log.debug("rotating source ports", { targets: rotating.length });
  }

  #add(expression: string, run: () => void): Scheduled {
    const failed = (error: unknown): void =>
      this.#log.error("a scheduled job failed", { schedule: expression, error: String(error) });
    const job = schedule(expression, run, failed);
    this.#scheduled.push(job);
    return job;
  }
}

/** For how long a rotation lasts, where the next begins so many milliseconds later. */
function spreadOf(untilNextMs: number): number {
  if (untilNextMs < SPREAD_FROM_MS) return 0;
  return Math.min(SPREAD_PART * untilNextMs, LONGEST_SPREAD_MS);
}
