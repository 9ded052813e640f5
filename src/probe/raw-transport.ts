import type { Clock } from "../clock.ts";
import type { Deliver, PacketReceiver, PortHolder } from "../wire/wire.ts";
import { type Arrival, Arrivals } from "./arrivals.ts";
import { Deadlines } from "./deadlines.ts";
import { count, type EngineCounters } from "./engine-counters.ts";
import type { FlowRounds } from "./flow-rounds.ts";
import { type Copy, HostStack } from "./host-stack.ts";
import type { ProberObserver, SentPacket } from "./observer.ts";
import { OpenFlows } from "./open-flows.ts";
import { END_TO_END_TTL } from "./probe-packet.ts";
import type { ProbeTransport } from "./probe-transport.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { hopReport } from "./reply/hop-report.ts";
import {
  answersGivenUp,
  type IgnoreReason,
  isUntold,
  matchReply,
  type ProbeResult,
} from "./reply/match.ts";
import { type ReceivedReply, readReply } from "./reply/reply.ts";
import { isSynAckRetransmission } from "./reply/syn-ack-retransmission.ts";
import type { Transmitter } from "./transmitter.ts";
import type { UnfinishedFlows } from "./unfinished-flows.ts";
import { UnreachablePace } from "./unreachable-pace.ts";
import { Validity } from "./validity.ts";

/** What the transport is built from. */
export interface RawTransportOptions {
  readonly receiver: PacketReceiver;
  readonly transmitter: Transmitter;
  readonly clock: Clock;
  readonly counters: EngineCounters;
  readonly observer: ProberObserver;
  /** Told how probes went out and ended. */
  readonly rounds: FlowRounds;
  /** Told of SYN-ACKs, and of answers that this host does not take. */
  readonly unfinished: UnfinishedFlows;
  /** Holds the ports of flows that a UDP service answers; undefined where that cannot be done. */
  readonly heldPorts: PortHolder | undefined;
}

/** Probes by raw packets: sends them, reads what is received, matches answers to flows and gives up what is overdue. */
export class RawTransport implements ProbeTransport {
  readonly #transmitter: Transmitter;
  readonly #receiver: PacketReceiver;
  readonly #clock: Clock;
  readonly #counters: EngineCounters;
  readonly #observer: ProberObserver;
  readonly #rounds: FlowRounds;
  readonly #flows: OpenFlows;
  readonly #deadlines: Deadlines<ProbedFlow> = new Deadlines();
  readonly #unfinished: UnfinishedFlows;
  readonly #stack: HostStack | undefined;
  readonly #unreachablePace: UnreachablePace = new UnreachablePace();
  readonly #validity: Validity;
  readonly #arrivals: Arrivals;

