import type { SentPacket } from "../probe/observer.ts";
import { END_TO_END_TTL } from "../probe/probe-packet.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { SweepAnswer } from "../probe/reply/match.ts";
import { packetBudget, type TokenBucket } from "../probe/token-bucket.ts";
import { type Control, Controls } from "./controls.ts";
import { HopPacer } from "./hop-pacer.ts";
import { KnownTargets } from "./known-targets.ts";
import { OutdatedSweeps } from "./outdated-sweeps.ts";
import { type OutstandingProbe, OutstandingProbes } from "./outstanding.ts";
import type { PacedProbe } from "./paced-probe.ts";
import type { RefusedSpot } from "./refused-look.ts";
import { SingleAsks } from "./single-asks.ts";
import { SparedAsks } from "./spared-asks.ts";
import { SurveyTurns } from "./survey-turns.ts";
import { SurveysUnderWay } from "./surveys-under-way.ts";
import { inTargetOrder, SweepRooms } from "./sweep-rooms.ts";
import { TakingTurns } from "./taking-turns.ts";
import { Trace, type TraceResult } from "./trace.ts";
import type { TracerOptions } from "./tracer-options.ts";

/** A hop that has not answered by then is silent for this packet; later answers are still taken. */
const ASK_TIMEOUT_MS = 1000;
/** So many flows that wait for a sweep are looked at in a turn; more take several turns. */
const LOOKED_AT_A_TURN = 512;
/** A survey that waits for others is looked at this often. */
const WAIT_MS = 500;
/** A failing flow that could not be swept within this time has the last hop `unknown` for what failed so far. */
const GIVE_UP_MS = 60_000;

/**
 * Decides which flows are swept, when, and within what packet budget. A flow is swept when it begins to fail, again until its last hop is
 * stable, then with growing pauses while it goes on failing; a healthy flow of the same target is swept in the same minute as the control.
 */
export class Tracer {
  /** Packets outside all sweeps. */
  readonly asks: SingleAsks;
  readonly #options: TracerOptions;
  readonly #budget: TokenBucket;
  readonly #hops: HopPacer;
  readonly #spared: SparedAsks;
  readonly #outstanding: OutstandingProbes<Trace> = new OutstandingProbes();
  readonly #surveys: SurveysUnderWay = new SurveysUnderWay();
  /** Traces of flows that fail, and controls until they end, in the order they began. */
  readonly #traces: Map<ProbedFlow, Trace> = new Map();
  /** Those with a sweep under way, and maybe some that were given up meanwhile. */
  readonly #sweeping: Set<Trace> = new Set();
  readonly #controls: Controls;
  /** Where the look through the others goes on: of a mass outage there are tens of thousands. */
  #waiting: MapIterator<Trace> = this.#traces.values();
  readonly #knowledge: KnownTargets = new KnownTargets();
  readonly #inTurn: TakingTurns = new TakingTurns();
  readonly #surveyTurns: SurveyTurns;
  readonly #outdated: OutdatedSweeps = new OutdatedSweeps();

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#budget = packetBudget(options.packetsPerSecond, options.now);
    this.#hops = new HopPacer(options.hopPacketsPerSecond);
    this.asks = new SingleAsks(options, this.#budget, this.#hops);
    this.#spared = new SparedAsks(options.surveys, this.#knowledge, this.#hops);
    const [surveys, spared, outstanding] = [this.#surveys, this.#spared, this.#outstanding];
    const told = { surveys, spared, outstanding, sharing: options.surveys, hops: this.#hops };
    this.#surveyTurns = new SurveyTurns(told);
    this.#controls = new Controls({
      isTraced: (flow) => this.#isTraced(flow),
      isUnderWay: (trace) => this.#traces.get(trace.flow) === trace,
      pathOf: options.pathOf,
    });
  }

