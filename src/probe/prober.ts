import type { Clock } from "../clock.ts";
import { isHeld } from "../flow/hold.ts";
import type { Target } from "../flow/target.ts";
import { Deadlines } from "./deadlines.ts";
import {
  count,
  type EngineCounters,
  newEngineCounters,
  type SkipReason,
} from "./engine-counters.ts";
import { FlowTable } from "./flow-table.ts";
import { type IgnoreReason, isUntold, matchReply, type ProbeResult } from "./match.ts";
import type { ProberObserver, SentPacket } from "./observer.ts";
import { isTimeout, type Outcome } from "./outcome.ts";
import { Pacer } from "./pacer.ts";
import { FlowKeyer } from "./probe-id.ts";
import { ProbedFlow, ProbedTarget, sharesFlows } from "./probed-flow.ts";
import { Rations } from "./ration.ts";
import { readReply } from "./reply.ts";
import { END_TO_END_TTL } from "./template.ts";
import { Transmitter } from "./transmitter.ts";
import { Validity } from "./validity.ts";
import type { PacketReceiver, PacketSender } from "./wire.ts";

/** Sending a batch that takes longer than this leaves the sending times of its packets in doubt. */
const SLOW_BATCH_MS = 50;

/** What the engine is built from. */
export interface ProberOptions {
  readonly sender: PacketSender;
  readonly receiver: PacketReceiver;
  readonly clock: Clock;
  readonly observer: ProberObserver;
  /** Everything sent together, packets a second. */
  readonly packetsPerSecond: number;
  readonly keyer?: FlowKeyer;
}

/**
 * The engine's loop. One turn reads everything received, then gives up what is overdue, then sends what is due; so a
 * probe is lost only when everything that came before its deadline has been read.
 */
export class Prober {
  readonly counters: EngineCounters = newEngineCounters();
  readonly targets: Set<ProbedTarget> = new Set();
  /** Source ports held by sockets of this host, passed over when a bucket moves on. */
  unavailablePorts: ReadonlySet<number> = new Set();
  readonly #transmitter: Transmitter;
  readonly #receiver: PacketReceiver;
  readonly #clock: Clock;
  readonly #observer: ProberObserver;
  readonly #keyer: FlowKeyer;
  readonly #table: FlowTable = new FlowTable();
  readonly #deadlines: Deadlines<{ flow: ProbedFlow; timestamp: number }> = new Deadlines();
  readonly #rations: Rations = new Rations();
  readonly #validity: Validity;
  #added = 0;

