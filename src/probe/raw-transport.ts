import type { Clock } from "../clock.ts";
import type { PacketReceiver } from "../wire/wire.ts";
import { Deadlines } from "./deadlines.ts";
import { count, type EngineCounters } from "./engine-counters.ts";
import type { FlowRounds } from "./flow-rounds.ts";
import type { ProberObserver, SentPacket } from "./observer.ts";
import { END_TO_END_TTL } from "./probe-packet.ts";
import type { ProbeTransport } from "./probe-transport.ts";
import type { ProbedFlow } from "./probed-flow.ts";
import { FlowTable } from "./reply/flow-table.ts";
import { HalfOpen } from "./reply/half-open.ts";
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
import { TranslatedFlows } from "./reply/translated-flows.ts";
import type { Transmitter } from "./transmitter.ts";
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
}

/** A repeat of a SYN-ACK comes after a second; an answer that may be repeated is held back for a little longer. */
const HOLD_MS = 1500;
/** Servers repeat a SYN-ACK after 1, 2, 4, … seconds, and in answer to further SYNs; after so long without one they have given up. */
const UNFINISHED_FOR_MS = 40_000;

/** When a probe is given up, or an answer that was held back counts. */
interface Deadline {
  readonly flow: ProbedFlow;
  readonly timestamp: number;
  readonly held?: true;
}

/** Probes by raw packets: sends them, reads what is received, matches answers to flows and gives up what is overdue. */
export class RawTransport implements ProbeTransport {
  readonly #transmitter: Transmitter;
  readonly #receiver: PacketReceiver;
  readonly #clock: Clock;
  readonly #counters: EngineCounters;
  readonly #observer: ProberObserver;
  readonly #rounds: FlowRounds;
  readonly #table: FlowTable = new FlowTable();
  readonly #translated: TranslatedFlows = new TranslatedFlows();
  readonly #deadlines: Deadlines<Deadline> = new Deadlines();
  readonly #halfOpen: HalfOpen = new HalfOpen();
  readonly #unreachablePace: UnreachablePace = new UnreachablePace();
  readonly #validity: Validity;

  constructor(options: RawTransportOptions) {
    this.#transmitter = options.transmitter;
    this.#receiver = options.receiver;
    this.#clock = options.clock;
    this.#counters = options.counters;
    this.#observer = options.observer;
    this.#rounds = options.rounds;
    this.#validity = new Validity(options.receiver, options.counters, options.clock.monotonic());
  }

  /** Takes answers to a flow's packets from now on, also to one that is probed by other means and only traced here. */
  open(flow: ProbedFlow): void {
    this.#table.add(flow);
    this.#translated.add(flow);
  }

  /** Takes no answers to the flow's packets any more. */
  close(flow: ProbedFlow): void {
    this.#table.remove(flow);
    this.#translated.remove(flow);
  }

  send(flow: ProbedFlow): void {
    const sent = this.#transmitter.send(flow, END_TO_END_TTL, 0);
    const timeout = flow.target.target.timeoutMs;
    flow.timestamp = sent.timestamp;
    flow.identification = sent.identification;
    flow.heldRttMs = undefined;
    this.#rounds.sent(flow, sent.sentAt, sent.sentAt + timeout);
    if (sent.failed) {
      this.#rounds.finish(flow, { kind: "invalid", reason: "send_error" });
      return;
    }
    this.#deadlines.add({ flow, timestamp: flow.timestamp }, sent.sentAt, timeout);
  }

  /** Reads everything received, then gives up what is overdue. */
  turn(now: number): void {
    this.#validity.turn(now);
    this.#counters.received += this.#receiver.drain(this.#deliver);
    this.#deadlines.expire(now - this.#receiver.visibilityMs, this.#expire);
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
    return sent.failed ? undefined : sent;
  }

  /** A sweep's packet, sent at `sentAt`, was answered by a port-unreachable of the target. */
  noteRateLimited(flow: ProbedFlow, sentAt: number): void {
    this.#unreachablePace.granted(flow, sentAt);
  }

  #deliver = (bytes: Uint8Array, offset: number, end: number, receivedAt: number): void => {
    const ignored = this.#take(bytes, offset, end, receivedAt);
    if (ignored !== undefined) count(this.#counters.ignored, ignored);
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
    const ignored =
      flow === undefined ? "unknown_flow" : this.#match(flow, reply, bytes, receivedAt);
    if (reply.kind !== "icmp_error" || (ignored !== "unknown_flow" && ignored !== "wrong_quote")) {
      return ignored;
    }
    // A translated tuple is nobody's, or by chance that of another flow.
    const original = this.#translated.find(reply.quote, bytes);
    return original === undefined ? ignored : this.#match(original, reply, bytes, receivedAt);
  }

