import type { Clock } from "../clock.ts";
import { isHeld } from "../flow/hold.ts";
import type { Target } from "../flow/target.ts";
import { Deadlines } from "./deadlines.ts";
import { count, type EngineCounters, newEngineCounters } from "./engine-counters.ts";
import { FlowTable } from "./flow-table.ts";
import { matchReply, type ProbeResult, type SweepAnswer } from "./match.ts";
import type { InvalidReason, Outcome } from "./outcome.ts";
import { Pacer, PacketBudget } from "./pacer.ts";
import { FlowKeyer, identify } from "./probe-id.ts";
import { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { AnswerRation } from "./ration.ts";
import { readReply } from "./reply.ts";
import { StallRecord } from "./stall.ts";
import { END_TO_END_TTL } from "./template.ts";
import type { PacketReceiver, PacketSender } from "./wire.ts";

/** Sending a batch that takes longer than this leaves the sending times of its packets in doubt. */
const SLOW_BATCH_MS = 50;

/** What the engine reports; plain calls, made while the loop turns. */
export interface ProberObserver {
  /** An end-to-end probe ended. The flow's state is up to date. */
  onOutcome(flow: ProbedFlow, outcome: Outcome, now: number): void;
  /** An answer came after its probe had been given up. */
  onLate(flow: ProbedFlow): void;
  /** Probes that were due while the process did not run. */
  onMissed(target: ProbedTarget, probes: number): void;
  /** @returns whether the answer belongs to a packet of a sweep */
  onSweepAnswer(flow: ProbedFlow, answer: SweepAnswer, receivedAt: number): boolean;
  /** A bucket moved on: `before` is no longer probed. */
  onMoved(before: ProbedFlow, after: ProbedFlow): void;
}

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

/** How one TTL-limited packet is recognised again. */
export interface SentPacket {
  readonly identification: number;
  readonly timestamp: number;
  readonly sentAt: number;
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
  readonly #sender: PacketSender;
  readonly #receiver: PacketReceiver;
  readonly #clock: Clock;
  readonly #observer: ProberObserver;
  readonly #keyer: FlowKeyer;
  readonly #table: FlowTable = new FlowTable();
  readonly #deadlines: Deadlines<{ flow: ProbedFlow; timestamp: number }> = new Deadlines();
  readonly #rations: Map<string, AnswerRation> = new Map();
  readonly #stalls: StallRecord;
  #budget: PacketBudget;
  #packets = 0;
  #added = 0;
  #dropsSeenAt: number;
  #dropsAt = Number.NEGATIVE_INFINITY;

  constructor(options: ProberOptions) {
    this.#sender = options.sender;
    this.#receiver = options.receiver;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#keyer = options.keyer ?? new FlowKeyer();
    const now = options.clock.monotonic();
    this.#budget = new PacketBudget(options.packetsPerSecond, now);
    this.#stalls = new StallRecord(now);
    this.#dropsSeenAt = now;
  }

  /** Changes the limit on everything sent. */
  setPacketsPerSecond(rate: number): void {
    this.#budget = new PacketBudget(rate, this.#clock.monotonic());
  }

  /**
   * Begins to probe a target: one flow a bucket, the first ports of the rings.
   * @returns the target, or a text where another target already has the same 5-tuples
   */
  add(target: Target): ProbedTarget | string {
    for (const other of this.targets) {
      const { address, port, protocol, name } = other.target;
      if (
        address.text === target.address.text &&
        port === target.port &&
        protocol === target.protocol
      ) {
        return `target ${JSON.stringify(name)} already probes ${address.text} port ${port}/${protocol}; remove one of the two`;
      }
    }
    const now = this.#clock.monotonic();
    const pacer = new Pacer(now, this.#added, target.intervalMs, target.flowBuckets);
    this.#added += 1;
    const probed = new ProbedTarget(target, pacer);
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
    this.#stalls.turn(now);
    this.counters.received += this.#receiver.drain(this.#deliver);
    this.#deadlines.expire(now - this.#receiver.visibilityMs, this.#expire);
    if (now - this.#dropsSeenAt > 1000) this.#readDrops(now);
    for (const target of this.targets) this.#sendDue(target);
  }

  /**
   * Sends one packet of a flow with a hop limit, outside the flow's schedule.
   * @param ttl 1 to MAX_TTL
   * @returns undefined where the budget is used up or the kernel did not take it
   */
  sendSweep(flow: ProbedFlow, ttl: number): SentPacket | undefined {
    const now = this.#clock.monotonic();
    if (!this.#budget.take(now)) {
      count(this.counters.skipped, "budget");
      return undefined;
    }
    const identification = identify(ttl, this.#packets);
    const timestamp = this.#nextTimestamp();
    const error = this.#transmit(flow, ttl, identification, timestamp);
    return error === undefined ? { identification, timestamp, sentAt: now } : undefined;
  }

  /** A sweep's packet, sent at `sentAt`, was answered by a port-unreachable of the target. */
  noteRationed(flow: ProbedFlow, sentAt: number): void {
    this.#ration(flow.target).granted(sentAt);
  }

  #open(target: ProbedTarget, bucket: number, port: number): ProbedFlow {
    const flow = new ProbedFlow(target, bucket, port, this.#keyer);
    this.#table.add(flow);
    return flow;
  }

  #close(flow: ProbedFlow): void {
    flow.active = false;
    flow.inFlight = false;
    this.#table.remove(flow);
  }

  #sendDue(target: ProbedTarget): void {
    const began = this.#clock.monotonic();
    const sent: ProbedFlow[] = [];
    const missed = target.pacer.due(began, (slot) => {
      const flow = target.flows[slot];
      if (flow === undefined) return count(this.counters.skipped, "no_port");
      // The probe before is in flight still where a stall moved its schedule but not its deadline.
      if (flow.inFlight) return count(this.counters.skipped, "in_flight");
      if (!this.#budget.take(began)) return count(this.counters.skipped, "budget");
      sent.push(this.#sendProbe(flow));
    });
    if (missed > 0) {
      count(this.counters.skipped, "stall", missed);
      this.#observer.onMissed(target, missed);
    }
    if (sent.length > 0 && this.#clock.monotonic() - began > SLOW_BATCH_MS) {
      for (const flow of sent) flow.sendStalled = true;
    }
  }

  #sendProbe(current: ProbedFlow): ProbedFlow {
    const flow = current.nextPort === 0 ? current : this.#move(current);
    const now = this.#clock.monotonic();
    const timeout = flow.target.target.timeoutMs;
    flow.timestamp = this.#nextTimestamp();
    flow.identification = identify(0, this.#packets);
    flow.sentAt = now;
    flow.deadline = now + timeout;
    flow.sendStalled = false;
    flow.expired = false;
    const error = this.#transmit(flow, END_TO_END_TTL, flow.identification, flow.timestamp);
    if (error !== undefined) {
      this.#observer.onOutcome(flow, { kind: "invalid", reason: "send_error" }, now);
      return flow;
    }
    flow.inFlight = true;
    this.#deadlines.add({ flow, timestamp: flow.timestamp }, now, timeout);
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

  #transmit(
    flow: ProbedFlow,
    ttl: number,
    identification: number,
    timestamp: number,
  ): string | undefined {
    const { packet, target } = flow;
    packet.stamp(ttl, identification, timestamp);
    const error = this.#sender.send(packet.bytes, packet.length, target.target.address.text);
    if (error === undefined) this.counters.sent += 1;
    else count(this.counters.sendErrors, error);
    return error;
  }

  /** Timestamps rise by one a packet, so that each tells its packet from all others of its flow for weeks. */
  #nextTimestamp(): number {
    this.#packets += 1;
    return this.#packets >>> 0;
  }

  #deliver = (bytes: Uint8Array, offset: number, end: number, receivedAt: number): void => {
    const reply = readReply(bytes, offset, end);
    if (typeof reply === "string") return count(this.counters.ignored, reply);
    const flow = this.#table.find(bytes, reply);
    if (flow === undefined) return count(this.counters.ignored, "unknown_flow");
    const match = matchReply(flow, reply, bytes);
    if (match.what === "ignored") return count(this.counters.ignored, match.reason);
    if (match.what === "sweep") {
      if (!this.#observer.onSweepAnswer(flow, match.answer, receivedAt)) {
        count(this.counters.ignored, "unmatched");
      }
      return;
    }
    this.#answered(flow, match.result, receivedAt);
  };

  #answered(flow: ProbedFlow, result: ProbeResult, receivedAt: number): void {
    if (result.kind === "answered" && result.rationed) {
      this.#ration(flow.target).granted(flow.sentAt);
    }
    if (!flow.inFlight) {
      if (!flow.expired) return count(this.counters.ignored, "duplicate");
      flow.expired = false;
      return this.#observer.onLate(flow);
    }
    if (receivedAt > flow.deadline) {
      // Read in the same turn in which it would have expired. Without kernel timestamps a stall makes any answer
      // look late, so then it is the stall's fault.
      this.#giveUp(flow, receivedAt);
      flow.expired = false;
      return this.#observer.onLate(flow);
    }
    const doubtful =
      flow.sendStalled ||
      (!this.#receiver.kernelTimestamps && this.#stalls.overlaps(flow.sentAt, receivedAt));
    if (doubtful) return this.#finish(flow, { kind: "invalid", reason: "stall" });
    if (result.kind === "failed") return this.#finish(flow, result);
    this.#finish(flow, { kind: "answered", rttMs: Math.max(0, receivedAt - flow.sentAt) });
  }

  #expire = (entry: { flow: ProbedFlow; timestamp: number }, deadline: number): void => {
    const { flow } = entry;
    if (!flow.inFlight || flow.timestamp !== entry.timestamp) return;
    this.#giveUp(flow, deadline);
  };

  /** Ends a probe that no answer came to in time. */
  #giveUp(flow: ProbedFlow, until: number): void {
    flow.expired = true;
    const reason = this.#spoiled(flow, until);
    this.#finish(
      flow,
      reason === undefined
        ? { kind: "failed", reason: "timeout", responder: undefined }
        : { kind: "invalid", reason },
    );
  }

  /** Whether silence proves nothing, and why. */
  #spoiled(flow: ProbedFlow, until: number): InvalidReason | undefined {
    if (flow.sendStalled || this.#stalls.overlaps(flow.sentAt, until)) return "stall";
    this.#readDrops(this.#clock.monotonic());
    if (this.#dropsAt >= flow.sentAt) return "receive_drops";
    if (flow.target.target.protocol !== "udp") return undefined;
    const ration = this.#ration(flow.target);
    if (!ration.isActive(until) || !ration.explains(flow.sentAt)) return undefined;
    ration.limited = true;
    this.#slowDown(flow.target.target.address.text);
    return "icmp_rate_limit";
  }

  #finish(flow: ProbedFlow, outcome: Outcome): void {
    flow.inFlight = false;
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

  #readDrops(now: number): void {
    const drops = this.#receiver.takeDrops();
    if (drops > 0) {
      this.counters.receiveDrops += drops;
      this.#dropsAt = now;
    }
    this.#dropsSeenAt = now;
  }

  #ration(target: ProbedTarget): AnswerRation {
    const key = target.target.address.text;
    let ration = this.#rations.get(key);
    if (ration === undefined) {
      ration = new AnswerRation();
      this.#rations.set(key, ration);
    }
    return ration;
  }

  /** Asks a host that rations its answers no faster than it gives them, its targets taking turns. */
  #slowDown(address: string): void {
    const sharing = [...this.targets].filter(
      ({ target }) => target.protocol === "udp" && target.address.text === address,
    );
    for (const { pacer } of sharing) {
      const spacing = (this.#rations.get(address)?.spacingMs ?? 0) * sharing.length;
      if (spacing > pacer.step) pacer.setStep(spacing, this.#clock.monotonic());
    }
  }
}
