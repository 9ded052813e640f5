import type { Clock } from "../clock.ts";
import { isHeld } from "../flow/hold.ts";
import type { Target } from "../flow/target.ts";
import { Confirmations } from "./confirmations.ts";
import { DueTargets } from "./due-targets.ts";
import { duplicateTarget } from "./duplicate-target.ts";
import { EndpointLimits } from "./endpoint-limits.ts";
import { count, type EngineCounters, skipReason } from "./engine-counters.ts";
import { HeldBack } from "./held-back.ts";
import { lookAhead } from "./look-ahead.ts";
import type { ProberObserver } from "./observer.ts";
import { isTimeout, type Outcome } from "./outcome.ts";
import { Pacer } from "./pacer.ts";
import type { FlowKeyer } from "./probe-id.ts";
import type { ProbeTransport } from "./probe-transport.ts";
import { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { doubtSendingTimes } from "./slow-batch.ts";

/** Sending takes no more than this of a turn, milliseconds, and the target that is begun then: what came meanwhile is read before more is sent. */
const SENDING_SLICE_MS = 10;

/** Targets of which is looked at ahead what their packets need, see {@link lookAhead}. */
const AHEAD = 32;

/** Choosing the next ports of targets takes no more than this of a turn, milliseconds, and the target that is begun then. */
const ROTATION_SLICE_MS = 1;

/** What the rounds are built from. */
export interface FlowRoundsOptions {
  readonly clock: Clock;
  readonly counters: EngineCounters;
  readonly observer: Pick<
    ProberObserver,
    "onOutcome" | "onMissed" | "onMoved" | "onOneWayLoss" | "onRateLimit"
  >;
  readonly keyer: FlowKeyer;
  /** Whether the budget has room for one more probe now, or has one to spare; takes it if so. */
  readonly admit: (kind: "due" | "spare", now?: number) => boolean;
}

/**
 * The rounds that probes make over the flows of all targets: who is due, who moves on to its next port, how each ended.
 * How a probe is sent and answered is the transport's, which is chosen with each target.
 */
export class FlowRounds {
  /** Source ports held by sockets of this host, passed over when a bucket moves on. */
  unavailablePorts: ReadonlySet<number> = new Set();
  readonly #options: FlowRoundsOptions;
  /** The targets that are probed, and how. */
  readonly #transports: Map<ProbedTarget, ProbeTransport> = new Map();
  /** The same for every packet: all that are probed by connections have one, and all others. */
  readonly #transportOf: { connects?: ProbeTransport; sends?: ProbeTransport } = {};
  readonly #confirmations: Confirmations = new Confirmations();
  readonly #limits: EndpointLimits;
  /** Targets whose buckets are to move on, and within how long. */
  readonly #rotating: Map<ProbedTarget, number> = new Map();
  #added = 0;
  readonly #due: DueTargets<ProbedTarget> = new DueTargets();
  #isBehind = false;
  readonly #heldBack = new HeldBack();
  /** See {@link lookAhead}. */
  #looked = 0;

  constructor(options: FlowRoundsOptions) {
    this.#options = options;
    this.#limits = new EndpointLimits((target) => options.observer.onRateLimit(target));
  }

  /** The targets that are probed, in the order in which they were added. */
  targets(): MapIterator<ProbedTarget> {
    return this.#transports.keys();
  }

  /** Begins to probe a target: one flow a bucket, the first ports of the rings. @returns a text where another already has the same 5-tuples */
  add(target: Target, transport: ProbeTransport): ProbedTarget | string {
    const duplicate = duplicateTarget(target, this.#transports.keys());
    if (duplicate !== undefined) return duplicate;
    const { clock, observer } = this.#options;
    const now = clock.monotonic();
    const pacer = new Pacer(now, this.#added, target.intervalMs, target.flowBuckets);
    this.#added += 1;
    const probed = new ProbedTarget(target, pacer, (flow, direction) =>
      observer.onOneWayLoss(flow, direction, clock.monotonic()),
    );
    this.#transports.set(probed, transport);
    this.#transportOf[probed.connects ? "connects" : "sends"] = transport;
    this.#due.add(probed);
    transport.begin(probed);
    for (const [bucket, port] of probed.rings.next([], this.unavailablePorts).entries()) {
      probed.flows.push(port === 0 ? undefined : this.#newFlow(probed, bucket, port));
    }
    return probed;
  }

  /** Stops probing a target. */
  remove(target: ProbedTarget): void {
    for (const flow of target.flows) if (flow !== undefined) this.#close(flow);
    this.#transports.delete(target);
    this.#due.delete(target);
    this.#rotating.delete(target);
    this.#limits.forget(target);
  }

  /**
   * Lets every bucket whose flow does not fail move on to its next port, with its next probe. Of many targets each gets its
   * turn within a second.
   * @param spreadMs in which the buckets move on one after the other
   */
  rotate(target: ProbedTarget, spreadMs: number): void {
    this.#rotating.set(target, spreadMs);
  }

  /** Probes a second that are due over all targets, at their present pace. */
  perSecond(): number {
    let perMs = 0;
    for (const { pacer } of this.#transports.keys()) perMs += 1 / pacer.step;
    return 1000 * perMs;
  }

  /** Sends what is due. */
  turn(now: number): void {
    this.#heldBack.turn(now);
    this.#rotateSome(now);
    this.#limits.turn(now);
    this.#sendDueTargets(now);
    this.#confirmations.turn(now, (flow) => {
      if (!this.#options.admit("spare")) return false;
      const { clock } = this.#options;
      const began = clock.monotonic();
      this.#sendNow(flow, this.#transports.get(flow.target));
      doubtSendingTimes([flow], began, clock.monotonic());
      return true;
    });
  }

  /** Whether the last turn has left some of what was due to the next. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Puts the flow's probe in flight. */
  sent(flow: ProbedFlow, sentAt: number, deadline: number): void {
    flow.sentAt = sentAt;
    flow.deadline = deadline;
    flow.sendStalled = false;
    flow.expired = false;
    flow.inFlight = true;
    flow.target.oneWay?.sent(flow);
  }

  /** The destination answered a packet of a trace of the flow. */
  answeredTrace(flow: ProbedFlow, receivedAt: number): void {
    this.#limits.answeredTrace(flow, receivedAt);
  }

  /** Whether the flow's endpoint has answers to spare for a trace of it now. */
  mayTrace(flow: ProbedFlow, now: number): boolean {
    return this.#limits.mayTrace(flow, now);
  }

  /** Probes the flow at once, outside its slots: something about it is in doubt. */
  confirm(flow: ProbedFlow): void {
    this.#confirmations.ask(flow, this.#options.clock.monotonic());
  }

  /** The flow's probe ended. */
  finish(flow: ProbedFlow, outcome: Outcome): void {
    flow.inFlight = false;
    flow.target.oneWay?.ended(flow, isTimeout(outcome) ? "lost" : "void");
    const now = this.#options.clock.monotonic();
    if (outcome.kind === "answered") {
      flow.state = "up";
      flow.failingSince = undefined;
      flow.rttMs = outcome.rttMs;
    } else if (outcome.kind === "failed") {
      flow.state = "failing";
      flow.failingSince ??= now;
      flow.lastFailure = outcome;
      // A rotation that waited for this probe no longer applies: the flow is held.
      if (isHeld(flow.failingSince, now, flow.target.target.rotationHoldMs)) flow.nextPort = 0;
    } else if (outcome.code !== undefined) {
      flow.target.noWay.notSent(outcome.code, now, flow.target.timeoutMs);
    }
    this.#limits.ended(flow, outcome, now);
    this.#confirmations.ended(flow, outcome, now);
    this.#options.observer.onOutcome(flow, outcome, now);
  }

  #rotateSome(now: number): void {
    for (const [target, spreadMs] of this.#rotating) {
      this.#rotating.delete(target);
      this.#chooseNext(target, spreadMs, now);
      if (this.#options.clock.monotonic() - now >= ROTATION_SLICE_MS) return;
    }
  }

  #chooseNext(target: ProbedTarget, spreadMs: number, now: number): void {
    const current = target.flows.map((flow) => flow?.sourcePort ?? 0);
    const next = target.rings.next(current, this.unavailablePorts);
    for (const flow of target.flows) {
      if (flow === undefined || isHeld(flow.failingSince, now, target.target.rotationHoldMs)) {
        continue;
      }
      flow.nextPort = next[flow.bucket] ?? 0;
      flow.movesAt = now + (spreadMs * flow.bucket) / target.flows.length;
    }
  }

  #newFlow(target: ProbedTarget, bucket: number, port: number): ProbedFlow {
    return new ProbedFlow(target, bucket, port, this.#options.keyer);
  }

  #close(flow: ProbedFlow): void {
    flow.active = false;
    flow.inFlight = false;
    flow.target.oneWay?.ended(flow, "void");
    if (flow.open) this.#transports.get(flow.target)?.close(flow);
    flow.open = false;
  }

  /** Whoever has waited longest is served first. */
  #sendDueTargets(now: number): void {
    const { clock } = this.#options;
    // What the turn did before took its own time.
    const end = clock.monotonic() + SENDING_SLICE_MS;
    let isOver = false;
    const waiting: ProbedTarget[] = [];
    while (!isOver) {
      const due = this.#due.takeSome(now, AHEAD);
      this.#looked += lookAhead(due);
      // What one target is done with is when the next begins.
      let at = clock.monotonic();
      for (const target of due) {
        if (!isOver) at = this.#sendDue(target, at);
        isOver ||= at > end;
        // Behind one that waits for the budget others wait as well, and some of theirs may be too late by now.
        if (this.#heldBack.isSince(now)) waiting.push(target);
        else this.#due.putBack(target);
      }
      isOver ||= due.length < AHEAD;
    }
    for (const target of waiting) this.#due.putBack(target);
    this.#isBehind = !this.#heldBack.isSince(now) && this.#due.isDue(now);
  }

  /** Sends what is due of a target. @param began now @returns when that was done */
  #sendDue(target: ProbedTarget, began: number): number {
    const { clock, counters, observer } = this.#options;
    const transport = target.connects ? this.#transportOf.connects : this.#transportOf.sends;
    const why = this.#heldBack.explains(began) ? "budget" : "stall";
    const missed = target.pacer.due(began, (slot) => {
      const flow = target.flows[slot];
      const skip = skipReason(flow);
      if (skip !== undefined) count(counters.skipped, skip);
      else if (flow !== undefined) {
        if (!this.#options.admit("due", began)) {
          this.#heldBack.ranOut(began);
          return false;
        }
        this.#sendInSlot(flow, transport, began);
      }
      return true;
    });
    const ended = clock.monotonic();
    doubtSendingTimes(target.flows, began, ended);
    if (missed > 0) count(counters.skipped, why, missed);
    if (missed > 0 && why === "stall") observer.onMissed(target, missed);
    return ended;
  }

  #sendInSlot(current: ProbedFlow, transport: ProbeTransport | undefined, now: number): void {
    const stays = current.nextPort === 0 || now < current.movesAt;
    const flow = stays ? current : this.#move(current);
    this.#confirmations.slot(flow, now);
    this.#sendNow(flow, transport);
  }

  #sendNow(flow: ProbedFlow, transport: ProbeTransport | undefined): void {
    if (!flow.open) {
      // With its first probe: opening all flows of a target at once would hold the loop.
      flow.open = true;
      transport?.open(flow);
    }
    transport?.send(flow);
  }

  #move(before: ProbedFlow): ProbedFlow {
    const port = before.nextPort;
    before.nextPort = 0;
    if (port === before.sourcePort) return before;
    this.#close(before);
    const after = this.#newFlow(before.target, before.bucket, port);
    before.target.flows[before.bucket] = after;
    this.#options.observer.onMoved(before, after);
    return after;
  }
}
