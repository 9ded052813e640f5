import type { FlowEvidence } from "../localize/case.ts";
import type { ProbedFlow } from "../probe/probed-flow.ts";
import { altogetherDead } from "./altogether-dead.ts";
import { type AnsweredCounts, AnsweredTally } from "./answered-tally.ts";
import { commonOnset, commonStart, countsSince, isHeavyLoss } from "./common-onset.ts";
import { diedAt } from "./dead-together.ts";
import { type FlowCounts, type FlowWindow, FORGETTABLE_STREAK, WINDOW_MS } from "./flow-window.ts";
import { FlowWindows, failuresOf } from "./flow-windows.ts";
import { ForgottenLately } from "./forgotten-lately.ts";
import { type Hints, isQuiet } from "./healing.ts";
import { Outages } from "./outages.ts";
import { Recovering } from "./recovering.ts";
import { isRefused } from "./refusal.ts";
import { rowByLoss } from "./row-by-loss.ts";

/** So many flows that lose nothing show that those which are dead now lost a part before for another reason. */
const ENOUGH_ALIVE = 8;
/** What the flows of one target did in the last five minutes, flows that a rotation has retired included. */
export class Evidence {
  readonly windows: FlowWindows = new FlowWindows();
  /** Probes in a row that failed by now, and not by a refusal of the destination's, of each flow that has any. */
  readonly #unheard: Map<ProbedFlow, number> = new Map();
  readonly #outages: Outages = new Outages();
  readonly #answered: AnsweredTally = new AnsweredTally();
  /** A flow of the target is no longer probed. */
  readonly retired = (): void => this.#answered.drop();
  /** False where surely no probe of any window failed. */
  #mayFail = false;
  /** When a valid probe ended last, and when one failed. */
  lastAt: number = Number.NEGATIVE_INFINITY;
  failedAt: number = Number.NEGATIVE_INFINITY;
  readonly #forgotten = new ForgottenLately();
  readonly #recovering: Recovering = new Recovering();

