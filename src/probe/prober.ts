import type { Clock } from "../clock.ts";
import type { Target } from "../flow/target.ts";
import type { PacketReceiver, PacketSender } from "../wire/wire.ts";
import { Deadlines } from "./deadlines.ts";
import { count, type EngineCounters, newEngineCounters } from "./engine-counters.ts";
import { FlowRounds } from "./flow-rounds.ts";
import type { ProberObserver, SentPacket } from "./observer.ts";
import { FlowKeyer } from "./probe-id.ts";
import { ProbedFlow, type ProbedTarget } from "./probed-flow.ts";
import { FlowTable } from "./reply/flow-table.ts";
import { hopReport } from "./reply/hop-report.ts";
import { type IgnoreReason, isUntold, matchReply, type ProbeResult } from "./reply/match.ts";
import { answersAgain } from "./reply/repeated-answer.ts";
import { type Reply, readReply } from "./reply/reply.ts";
import { TranslatedFlows } from "./reply/translated-flows.ts";
import { END_TO_END_TTL } from "./template.ts";
import { Transmitter } from "./transmitter.ts";
import { UnreachablePace } from "./unreachable-pace.ts";
import { Validity } from "./validity.ts";

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
  readonly #transmitter: Transmitter;
  readonly #receiver: PacketReceiver;
  readonly #clock: Clock;
  readonly #observer: ProberObserver;
  readonly #keyer: FlowKeyer;
  readonly #rounds: FlowRounds;
  readonly #table: FlowTable = new FlowTable();
  readonly #translated: TranslatedFlows = new TranslatedFlows();
  readonly #deadlines: Deadlines<{ flow: ProbedFlow; timestamp: number }> = new Deadlines();
  readonly #unreachablePace: UnreachablePace = new UnreachablePace();
  readonly #validity: Validity;

  constructor(options: ProberOptions) {
    const { sender, receiver, clock, observer } = options;
    this.#receiver = receiver;
    this.#clock = clock;
    this.#observer = observer;
    this.#keyer = options.keyer ?? new FlowKeyer();
    const { counters } = this;
    this.#transmitter = new Transmitter(sender, clock, counters, options.packetsPerSecond);
    this.#validity = new Validity(receiver, counters, clock.monotonic());
    this.#rounds = new FlowRounds({
      clock,
      counters,
      observer,
      open: (target, bucket, port) => {
        const flow = new ProbedFlow(target, bucket, port, this.#keyer);
        this.adopt(flow);
        return flow;
      },
      close: (flow) => this.release(flow),
      admit: () => this.#transmitter.admit(),
      send: (flow) => this.#sendProbe(flow),
      onOneWayLoss: (flow, direction) =>
        this.#observer.onOneWayLoss(flow, direction, clock.monotonic()),
    });
  }

  /** The targets that are probed. */
  get targets(): ReadonlySet<ProbedTarget> {
    return this.#rounds.targets;
  }

  /** Source ports held by sockets of this host, passed over when a bucket moves on. */
  set unavailablePorts(ports: ReadonlySet<number>) {
    this.#rounds.unavailablePorts = ports;
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
    return this.#rounds.add(target);
  }

  /** Stops probing a target; answers to it are of an unknown flow from now on. */
  remove(target: ProbedTarget): void {
    this.#rounds.remove(target);
  }

  /** Lets every bucket whose flow does not fail move on to its next port, with its next probe. */
  rotate(target: ProbedTarget): void {
    this.#rounds.rotate(target);
  }

  /** Takes answers to a flow's packets from now on, also to one that is probed by other means and only traced here. */
  adopt(flow: ProbedFlow): void {
    this.#table.add(flow);
    this.#translated.add(flow);
  }

  /** Takes no answers to the flow's packets any more. */
  release(flow: ProbedFlow): void {
    this.#table.remove(flow);
    this.#translated.remove(flow);
  }

  /** Whether the budget of everything sent has room for a packet of somebody else now; takes it if so. */
  admit(): boolean {
    return this.#transmitter.admit();
  }

  /** Puts packets on the account of everything sent that the kernel sends unasked. */
  charge(packets: number): void {
    this.#transmitter.charge(packets);
  }

  /** One turn of the loop; call it every few milliseconds. */
  turn(): void {
    const now = this.#clock.monotonic();
    this.#validity.turn(now);
    this.counters.received += this.#receiver.drain(this.#deliver);
    this.#deadlines.expire(now - this.#receiver.visibilityMs, this.#expire);
    this.#rounds.turn(now);
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
  noteRateLimited(flow: ProbedFlow, sentAt: number): void {
    this.#unreachablePace.granted(flow, sentAt);
  }

  #sendProbe(flow: ProbedFlow): void {
    const sent = this.#transmitter.send(flow, END_TO_END_TTL, 0);
    const timeout = flow.target.target.timeoutMs;
    flow.timestamp = sent.timestamp;
    flow.identification = sent.identification;
    this.#rounds.sent(flow, sent.sentAt, sent.sentAt + timeout);
    if (sent.failed) {
      this.#rounds.finish(flow, { kind: "invalid", reason: "send_error" });
      return;
    }
    this.#deadlines.add({ flow, timestamp: flow.timestamp }, sent.sentAt, timeout);
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
    reply: Reply,
    bytes: Uint8Array,
    receivedAt: number,
  ): IgnoreReason | undefined {
    const match = matchReply(flow, reply, bytes);
    const connects = flow.target.target.method === "connect";
    // What a connection of the kernel's own gets is the kernel's business.
    const foreign = connects && match.what !== "sweep";
    if (match.what === "ignored") return foreign ? "irrelevant" : match.reason;
    if (reply.kind === "syn_ack" && !foreign) this.#transmitter.reset(flow);
    let ttl: number | undefined = 0;
    if (match.what === "sweep") {
      ttl = this.#observer.onSweepAnswer(flow, match.answer, receivedAt);
      if (ttl === undefined) {
        if (flow.expired && isUntold(match.answer)) return this.#late(flow);
        const again = reply.kind === "syn_ack" && !connects && answersAgain(flow, receivedAt);
        if (!again) return "unmatched";
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

  #late(flow: ProbedFlow): undefined {
    flow.expired = false;
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
    } else {
      this.#rounds.finish(flow, result.kind === "failed" ? result : { kind: "answered", rttMs });
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
      (this.#unreachablePace.explains(flow, this.targets, now) ? "icmp_rate_limit" : undefined);
    this.#rounds.finish(
      flow,
      reason === undefined
        ? { kind: "failed", reason: "timeout", responder: undefined }
        : { kind: "invalid", reason },
    );
  }
}