  constructor(options: RawTransportOptions) {
    this.#transmitter = options.transmitter;
    this.#receiver = options.receiver;
    this.#clock = options.clock;
    this.#counters = options.counters;
    this.#observer = options.observer;
    this.#rounds = options.rounds;
    this.#flows = new OpenFlows(options.heldPorts);
    this.#arrivals = new Arrivals(this.#flows.table, options.transmitter.latest, options.observer);
    const { stack } = options.receiver;
    this.#stack = stack && new HostStack(stack, this.#flows.table, options);
    this.#unfinished = options.unfinished;
    this.#unfinished.onRepeat = ({ target }) => {
      this.#stack?.found(target, this.#clock.monotonic());
    };
    this.#validity = new Validity(options.receiver, options.counters, options.clock.monotonic());
  }

  /** Watches what this host makes of the target's answers: from before the first of them. */
  begin(target: ProbedTarget): void {
    this.#stack?.began(target, this.#clock.monotonic());
  }

  /** Takes answers to a flow's packets from now on, also to one that is probed by other means and only traced here. */
  open(flow: ProbedFlow): void {
    this.#flows.add(flow);
  }

  /** Takes no answers to the flow's packets any more. */
  close(flow: ProbedFlow): void {
    this.#flows.remove(flow);
  }

  send(flow: ProbedFlow): void {
    const sent = this.#transmitter.send(flow, END_TO_END_TTL, 0);
    const timeout = flow.target.timeoutMs;
    flow.timestamp = sent.timestamp;
    flow.identification = sent.identification;
    flow.heldRttMs = undefined;
    flow.softError = undefined;
    this.#rounds.sent(flow, sent.sentAt, sent.sentAt + timeout);
    if (sent.error !== undefined) {
      this.#rounds.finish(flow, { kind: "invalid", reason: "send_error", code: sent.error });
      return;
    }
    flow.deadlineNumber = this.#deadlines.add(flow, sent.sentAt, timeout);
  }

  /** Reads everything received, then gives up what is overdue. */
  turn(now: number): void {
    this.#validity.turn(now);
    this.#unreachablePace.turn(this.#rounds.targets(), now);
    this.#stack?.drain(now);
    this.#counters.received += this.#receiver.drain(this.#deliver, this.#takeArrivals);
    this.#takeArrivals();
    this.#validity.drained();
    this.#stack?.settle(now, this.#settled);
    const seenUntil = now - this.#receiver.visibilityMs;
    this.#deadlines.expire(seenUntil, this.#expire);
    this.#unfinished.turn(seenUntil);
  }

  /**
   * Sends one packet of a flow with a hop limit, outside the flow's schedule.
   * @param ttl 1 to MAX_TTL
   * @returns undefined where the budget is used up or the kernel did not take it
   */
  sendSweep(flow: ProbedFlow, ttl: number): SentPacket | undefined {
    if (!this.#transmitter.admit()) {
      count(this.#counters.skipped, "budget");
      return undefined;
    }
    const sent = this.#transmitter.send(flow, ttl, ttl);
    return sent.error === undefined ? sent : undefined;
  }

  /** A sweep's packet, sent at `sentAt`, was answered by a port-unreachable of the target. */
  noteRateLimited(flow: ProbedFlow, sentAt: number): void {
    this.#unreachablePace.granted(flow, sentAt);
  }

  #deliver: Deliver = (bytes, offset, end, receivedAt, verified) => {
    const reply = readReply(bytes, offset, end, verified);
    if (typeof reply === "string") count(this.#counters.ignored, reply);
    else this.#arrivals.add({ reply, bytes, offset, end, receivedAt });
  };

  #takeArrivals = (): void =>
    this.#arrivals.take((flow, arrival) => {
      const ignored = this.#take(flow, arrival);
      if (ignored !== undefined) count(this.#counters.ignored, ignored);
    });

  #settled = (what: "taken" | "untaken" | "translated", copy: Copy): void => {
    const { flow, bytes, receivedAt } = copy;
    if (!flow.active) return;
    const reply = readReply(bytes, 0, bytes.length, true);
    if (typeof reply === "string") return;
    const ignored =
      what === "untaken"
        ? this.#notTaken(flow, reply, bytes, receivedAt)
        : this.#match(flow, reply, bytes, receivedAt);
    if (ignored !== undefined) count(this.#counters.ignored, ignored);
    else if (what === "translated") this.#stack?.found(flow.target, receivedAt);
  };

  /** @returns why the packet changes nothing; undefined where it does */
  #take(flow: ProbedFlow | undefined, arrival: Arrival): IgnoreReason | undefined {
    const { reply, bytes, receivedAt } = arrival;
    if (flow !== undefined && this.#stack?.takes(flow, arrival) === false) return undefined;
    const ignored =
      flow === undefined ? "unknown_flow" : this.#match(flow, reply, bytes, receivedAt);
    if (reply.kind !== "icmp_error" || (ignored !== "unknown_flow" && ignored !== "wrong_quote")) {
      return ignored;
    }
    // A translated tuple is nobody's, or by chance that of another flow.
    const original = this.#flows.translated(reply.quote, bytes);
    return original === undefined ? ignored : this.#match(original, reply, bytes, receivedAt);
  }

  #match(
    flow: ProbedFlow,
    reply: ReceivedReply,
    bytes: Uint8Array,
    receivedAt: number,
  ): IgnoreReason | undefined {
    const match = matchReply(flow, reply, bytes);
    const connects = flow.target.connects;
    // What a connection of the kernel's own gets is the kernel's business.
    const foreign = connects && match.what !== "sweep";
    // It does not acknowledge the SYN of a sweep, so it is one of the kernel's that it answers.
    const isKernels = match.what === "ignored" && match.reason === "wrong_acknowledgement";
    if (foreign && isKernels && reply.kind === "syn_ack")
      this.#unfinished.kernelHandshake(flow, reply, receivedAt);
    if (match.what === "ignored") return foreign ? "irrelevant" : match.reason;
    if (reply.kind === "syn_ack" && !foreign) {
      const handshake = this.#unfinished.handshake(flow, reply, receivedAt);
      if (handshake !== "goes on") return handshake === "ended" ? undefined : handshake;
    }
    let ttl: number | undefined = 0;
    if (match.what === "sweep") {
      flow.target.ownAddresses.answered(match.answer);
      if (match.answer.kind === "destination") this.#rounds.answeredTrace(flow, receivedAt);
      ttl = this.#observer.onSweepAnswer(flow, match.answer, receivedAt);
      if (ttl === undefined) {
        if (flow.expired && isUntold(match.answer)) return this.#late(flow);
        const again =
          reply.kind === "syn_ack" && !connects && isSynAckRetransmission(flow, receivedAt);
        if (!again) return answersGivenUp(flow, match.answer) ? this.#late(flow) : "unmatched";
        return this.#answered(flow, { kind: "answered", rateLimited: false }, receivedAt);
      }
    } else {
      const ignored = foreign ? "irrelevant" : this.#answered(flow, match.result, receivedAt);
      if (ignored !== undefined) return ignored;
    }
    if (reply.kind === "icmp_error") {
      this.#observer.onReport(flow, hopReport(flow, reply, bytes, ttl), receivedAt);
    }
    return undefined;
  }

  /** An answer got to this host, and its own stack does not take it: no connection would ever come about. */
  #notTaken(
    flow: ProbedFlow,
    reply: ReceivedReply,
    bytes: Uint8Array,
    receivedAt: number,
  ): IgnoreReason | undefined {
    const now = this.#clock.monotonic();
    const match = matchReply(flow, reply, bytes);
    const connects = flow.target.connects;
    if (match.what === "ignored" && !connects) return match.reason;
    this.#stack?.untaken(flow.target, now);
    const answersProbe = match.what === "probe" && flow.inFlight && receivedAt <= flow.deadline;
    this.#unfinished.untaken(flow, reply.kind === "syn_ack", answersProbe, now);
    if (connects) return undefined;
    if (match.what === "sweep") this.#observer.onSweepAnswer(flow, match.answer, receivedAt);
    return undefined;
  }

  #late(flow: ProbedFlow): undefined {
    flow.expired = false;
    flow.givenUp = undefined;
    this.#observer.onLate(flow);
  }

  #answered(flow: ProbedFlow, result: ProbeResult, receivedAt: number): IgnoreReason | undefined {
    if (result.kind === "answered" && result.rateLimited)
      this.#unreachablePace.granted(flow, flow.sentAt);
    if (!flow.inFlight && !flow.expired) return "duplicate";
    // It may be read in the very turn in which its probe expires.
    if (flow.inFlight && receivedAt > flow.deadline) this.#giveUp(flow, receivedAt);
    if (!flow.inFlight) return this.#late(flow);
    if (result.kind === "failed" && result.soft) {
      const { reason, responder } = result;
      flow.softError ??= { kind: "failed", reason, responder };
      return undefined;
    }
    if (result.kind === "answered") flow.target.oneWay?.ended(flow, result.said ?? "void");
    const rttMs = Math.max(0, receivedAt - flow.sentAt);
    if (this.#validity.doubtful(flow, receivedAt)) {
      this.#rounds.finish(flow, { kind: "invalid", reason: "stall" });
    } else if (flow.unfinished && result.kind === "answered") {
      this.#unfinished.hold(flow, rttMs, this.#clock.monotonic());
    } else {
      this.#deadlines.cancel(flow, flow.deadlineNumber, flow.target.timeoutMs);
      this.#rounds.finish(flow, result.kind === "failed" ? result : { kind: "answered", rttMs });
    }
    return undefined;
  }

  #expire = (flow: ProbedFlow, deadline: number): void => {
    // It may be the deadline of a probe that has ended, while another is in flight.
    if (!flow.inFlight || flow.deadline !== deadline || flow.heldRttMs !== undefined) return;
    this.#giveUp(flow, deadline);
  };

  /** Ends a probe that no answer came to in time. */
  #giveUp(flow: ProbedFlow, until: number): void {
    const { timestamp, identification } = flow;
    flow.expired = true;
    flow.givenUp = { timestamp, identification };
    const now = this.#clock.monotonic();
    this.#unfinished.silent(flow, now);
    if (flow.softError !== undefined) {
      this.#rounds.finish(flow, flow.softError);
      return;
    }
    const reason =
      this.#validity.spoiled(flow, until, now) ??
      (this.#unreachablePace.explains(flow, this.#rounds.targets(), now)
        ? "icmp_rate_limit"
        : undefined);
    if (reason !== undefined) {
      this.#rounds.finish(flow, { kind: "invalid", reason });
      return;
    }
    this.#stack?.silent(flow.target, now);
    if (flow.unfinished) this.#unfinished.finish(flow);
    else this.#rounds.finish(flow, { kind: "failed", reason: "timeout", responder: undefined });
  }
}