  /**
   * A valid probe ended, in the flow's slot or outside it to confirm a change; both count alike.
   * @returns whether it is news: a failure of a flow that was not dead yet, or an answer of one that failed before
   */
  add(flow: ProbedFlow, failed: boolean, now: number): boolean {
    const window = this.windows.of(flow, now);
    const news = failed
      ? window.streak < FORGETTABLE_STREAK
      : window.streak > 0 || window.isReviving;
    if (failed && window.streak === 0) this.#recovering.began(now);
    if (!failed && window.streak >= FORGETTABLE_STREAK) this.#recovering.revived(now);
    if (failed) this.#outages.failed(window, now);
    else if (window.streak > 0) this.#outages.answered();
    if (failed || this.#unheard.size > 0) this.#noteHeard(flow, failed, now);
    if (failed || window.probes === 0) this.#answered.drop();
    window.add(failed, now, !(window.isReviving && this.#outages.isComingBack(now)));
    this.lastAt = now;
    if (failed) this.failedAt = now;
    this.#mayFail ||= failed;
    if (!failed && flow.active) this.#answered.add(now);
    return news;
  }

  /** A flow that the destination refuses has come back to it, or begins to fail when it hears no more of it. */
  #noteHeard(flow: ProbedFlow, failed: boolean, now: number): void {
    const unheard = this.#unheard.get(flow) ?? 0;
    if (failed && !isRefused(flow)) {
      if (unheard === 0) this.#recovering.began(now);
      this.#unheard.set(flow, unheard + 1);
    } else {
      if (unheard >= FORGETTABLE_STREAK) this.#recovering.revived(now);
      this.#unheard.delete(flow);
    }
  }

  #forget(flow: ProbedFlow): void {
    this.windows.delete(flow);
    this.#unheard.delete(flow);
  }

  /** Whether no probe of any window failed, surely. */
  readonly isClear = (): boolean => !this.#mayFail && this.#unheard.size === 0;

  /** False where no probe of the window failed: what most targets are most of the time, told without counting. */
  get mayHaveFailures(): boolean {
    if (!this.#mayFail) return false;
    const windows = [...this.windows.values()];
    this.#mayFail = windows.some(({ failures, streak }) => failures > 0 || streak > 0);
    return windows.some(({ failures }) => failures > 0);
  }

  /**
   * What {@link telling} says where no probe of the window failed, without a look at what failures would need: the counts of all flows that
   * are probed together. Undefined where one did; those of before are forgotten.
   */
  allAnswered(now: number): AnsweredCounts | undefined {
    if (this.mayHaveFailures || this.#mayFail) return undefined;
    return this.#answered.counts(this.windows, now, (flow) => this.#forget(flow));
  }

  /** When the first failure was that is not forgotten; infinity without one. */
  get failingSince(): number {
    let since = Number.POSITIVE_INFINITY;
    for (const window of this.windows.values()) {
      if (window.failures > 0) since = Math.min(since, window.failingSince);
    }
    return since;
  }

  /** Every flow with probes in the window and its counts; those of before are forgotten. */
  counts(now: number): Map<ProbedFlow, FlowCounts> {
    const counts = new Map<ProbedFlow, FlowCounts>();
    for (const [flow, window] of this.windows) {
      if (now - window.lastAt > WINDOW_MS) {
        this.#forget(flow);
        continue;
      }
      const own = window.counts(now);
      if (own.probes > 0) counts.set(flow, own);
    }
    return counts;
  }

  /** When the flow was probed last, since when it fails, when it failed first, and whether the destination refuses it. */
  latestOf(flow: ProbedFlow): Partial<FlowEvidence> {
    const window = this.windows.get(flow);
    if (window === undefined) return {};
    return {
      probed_at: window.lastAt,
      ...(window.streak > 0 && { failing_since: window.streakSince }),
      ...(window.failures > 0 && { first_failure: window.failingSince }),
      ...(isRefused(flow) && { refused: true }),
    };
  }

  /**
   * The counts that say something of what fails now: all but those of flows that have not been probed, and have not
   * failed, since it began to fail. They may have crossed a broken link often before it broke, which clears it of
   * nothing. Without a flow that is dead now only flows that were retired before the first failure are left out.
   *
   * Of a flow that has just begun to fail while another is dead only the failures count: what it answered before would
   * make a path that dies look like one that loses a part, until the last of its flows has been probed often enough.
   *
   * Where more flows lose a part than look dead, rows of failures come about by loss as well: one that is no longer than
   * that explains does not say that a flow is dead, or was, and every answer counts: where it began for most of them at
   * once, every answer since.
   *
   * Where no flow is dead all are counted over the same time: a flow that a rotation has begun, or whose failures were forgotten, would
   * seem to lose a larger part than others do, for want of the answers of before.
   * Where every flow that is probed is dead now, nothing that was before counts.
   * @param roundMs in which each flow is probed once; 0 where that is not known
   */
  telling(now: number, roundMs = 0): Map<ProbedFlow, FlowCounts> {
    const counts = this.counts(now);
    const dead = altogetherDead(counts, this.windows, now);
    if (dead !== undefined) return dead;
    const byChance = rowByLoss(this.windows, now);
    const died = byChance > 0 ? undefined : diedAt(this.windows, now);
    for (const flow of byChance > 0 ? counts.keys() : []) {
      const sums = this.windows.get(flow)?.sums(now);
      if (sums !== undefined) {
        counts.set(flow, sums.streak > byChance ? sums : { ...sums, streak: 0 });
      }
    }
    let onset = died ?? Number.POSITIVE_INFINITY;
    for (const [flow, { failures }] of died === undefined ? counts : []) {
      if (failures > 0) onset = Math.min(onset, this.windows.get(flow)?.failingSince ?? onset);
    }
    for (const [flow, { failures, streak }] of counts) {
      const before = (this.windows.get(flow)?.lastAt ?? 0) < onset;
      if ((died !== undefined || !flow.active) && failures === 0 && before) counts.delete(flow);
      const justBegan = failures > 0 && failures === streak && streak < FORGETTABLE_STREAK;
      if (died !== undefined && justBegan) counts.set(flow, { probes: streak, failures, streak });
    }
    const {
      at: began = died === undefined && onset < now
        ? commonStart(this.#active(), onset - roundMs)
        : undefined,
    } = commonOnset(this.windows.values(), roundMs, now) ?? {};
    for (const [flow, all] of began === undefined ? [] : counts) {
      const since = countsSince(all, this.windows.of(flow, now), began ?? now, now);
      if (since.probes > 0) counts.set(flow, since);
      else counts.delete(flow);
    }
    return counts;
  }

  /** Whether dead flows come back one after the other, and no others die. @param roundMs in which each flow is probed once */
  isRecovering(now: number, roundMs: number): boolean {
    return this.#recovering.isUnderWay(this.#active(), now, roundMs);
  }

  /** Whether outages come back again and again, and none is under way: what flows answer until the next says nothing new of the fault. */
  isBetweenOutages(now: number): boolean {
    if (!this.#outages.isComingBack(now)) return false;
    return [...this.windows].every(([{ active }, { streak }]) => !active || streak === 0);
  }

  /** Whether any probe was answered after the first flow that is dead now had begun to fail; false where none is dead. */
  get answersSinceDeath(): boolean {
    const died = diedAt(this.windows, this.lastAt);
    if (died === undefined) return false;
    return [...this.windows.values()].some(({ streak, lastAt }) => streak === 0 && lastAt > died);
  }

  /** Windows of the flows that are probed now. */
  *#active(): Generator<FlowWindow> {
    for (const [{ active }, window] of this.windows) if (active) yield window;
  }

  /**
   * Whether failures look like loss: most flows that failed have answered since, or enough of those that began to fail at once, or any of
   * these where that is two rounds ago. Before that a path that has just died looks the same, because each of its flows has failed
   * once or twice only.
   */
  showsLoss(now: number, roundMs = 0): boolean {
    let failing = 0;
    let intermittent = 0;
    for (const window of this.windows.values()) {
      if (window.counts(now).failures === 0) continue;
      failing += 1;
      if (window.isIntermittent(now)) intermittent += 1;
    }
    if (2 * intermittent >= failing) return true;
    const longAgo = roundMs === 0 ? undefined : now - 2 * roundMs;
    return isHeavyLoss(commonOnset(this.windows.values(), roundMs, now), longAgo);
  }

  /**
   * Whether these failures are what is left of a fault most of which was forgotten lately: too few to show by themselves that it is over, while
   * everybody has answered twice since.
   */
  #isRest(flows: readonly ProbedFlow[], failed: readonly FlowWindow[], since: number): boolean {
    if (failuresOf(failed) > this.#forgotten.count(this.lastAt)) return false;
    return flows.every(
      (flow) => !flow.active || (this.windows.get(flow)?.answeredAfter(since) ?? 0) >= 2,
    );
  }

  /** What flows that are dead now lost before is over as well where what others lost has been forgotten lately. */
  #forgetBeforeDeath(flows: readonly ProbedFlow[]): void {
    if (this.#forgotten.count(this.lastAt) === 0) return;
    for (const flow of flows) if (this.#isDead(flow)) this.windows.get(flow)?.forgetBeforeDeath();
  }

  #isDead(flow: ProbedFlow): boolean {
    return flow.active && (this.windows.get(flow)?.streak ?? 0) >= FORGETTABLE_STREAK;
  }

  /** Forgets the failures before a moment: they had a cause that is known and is no fault. */
  forgetFailuresBefore(time: number): void {
    for (const [flow, window] of this.windows) {
      if (window.failures === 0 || window.failedAt >= time) continue;
      if (window.streak > 0) this.#forget(flow);
      else window.recover();
    }
  }

  /**
   * Forgets the failures of flows whose common fault is over: none of them fails now, and since their last failure so
   * many probes were answered that the fault, were it still there, would have hit one with near certainty. Those that are dead now say
   * nothing of a fault that takes a part, unless dead ones come back: another has followed it. Of outages that come back again and again
   * none is over.
   * @returns whether failures were forgotten
   */
  healed(flows: readonly ProbedFlow[], { lossRatio, most, byOthers }: Hints = {}): boolean {
    const alive = flows.filter((flow) => !this.#isDead(flow));
    const isReviving = alive.some((flow) => this.windows.get(flow)?.isReviving);
    const telling = isReviving ? flows : alive;
    const died = isReviving || alive.length < ENOUGH_ALIVE ? [] : flows;
    const windows = telling.flatMap((flow) => this.windows.get(flow) ?? []);
    const failed = windows.filter(({ failures }) => failures > 0);
    const fails = (flow: ProbedFlow): boolean => flow.active && flow.state === "failing";
    if (telling.some(fails)) return false;
    if (failed.length === 0) {
      this.#forgetBeforeDeath(died);
      return false;
    }
    if (this.#outages.isComingBack(this.lastAt)) return false;
    const since = Math.max(...failed.map(({ failedAt }) => failedAt));
    const isOver = isQuiet(windows, failed, since, { lossRatio, most, byOthers });
    const areAll = lossRatio === undefined && most === undefined;
    if (!isOver && !(areAll && this.#isRest(telling, failed, since))) return false;
    const onset = Math.min(...failed.map(({ failingSince }) => failingSince));
    this.#forgotten.add(failuresOf(failed), this.lastAt);
    for (const window of failed) window.recover(onset);
    this.#forgetBeforeDeath(died);
    return true;
  }
}
