import type { SentPacket } from "../probe/observer.ts";
import { END_TO_END_TTL } from "../probe/probe-packet.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { SweepAnswer } from "../probe/reply/match.ts";
import { packetBudget, type TokenBucket } from "../probe/token-bucket.ts";
import { dueSweeps } from "./due-sweeps.ts";
import { HopPacer } from "./hop-pacer.ts";
import { type OutstandingProbe, OutstandingProbes } from "./outstanding.ts";
import { SparedAsks } from "./spared-asks.ts";
import { Trace, type TraceResult } from "./trace.ts";
import type { TracerOptions } from "./tracer-options.ts";

/** A hop that has not answered by then is silent for this packet; later answers are still taken. */
const ASK_TIMEOUT_MS = 1000;
/** Sweeps of failing flows that wait are looked through this often. */
const LOOK_MS = 50;
/** Surveys get their turn this often. */
const SURVEY_TURN_MS = 40;
/** A survey that got no answer is asked again when its silence would count, or after this time. */
const AGAIN_MS = 12_000;
/** A failing flow that could not be swept within this time has the last hop `unknown` for what failed so far. */
const GIVE_UP_MS = 60_000;
/** A healthy flow of the target is swept beside failing ones when the last such control is older than this. */
const CONTROL_EVERY_MS = 60_000;

/** What is known of a target for planning its sweeps. */
interface TargetKnowledge {
  /** Highest TTL at which the destination was seen to answer first. */
  distance: number | undefined;
  controlAt: number;
  /** When a sweep of it was begun last, by number. */
  servedAt: number;
}

/**
 * Decides which flows are swept, when, and within what packet budget. A flow is swept when it begins to fail, again
 * until its last hop is stable, then with growing pauses while it goes on failing; a healthy flow of the same target
 * is swept in the same minute as the control.
 */