  constructor(options: ProberOptions) {
    this.#receiver = options.receiver;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#keyer = options.keyer ?? new FlowKeyer();
    const now = options.clock.monotonic();
    this.#transmitter = new Transmitter(
      options.sender,
      options.clock,
      this.counters,
      options.packetsPerSecond,
    );
    this.#validity = new Validity(options.receiver, this.counters, now);
  }

  /** Changes the limit on everything sent. */
  setPacketsPerSecond(rate: number): void {
    this.#transmitter.setPacketsPerSecond(rate);
  }

  /**
   * Begins to probe a target: one flow a bucket, the first ports of the rings.
   * @returns the target, or a text where another target already has the same 5-tuples
   */
  add(target: Target): ProbedTarget | string {
    const twin = [...this.targets].find((other) => sharesFlows(other.target, target));
    if (twin !== undefined) {
      const { address, port, protocol } = target;
      return `target ${JSON.stringify(twin.target.name)} already probes ${address.text} port ${port}/${protocol}; remove one of the two`;
    }
    const now = this.#clock.monotonic();
    const pacer = new Pacer(now, this.#added, target.intervalMs, target.flowBuckets);
    this.#added += 1;
    const probed = new ProbedTarget(target, pacer, (flow, direction) =>
      this.#observer.onOneWayLoss(flow, direction, this.#clock.monotonic()),
    );
    for (let bucket = 0; bucket < target.flowBuckets; bucket += 1) {
      const port = probed.rings.next(bucket, 0, this.unavailablePorts);
      probed.flows.push(port === 0 ? undefined : this.#open(probed, bucket, port));
    }
    this.targets.add(probed);
    return probed;
  }

  /** Stops probing a target; answers to it are of an unknown flow from now on. */
  remove(target: ProbedTarget): void {
    this.targets.delete(target);
    for (const flow of target.flows) if (flow !== undefined) this.#close(flow);
  }

  /** Lets every bucket whose flow does not fail move on to its next port, with its next probe. */
  rotate(target: ProbedTarget): void {
    const now = this.#clock.monotonic();
    for (const flow of target.flows) {
      if (flow === undefined || isHeld(flow.failingSince, now, target.target.rotationHoldMs)) {
        continue;
      }
      flow.nextPort = target.rings.next(flow.bucket, flow.sourcePort, this.unavailablePorts);
    }
  }

  /** One turn of the loop; call it every few milliseconds. */
  turn(): void {
    const now = this.#clock.monotonic();
    this.#validity.turn(now);
    this.counters.received += this.#receiver.drain(this.#deliver);
    this.#deadlines.expire(now - this.#receiver.visibilityMs, this.#expire);
    for (const target of this.targets) if (target.pacer.dueAt <= now) this.#sendDue(target);
  }

  /**
   * Sends one packet of a flow with a hop limit, outside the flow's schedule.
   * @param ttl 1 to MAX_TTL
   * @returns undefined where the budget is used up or the kernel did not take it
   */
  sendSweep(flow: ProbedFlow, ttl: number): SentPacket | undefined {
    if (!this.#transmitter.admit()) {
      count(this.counters.skipped, "budget");
      return undefined;
    }
    const sent = this.#transmitter.send(flow, ttl, ttl);
    return sent.failed ? undefined : sent;
  }

  /** A sweep's packet, sent at `sentAt`, was answered by a port-unreachable of the target. */
  noteRationed(flow: ProbedFlow, sentAt: number): void {
    this.#rations.granted(flow, sentAt);
  }

  #open(target: ProbedTarget, bucket: number, port: number): ProbedFlow {
    const flow = new ProbedFlow(target, bucket, port, this.#keyer);
    this.#table.add(flow);
    return flow;
  }

  #close(flow: ProbedFlow): void {
    flow.active = false;
    flow.inFlight = false;
    flow.target.oneWay?.ended(flow, "void");
    this.#table.remove(flow);
  }

  #sendDue(target: ProbedTarget): void {
    const began = this.#clock.monotonic();
    const sent: ProbedFlow[] = [];
    const missed = target.pacer.due(began, (slot) => {
      const flow = target.flows[slot];
      const skip = this.#skipReason(flow);
      if (skip !== undefined) count(this.counters.skipped, skip);
      else if (flow !== undefined) sent.push(this.#sendProbe(flow));
    });
    if (missed > 0) {
      count(this.counters.skipped, "stall", missed);
      this.#observer.onMissed(target, missed);
    }
    if (sent.length > 0 && this.#clock.monotonic() - began > SLOW_BATCH_MS) {
      for (const flow of sent) flow.sendStalled = true;
    }
  }

  #skipReason(flow: ProbedFlow | undefined): SkipReason | undefined {
    if (flow === undefined) return "no_port";
    // The probe before is still in flight where a change of pace moved its schedule but not its deadline.
    if (flow.inFlight) return "in_flight";
    return this.#transmitter.admit() ? undefined : "budget";
  }

  #sendProbe(current: ProbedFlow): ProbedFlow {
    const flow = current.nextPort === 0 ? current : this.#move(current);
    const sent = this.#transmitter.send(flow, END_TO_END_TTL, 0);
    const timeout = flow.target.target.timeoutMs;
    flow.timestamp = sent.timestamp;
    flow.identification = sent.identification;
    flow.sentAt = sent.sentAt;
    flow.deadline = sent.sentAt + timeout;
    flow.sendStalled = false;
    flow.expired = false;
    flow.target.oneWay?.sent(flow);
    if (sent.failed) {
      flow.target.oneWay?.ended(flow, "void");
      this.#observer.onOutcome(flow, { kind: "invalid", reason: "send_error" }, sent.sentAt);
      return flow;
    }
    flow.inFlight = true;
    this.#deadlines.add({ flow, timestamp: flow.timestamp }, sent.sentAt, timeout);
    return flow;
  }

  #move(before: ProbedFlow): ProbedFlow {
    const port = before.nextPort;
    before.nextPort = 0;
    if (port === before.sourcePort) return before;
    this.#close(before);
    const after = this.#open(before.target, before.bucket, port);
    before.target.flows[before.bucket] = after;
    this.#observer.onMoved(before, after);
    return after;
  }

  #deliver = (bytes: Uint8Array, offset: number, end: number, receivedAt: number): void => {
    const ignored = this.#take(bytes, offset, end, receivedAt);
    if (ignored !== undefined) count(this.counters.ignored, ignored);
  };

  /** @returns why the packet changes nothing; undefined where it does */
  #take(
    bytes: Uint8Array,
    offset: number,
    end: number,
    receivedAt: number,
  ): IgnoreReason | undefined {
    const reply = readReply(bytes, offset, end);
    if (typeof reply === "string") return reply;
    const flow = this.#table.find(bytes, reply);
    if (flow === undefined) return "unknown_flow";
    const match = matchReply(flow, reply, bytes);
    if (match.what === "ignored") return match.reason;
    if (match.what === "probe") return this.#answered(flow, match.result, receivedAt);
    if (this.#observer.onSweepAnswer(flow, match.answer, receivedAt)) return undefined;
    return flow.expired && isUntold(match.answer) ? this.#late(flow) : "unmatched";
  }

  #late(flow: ProbedFlow): undefined {
    flow.expired = false;
    this.#observer.onLate(flow);
  }

  #answered(flow: ProbedFlow, result: ProbeResult, receivedAt: number): IgnoreReason | undefined {
    if (result.kind === "answered" && result.rationed) this.#rations.granted(flow, flow.sentAt);
    if (!flow.inFlight && !flow.expired) return "duplicate";
    // It may be read in the very turn in which its probe expires.
    if (flow.inFlight && receivedAt > flow.deadline) this.#giveUp(flow, receivedAt);
    if (!flow.inFlight) return this.#late(flow);
    if (result.kind === "answered") flow.target.oneWay?.ended(flow, result.said ?? "void");
    const rttMs = Math.max(0, receivedAt - flow.sentAt);
    if (this.#validity.doubtful(flow, receivedAt)) {
      this.#finish(flow, { kind: "invalid", reason: "stall" });
    } else {
      this.#finish(flow, result.kind === "failed" ? result : { kind: "answered", rttMs });
    }
    return undefined;
  }

  #expire = (entry: { flow: ProbedFlow; timestamp: number }, deadline: number): void => {
    const { flow } = entry;
    if (!flow.inFlight || flow.timestamp !== entry.timestamp) return;
    this.#giveUp(flow, deadline);
  };

  /** Ends a probe that no answer came to in time. */
  #giveUp(flow: ProbedFlow, until: number): void {
    flow.expired = true;
    const now = this.#clock.monotonic();
    const reason =
      this.#validity.spoiled(flow, until, now) ??
      (this.#rations.explains(flow, this.targets, now) ? "icmp_rate_limit" : undefined);
    this.#finish(
      flow,
      reason === undefined
        ? { kind: "failed", reason: "timeout", responder: undefined }
        : { kind: "invalid", reason },
    );
  }

  #finish(flow: ProbedFlow, outcome: Outcome): void {
    flow.inFlight = false;
    flow.target.oneWay?.ended(flow, isTimeout(outcome) ? "lost" : "void");
    const now = this.#clock.monotonic();
    if (outcome.kind === "answered") {
      flow.state = "up";
      flow.failingSince = undefined;
      flow.last = outcome;
    } else if (outcome.kind === "failed") {
      flow.state = "failing";
      flow.failingSince ??= now;
      flow.last = outcome;
      // A rotation that waited for this probe no longer applies: the flow is held.
      if (isHeld(flow.failingSince, now, flow.target.target.rotationHoldMs)) flow.nextPort = 0;
    }
    this.#observer.onOutcome(flow, outcome, now);
  }
}