  #match(
    flow: ProbedFlow,
    reply: ReceivedReply,
    bytes: Uint8Array,
    receivedAt: number,
  ): IgnoreReason | undefined {
    const match = matchReply(flow, reply, bytes);
    const connects = flow.target.target.method === "connect";
    // What a connection of the kernel's own gets is the kernel's business.
    const foreign = connects && match.what !== "sweep";
    if (match.what === "ignored") return foreign ? "irrelevant" : match.reason;
    if (reply.kind === "syn_ack" && !foreign && this.#handshake(flow, reply, receivedAt)) {
      return undefined;
    }
    let ttl: number | undefined = 0;
    if (match.what === "sweep") {
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

  /**
   * Ends the handshake of a SYN-ACK, and the flow's probe where the server repeats itself.
   * @returns whether the SYN-ACK has said all it has to say
   */
  #handshake(
    flow: ProbedFlow,
    reply: Extract<ReceivedReply, { kind: "syn_ack" | "reset" }>,
    receivedAt: number,
  ): boolean {
    const repeated = this.#halfOpen.repeats(flow, reply, receivedAt);
    // The kernel's reset has not got there, or (IPv6) may go another way than the flow.
    if (repeated || flow.unfinished || reply.family === 6) this.#transmitter.reset(flow);
    if (!repeated) return false;
    if (!this.#halfOpen.isCertain(flow)) {
      this.#rounds.confirm(flow);
      return false;
    }
    flow.unfinished = true;
    if (flow.inFlight) this.#finishUnfinished(flow);
    return true;
  }

  #finishUnfinished(flow: ProbedFlow): void {
    const responder = flow.target.target.address;
    this.#rounds.finish(flow, { kind: "failed", reason: "unfinished", responder });
  }

  /** Lets an answer of a flow that was unfinished count only when the server has had the time to repeat it. */
  #hold(flow: ProbedFlow, rttMs: number): void {
    if (flow.heldRttMs !== undefined) return;
    flow.heldRttMs = rttMs;
    const { timestamp } = flow;
    const holdMs = Math.min(HOLD_MS, flow.target.target.intervalMs / 2);
    this.#deadlines.add({ flow, timestamp, held: true }, this.#clock.monotonic(), holdMs);
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
    if (result.kind === "answered") flow.target.oneWay?.ended(flow, result.said ?? "void");
    const rttMs = Math.max(0, receivedAt - flow.sentAt);
    if (this.#validity.doubtful(flow, receivedAt)) {
      this.#rounds.finish(flow, { kind: "invalid", reason: "stall" });
    } else if (flow.unfinished && result.kind === "answered") {
      this.#hold(flow, rttMs);
    } else {
      this.#rounds.finish(flow, result.kind === "failed" ? result : { kind: "answered", rttMs });
    }
    return undefined;
  }

  #expire = ({ flow, timestamp, held }: Deadline, deadline: number): void => {
    if (!flow.inFlight || flow.timestamp !== timestamp) return;
    const rttMs = flow.heldRttMs;
    if (rttMs === undefined) {
      this.#giveUp(flow, deadline);
    } else if (held) {
      flow.unfinished = false;
      this.#rounds.finish(flow, { kind: "answered", rttMs });
    }
  };

  /** Ends a probe that no answer came to in time. */
  #giveUp(flow: ProbedFlow, until: number): void {
    const { timestamp, identification } = flow;
    flow.expired = true;
    flow.givenUp = { timestamp, identification };
    const now = this.#clock.monotonic();
    // A server that holds a connection half open answers only so many SYNs of it.
    const repeatedAt = this.#halfOpen.repeatedAt(flow);
    flow.unfinished &&= now - repeatedAt <= UNFINISHED_FOR_MS;
    const reason =
      this.#validity.spoiled(flow, until, now) ??
      (this.#unreachablePace.explains(flow, this.#rounds.targets(), now)
        ? "icmp_rate_limit"
        : undefined);
    if (reason !== undefined) this.#rounds.finish(flow, { kind: "invalid", reason });
    else if (flow.unfinished) this.#finishUnfinished(flow);
    else this.#rounds.finish(flow, { kind: "failed", reason: "timeout", responder: undefined });
  }
}