export class Tracer {
  readonly #options: TracerOptions;
  readonly #budget: TokenBucket;
  readonly #hops: HopPacer;
  readonly #spared: SparedAsks;
  readonly #outstanding: OutstandingProbes<Trace> = new OutstandingProbes();
  /** Traces of flows that fail, and controls until they end, in the order they began. */
  readonly #traces: Map<ProbedFlow, Trace> = new Map();
  readonly #knowledge: WeakMap<ProbedTarget, TargetKnowledge> = new WeakMap();
  /** Those with a sweep under way, in the order in which it began: who came first is served first. */
  readonly #active: Set<Trace> = new Set();
  /** Counts the sweeps that were begun. */
  #begun = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #surveyedAt = Number.NEGATIVE_INFINITY;

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#budget = packetBudget(options.packetsPerSecond, options.now);
    this.#hops = new HopPacer(options.hopPacketsPerSecond);
    this.#spared = new SparedAsks(options.surveys, this.#hops);
  }

  /** An end-to-end probe of the flow was lost: sweep it now, or again if its pause is over. */
  failed(flow: ProbedFlow, now: number): void {
    const trace = this.#traces.get(flow);
    if (trace?.purpose !== "failure") {
      // A survey or control that was under way gives way: its flow is healthy no more.
      this.forget(flow);
      this.#traces.set(flow, new Trace(flow, "failure", this.#options, now));
    } else if (trace.gaveUp && trace.result === undefined) {
      this.#options.observer.onUntraceable(flow);
    }
  }

  /**
   * A healthy flow's path is wanted.
   * @param known its hops by TTL from 1, the destination last, where only the gaps (null) are wanted
   * @returns false where the flow is being swept already
   */
  survey(flow: ProbedFlow, now: number, known?: readonly (string | null)[]): boolean {
    if (this.#traces.has(flow)) return false;
    const trace = new Trace(flow, "survey", this.#options, now, known);
    this.#traces.set(flow, trace);
    // Surveys are let in by whoever asks for them, so that they never keep a failing flow waiting.
    this.#begin(trace);
    return true;
  }

  /** The flow works again. A sweep under way goes on, to find the last hop; one not begun would not meet the failure. */
  recovered(flow: ProbedFlow): void {
    const trace = this.#traces.get(flow);
    if (trace?.purpose !== "failure" || trace.sweep !== undefined) return;
    this.#traces.delete(flow);
    if (trace.result === undefined) this.#options.observer.onUntraceable(flow);
  }

  /** The flow is no longer probed. */
  forget(flow: ProbedFlow): void {
    const trace = this.#traces.get(flow);
    if (trace === undefined) return;
    this.#traces.delete(flow);
    this.#active.delete(trace);
  }

  /** What the sweeps of a failing flow say so far; undefined before the first has ended. */
  resultOf(flow: ProbedFlow): TraceResult | undefined {
    const trace = this.#traces.get(flow);
    return trace?.purpose === "failure" ? trace.result : undefined;
  }

  /** Takes an answer to a TTL-limited packet. @returns its TTL, 0 for one sent end to end; undefined where none was sent */
  answer(flow: ProbedFlow, answer: SweepAnswer): number | undefined {
    const probe = this.#outstanding.find(flow, answer);
    if (probe === undefined) return undefined;
    probe.answered = true;
    const { ttl, owner, paced } = probe;
    const responder = answer.responder.text;
    if (answer.rateLimited) this.#options.observer.onRateLimited(flow, probe.packet.sentAt);
    // A router that answers for the destination (it rejects, or the packet ran in circles) is as good as silence.
    if (paced === undefined) owner.confirm = answer.kind === "destination" ? "answered" : "silent";
    const sweep = owner.sweep;
    if (sweep !== undefined && paced !== undefined) {
      if (answer.kind === "hop") sweep.answered(ttl, responder, answer.quotedTtl);
      else if (answer.kind === "destination") sweep.reached(ttl);
      else sweep.rejected(ttl, responder);
      // Who answers for a TTL of 0 stands one TTL further on.
      if (owner.purpose === "survey" && answer.kind !== "rejected" && answer.quotedTtl !== 0) {
        this.#options.surveys.met(flow, ttl, sweep.before(ttl), responder);
      }
      if (!probe.expired) sweep.settled(ttl);
    }
    const free = answer.kind === "destination" && !answer.rateLimited;
    if (paced !== undefined) this.#hops.answered(paced, responder, free);
    return paced === undefined ? 0 : ttl;
  }

  /** One turn: tell silences, begin and end sweeps, send what the budgets allow. */
  turn(now: number): void {
    this.#outstanding.expire(now, ASK_TIMEOUT_MS, (probe) => this.#silence(probe, now));
    for (const trace of this.#active) if (this.#isOver(trace)) this.#end(trace, now);
    if (now - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = now;
      this.#beginDue(now);
    }
    const { mayTrace = () => true } = this.#options;
    const surveying = now - this.#surveyedAt >= SURVEY_TURN_MS;
    const again: Trace[] = [];
    const surveys: Trace[] = [];
    // A hop gives few answers: flows without a last hop come before those swept again, surveys last and less often.
    for (const trace of this.#active) {
      const survey = trace.purpose === "survey";
      if ((survey && !surveying) || !mayTrace(trace.flow)) continue;
      if (survey) surveys.push(trace);
      else if (trace.result !== undefined) again.push(trace);
      else if (!this.#sendNext(trace, now)) return;
    }
    if (!again.every((trace) => this.#sendNext(trace, now)) || !surveying) return;
    this.#surveyedAt = now;
    const rank = ({ flow }: Trace): number => this.#options.surveys.rank(flow.target);
    surveys.sort((a, b) => rank(a) - rank(b)).every((trace) => this.#sendNext(trace, now));
  }

  /** Begins sweeps of failing flows and controls that are due, one of each target in turn. */
  #beginDue(now: number): void {
    const known = (target: ProbedTarget): number => this.#known(target).servedAt;
    for (const trace of this.#traces.values()) this.#giveUpLate(trace, now);
    for (const trace of dueSweeps(this.#traces.values(), this.#active, known, now)) {
      this.#begin(trace);
      if (trace.purpose === "failure") this.#control(trace.flow.target, now);
    }
  }

  #begin(trace: Trace): void {
    const { target } = trace.flow;
    const path = this.#options.pathOf(trace.flow);
    trace.begin(path?.length ?? this.#known(target).distance);
    this.#active.add(trace);
    if (trace.purpose === "survey") return;
    this.#begun += 1;
    this.#known(target).servedAt = this.#begun;
  }

  /** Tells, once, that a flow could not be swept in time. */
  #giveUpLate(trace: Trace, now: number): void {
    const { gaveUp, result, sweep, startedAt } = trace;
    if (gaveUp || (result ?? sweep) !== undefined || now - startedAt <= GIVE_UP_MS) return;
    trace.gaveUp = true;
    this.#options.observer.onUntraceable(trace.flow);
  }

  /** A sweep is over when its traceroute is done and, where the destination did not answer, it was asked once more. */
  #isOver(trace: Trace): boolean {
    const sweep = trace.sweep;
    if (sweep === undefined || !sweep.done) return false;
    if (trace.confirm === "none") {
      const reached = sweep.result().destinationTtl !== undefined;
      trace.confirm = reached || trace.purpose === "survey" ? "answered" : "due";
    }
    return trace.confirm === "answered" || trace.confirm === "silent";
  }

  #end(trace: Trace, now: number): void {
    const result = trace.finish(now);
    this.#active.delete(trace);
    const { flow, purpose } = trace;
    const known = this.#known(flow.target);
    if (result.destinationTtl !== undefined) {
      known.distance = Math.max(known.distance ?? 0, result.destinationTtl);
    }
    if (purpose !== "failure" || flow.state !== "failing" || !flow.active) {
      this.#traces.delete(flow);
    }
    this.#options.observer.onTraced(flow, purpose, result, now);
  }

  /** Sends the next packet of a sweep if a hop may be asked. @returns false where the budget is used up */
  #sendNext(trace: Trace, now: number): boolean {
    const { sweep } = trace;
    if (sweep === undefined) return true;
    if (trace.confirm === "due") {
      const sent = this.#send(trace, END_TO_END_TTL, now);
      if (sent === undefined) return false;
      trace.confirm = "sent";
      this.#remember(trace, END_TO_END_TTL, sent, undefined);
      return true;
    }
    if (sweep.wanted().length === 0) return true;
    const survey = trace.purpose === "survey";
    if (survey) this.#spared.giveShared(trace, sweep, now);
    const path = this.#options.pathOf(trace.flow);
    for (const ttl of sweep.wanted()) {
      const before = sweep.before(ttl);
      if (survey && this.#spared.isEarly(trace, sweep, ttl, before)) continue;
      if (!survey && this.#spared.isTold(trace, sweep, ttl, path?.[ttl - 1])) continue;
      const spot = HopPacer.spot(ttl, before, path?.[ttl - 1]);
      const again = survey && now - (trace.silentAt[ttl] ?? -Infinity) < AGAIN_MS;
      if (!(survey ? this.#hops.spare(spot, now, again) : this.#hops.ready(spot, now))) continue;
      const sent = this.#send(trace, ttl, now);
      if (sent === undefined) return false;
      sweep.asked(ttl);
      if (survey) this.#options.surveys.asked(trace.flow, ttl, before);
      this.#remember(trace, ttl, sent, this.#hops.asked(spot, now, survey));
      return true;
    }
    return true;
  }

  #send(trace: Trace, ttl: number, now: number): SentPacket | undefined {
    return this.#budget.take(now) ? this.#options.send(trace.flow, ttl) : undefined;
  }

  #remember(
    owner: Trace,
    ttl: number,
    packet: SentPacket,
    paced: OutstandingProbe<Trace>["paced"],
  ): void {
    const { flow } = owner;
    this.#outstanding.add({ owner, flow, ttl, packet, paced, answered: false, expired: false });
    this.#options.observer.onTracePacket(flow, owner.purpose);
  }

  #silence(probe: OutstandingProbe<Trace>, now: number): void {
    const { owner, paced, ttl } = probe;
    if (paced === undefined) {
      if (owner.confirm === "sent") owner.confirm = "silent";
      return;
    }
    const counts = this.#hops.silent(paced, now);
    owner.silentAt[ttl] = now;
    owner.sweep?.settled(ttl);
    if (counts) owner.sweep?.silent(ttl);
  }

  #control(target: ProbedTarget, now: number): void {
    const known = this.#known(target);
    if (now - known.controlAt < CONTROL_EVERY_MS) return;
    const healthy = target.flows.find((flow) => flow?.state === "up" && !this.#traces.has(flow));
    if (healthy === undefined) return;
    known.controlAt = now;
    this.#traces.set(healthy, new Trace(healthy, "control", this.#options, now));
  }

  #known(target: ProbedTarget): TargetKnowledge {
    let known = this.#knowledge.get(target);
    if (known === undefined) {
      known = { distance: undefined, controlAt: Number.NEGATIVE_INFINITY, servedAt: 0 };
      this.#knowledge.set(target, known);
    }
    return known;
  }
}