  /** An end-to-end probe of the flow was lost: sweep it now, or again if its pause is over. */
  failed(flow: ProbedFlow, now: number): void {
    this.#knowledge.failed(flow, now);
    if (this.#traces.get(flow)?.tells() === true) return;
    this.#surveys.delete(flow); // It gives way, as does a control: its flow is healthy no more.
    this.#traces.set(flow, new Trace(flow, "failure", this.#options, now));
  }

  /** A healthy flow's path is wanted. @returns false where the flow is being swept already */
  survey(flow: ProbedFlow, now: number): boolean {
    if (this.#isTraced(flow)) return false;
    const trace = new Trace(flow, "survey", this.#options, now);
    this.#begin(trace);
    this.#surveys.set(flow, trace);
    return true;
  }

  /** The flow works again. A sweep under way goes on, to find the last hop; one not begun would not meet the failure. */
  recovered(flow: ProbedFlow, now: number): void {
    // Told of every answer, of which hardly any is of a flow that is traced.
    const trace = this.#traces.size === 0 ? undefined : this.#traces.get(flow);
    if (trace?.purpose !== "failure" || trace.works()) return;
    this.#traces.delete(flow);
    if (trace.result === undefined) this.#options.observer.onUntraceable(flow);
    this.#outdated.recovered(trace, this.#traces, now);
  }

  /** The flow is no longer probed. */
  forget(flow: ProbedFlow): void {
    this.#traces.delete(flow);
    this.#surveys.delete(flow);
  }

  /** What the sweeps of a failing flow say so far; undefined before the first has ended, and when it has died since. */
  resultOf(flow: ProbedFlow): TraceResult | undefined {
    const trace = this.#traces.get(flow);
    return trace?.purpose === "failure" && !trace.isOutdated ? trace.result : undefined;
  }

  /** Takes an answer to a TTL-limited packet. @returns its TTL, 0 for one sent end to end; undefined where none was sent */
  answer(flow: ProbedFlow, answer: SweepAnswer): number | undefined {
    const probe = this.#outstanding.find(flow, answer);
    if (probe === undefined) return this.asks.answer(flow, answer);
    probe.answered = true;
    const { ttl, owner, paced } = probe;
    if (answer.rateLimited) this.#options.observer.onRateLimited(flow, probe.packet.sentAt);
    // A router that answers for the destination (it rejects, or the packet ran in circles) is as good as silence.
    if (paced === undefined) owner.confirm = answer.kind === "destination" ? "answered" : "silent";
    const [sweep, responder] = [owner.sweep, answer.responder.text];
    if (sweep !== undefined && paced !== undefined) {
      if (answer.kind === "hop") sweep.answered(ttl, responder, answer.quotedTtl);
      else if (answer.kind === "destination") {
        this.#knowledge.answeredAt(flow.target, ttl);
        sweep.reached(ttl);
      } else sweep.rejected(ttl, responder);
      // Who answers for a TTL of 0 stands one TTL further on.
      if (owner.purpose === "survey" && answer.kind !== "rejected" && answer.quotedTtl !== 0) {
        this.#options.surveys.met(flow, ttl, sweep.before(ttl), responder);
      }
      if (!probe.expired) sweep.settled(ttl);
    }
    if (paced === undefined) return 0;
    this.#hops.answered(paced, responder, answer.kind === "destination" && !answer.rateLimited);
    return ttl;
  }

  /** Whether sweeps of a flow that failed go on, or a control. */
  readonly follows = (flow: ProbedFlow): boolean => this.#traces.has(flow);

  /** Whether a flow that fails, or its control, is being swept. */
  get isSweeping(): boolean {
    return this.#sweeping.size > 0;
  }

  /** Whether no flow is being swept or waits for it. */
  get isIdle(): boolean {
    return this.#traces.size + this.#surveys.size === 0;
  }

  /** One turn: tell silences, begin and end sweeps, send what the budgets allow. */
  turn(now: number): void {
    this.#outstanding.expire(now, ASK_TIMEOUT_MS, (probe) => this.#silence(probe, now));
    this.asks.turn(now);
    const { mayTrace = () => true } = this.#options;
    // A hop gives few answers: surveys come last, and less often. The first of each target that began are served first, so that
    // some have their last hop soon, and not all of them late.
    const { first, again, ofWorking } = this.#beginAndEnd(now).ranked(({ flow }) => mayTrace(flow));
    const heard = (target: ProbedTarget): boolean => this.#knowledge.isHeard(target, now);
    if (!inTargetOrder(first, heard).every((trace) => this.#sendNext(trace, now))) return;
    if (!this.#inTurn.serve(again, (trace) => this.#sendNext(trace, now))) return;
    if (!ofWorking.every((trace) => this.#sendNext(trace, now))) return;
    const surveys = this.#surveyTurns.next(this.#surveys.values(), now);
    if (surveys === undefined) return;
    for (const trace of surveys.ended) this.#end(trace, now);
    const asking = surveys.open.filter(
      (trace) => !this.#spared.isRefused(trace, now) && mayTrace(trace.flow),
    );
    for (const trace of asking) trace.rank = this.#options.surveys.rank(trace.flow);
    asking.sort((a, b) => a.rank - b.rank).every((trace) => this.#sendNext(trace, now));
    this.#surveyTurns.looked(now);
  }

  /**
   * Begins sweeps of failing flows and controls that are due, ends those that are done. Who asks for surveys lets them in, so that no failing flow waits.
   * @returns the traces with a sweep under way
   */
  #beginAndEnd(now: number): SweepRooms {
    const rooms = new SweepRooms();
    for (const trace of this.#sweeping) {
      const { flow, sweep } = trace;
      if (sweep !== undefined && this.#traces.get(flow) === trace) {
        if (!trace.isOver) {
          rooms.add(trace);
          continue;
        }
        this.#end(trace, now);
      }
      this.#sweeping.delete(trace);
    }
    for (let looked = 0; looked < LOOKED_AT_A_TURN; looked += 1) {
      const { value: trace, done } = this.#waiting.next();
      if (done === true) {
        this.#waiting = this.#traces.values();
        break;
      }
      if (trace.sweep !== undefined) continue;
      const { target } = trace.flow;
      if (now >= trace.nextSweepAt && rooms.has(target, this.#knowledge.isHeard(target, now))) {
        this.#begin(trace);
        this.#sweeping.add(trace);
        rooms.add(trace);
        if (trace.purpose === "failure") this.#control(this.#controls.beside(trace.flow, now), now);
      } else if (trace.result === undefined && now - trace.startedAt > GIVE_UP_MS) {
        this.#options.observer.onUntraceable(trace.flow);
      }
    }
    return rooms;
  }

  #begin(trace: Trace): void {
    const path = this.#options.pathOf(trace.flow);
    trace.begin(path?.length ?? this.#knowledge.of(trace.flow.target).distance, path);
  }

  #isTraced(flow: ProbedFlow): boolean {
    return this.#traces.has(flow) || this.#surveys.has(flow);
  }

  #end(trace: Trace, now: number): void {
    const { flow, purpose } = trace;
    const known = this.#knowledge.of(flow.target);
    const result = trace.finish(now, known.circling);
    this.#knowledge.reconsider(flow.target, this.#traces.values(), now);
    if (result.destinationTtl !== undefined) {
      known.distance = Math.max(known.distance ?? 0, result.destinationTtl);
    }
    if (purpose === "failure") known.sweptAt = now;
    if (purpose === "failure") this.#outdated.ended(trace, this.#traces, now);
    if (purpose === "survey") this.#surveys.delete(flow);
    else if (purpose === "control" || flow.state !== "failing" || !flow.active) {
      this.#traces.delete(flow);
    }
    if (purpose === "failure") this.#control(this.#controls.after(flow, result, now), now);
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
    const survey = trace.purpose === "survey";
    if (survey) this.#spared.give(trace, sweep);
    let waits = survey;
    const refused: RefusedSpot[] = [];
    const path = this.#options.pathOf(trace.flow);
    for (const ttl of sweep.wanted()) {
      const before = sweep.before(ttl);
      if (survey && this.#spared.waits(trace, sweep, ttl, now)) continue;
      waits = false;
      const spot = this.#knowledge.spot(trace, ttl, before, path?.[ttl - 1]);
      const beyond = trace.endsBefore(ttl);
      const again = sweep.asksAt(ttl) > 0;
      if (!(survey ? this.#hops.spare(spot, now, again) : this.#hops.ready(spot, now, beyond))) {
        if (survey) refused.push({ spot, again });
        continue;
      }
      const sent = this.#send(trace, ttl, now);
      if (sent === undefined) return false;
      sweep.asked(ttl);
      if (survey) this.#options.surveys.asked(trace.flow, ttl, before);
      this.#remember(trace, ttl, sent, this.#hops.asked(spot, now, survey, beyond));
      return true;
    }
    if (waits) trace.waitsUntil = now + WAIT_MS;
    else if (survey) this.#spared.refused(trace, sweep, refused, now);
    return true;
  }

  #send(trace: Trace, ttl: number, now: number): SentPacket | undefined {
    return this.#budget.take(now) ? this.#options.send(trace.flow, ttl) : undefined;
  }

  #remember(owner: Trace, ttl: number, packet: SentPacket, paced: PacedProbe | undefined): void {
    const { flow } = owner;
    this.#outstanding.add({ owner, flow, ttl, packet, paced, answered: false, expired: false });
    this.#options.observer.onTracePacket(flow, owner.purpose);
  }

  #silence(probe: OutstandingProbe<Trace>, now: number): void {
    const { owner, paced, ttl } = probe;
    if (paced === undefined && owner.confirm === "sent") owner.confirm = "silent";
    if (paced === undefined) return;
    const counts = this.#hops.silent(paced, now);
    owner.sweep?.settled(ttl);
    if (counts) owner.sweep?.silent(ttl);
  }

  #control(control: Control | undefined, now: number): void {
    if (control === undefined) return;
    this.#traces.set(control.flow, this.#controls.begin(control, this.#options, now));
  }
}
