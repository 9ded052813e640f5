import { Deadlines } from "./deadlines.ts";
import type { FlowRounds } from "./flow-rounds.ts";
import type { HostFaults } from "./host-faults.ts";
import type { ProbedFlow } from "./probed-flow.ts";
import { isHeldHalfOpen, isKernelHeldHalfOpen, noteSynAck, repeatedAt } from "./reply/half-open.ts";
import type { ReceivedReply } from "./reply/reply.ts";
import type { Transmitter } from "./transmitter.ts";

/** Servers repeat a SYN-ACK after 1, 2, 4, … seconds, and in answer to further SYNs; after so long without one they have given up. */
const UNFINISHED_FOR_MS = 40_000;
/** A repeat of a SYN-ACK comes after a second; an answer that may be repeated is held back for a little longer. */
const HOLD_MS = 1500;

/** For so long after a packet of a sweep no connection of a flow that works shows that it is unfinished. */
const SWEPT_MS = 20_000;

/** What they act on. */
export interface UnfinishedFlowsOptions {
  readonly transmitter: Pick<Transmitter, "reset">;
  readonly rounds: Pick<FlowRounds, "confirm" | "finish">;
  readonly hostFaults: HostFaults;
}

/** Flows whose server keeps repeating its SYN-ACK: their probes fail, and the exporter ends the handshakes itself. */
export class UnfinishedFlows {
  readonly #transmitter: UnfinishedFlowsOptions["transmitter"];
  readonly #rounds: UnfinishedFlowsOptions["rounds"];
  readonly #hostFaults: HostFaults;
  /** Told of every flow whose server repeats itself. */
  onRepeat: (flow: ProbedFlow) => void = () => {};
  readonly #untakenAt: WeakMap<ProbedFlow, number> = new WeakMap();
  /** Of which probe the answer is held back shows by when that was sent. */
  readonly #held: Deadlines<{ flow: ProbedFlow; sentAt: number }> = new Deadlines();

  constructor(options: UnfinishedFlowsOptions) {
    this.#transmitter = options.transmitter;
    this.#rounds = options.rounds;
    this.#hostFaults = options.hostFaults;
  }

  /**
   * Ends the handshake that a genuine SYN-ACK belongs to, and the flow's probe where the server repeats itself.
   * @returns `goes on` where the SYN-ACK is an answer like any other; `duplicate` where it was taken already
   */
  handshake(
    flow: ProbedFlow,
    reply: Extract<ReceivedReply, { kind: "syn_ack" | "reset" }>,
    receivedAt: number,
  ): "goes on" | "ended" | "duplicate" {
    const taken = noteSynAck(flow, reply, receivedAt);
    if (taken === "copy") return "duplicate";
    const repeated = taken === "repeat";
    // The kernel's reset has not got there, or (IPv6) may go another way than the flow.
    if (repeated || flow.unfinished || reply.family === 6) this.#reset(flow, receivedAt);
    // What a server makes of the SYNs of sweeps says nothing of the kernel's connections.
    if (!repeated || flow.target.connects) return "goes on";
    this.onRepeat(flow);
    if (!isHeldHalfOpen(flow)) {
      this.#rounds.confirm(flow);
      return "goes on";
    }
    flow.unfinished = true;
    if (flow.inFlight) this.finish(flow);
    return "ended";
  }

  /** A SYN-ACK of a connection of the kernel's own, which the kernel answers. */
  kernelHandshake(
    flow: ProbedFlow,
    reply: Extract<ReceivedReply, { kind: "syn_ack" | "reset" }>,
    receivedAt: number,
  ): void {
    // A NAT of this host's own may take what the kernel sends for a sweep's, and let it out untranslated or not at all. Flows that fail are swept
    // because they do.
    const isSwept = receivedAt - flow.lastSentAt < SWEPT_MS;
    if (isSwept && flow.state !== "failing") return;
    if (noteSynAck(flow, reply, receivedAt) !== "repeat") return;
    this.onRepeat(flow);
    // Another connection now would end this one, at the server as well, before it is repeated again.
    if (!isKernelHeldHalfOpen(flow)) return;
    flow.unfinished = true;
    if (flow.heldRttMs !== undefined) this.finish(flow);
  }

  /** An answer to the flow got to this host, whose own stack did not take it. */
  untaken(flow: ProbedFlow, isSynAck: boolean, answersProbe: boolean, now: number): void {
    this.#hostFaults.untaken(flow.target, now);
    if (flow.target.connects) return;
    if (isSynAck) this.#reset(flow, now);
    flow.unfinished = true;
    this.#untakenAt.set(flow, now);
    if (answersProbe) this.finish(flow);
  }

  #reset(flow: ProbedFlow, now: number): void {
    const error = this.#transmitter.reset(flow);
    if (error !== undefined) this.#hostFaults.resetRefused(flow.target, error, now);
  }

  /** Ends the flow's probe: the SYN got to the target, and what follows did not. */
  finish(flow: ProbedFlow): void {
    const responder = flow.target.target.address;
    this.#rounds.finish(flow, { kind: "failed", reason: "unfinished", responder });
  }

  /** Lets an answer of a flow that was unfinished count only when the server has had the time to repeat it. */
  hold(flow: ProbedFlow, rttMs: number, now: number): void {
    if (flow.heldRttMs !== undefined) return;
    flow.heldRttMs = rttMs;
    const holdMs = Math.min(HOLD_MS, flow.target.target.intervalMs / 2);
    this.#held.add({ flow, sentAt: flow.sentAt }, now, holdMs);
  }

  /** Lets answers count that were held back and not repeated. @param until everything received up to then has been read */
  turn(until: number): void {
    this.#held.expire(until, ({ flow, sentAt }) => {
      const rttMs = flow.heldRttMs;
      if (!flow.inFlight || flow.sentAt !== sentAt || rttMs === undefined) return;
      flow.unfinished = false;
      this.#rounds.finish(flow, { kind: "answered", rttMs });
    });
  }

  /** A probe of the flow was not answered. A server that holds a connection half open answers only so many SYNs of it. */
  silent(flow: ProbedFlow, now: number): void {
    const untakenAt = this.#untakenAt.get(flow) ?? Number.NEGATIVE_INFINITY;
    const shownAt = Math.max(repeatedAt(flow), untakenAt);
    flow.unfinished &&= now - shownAt <= UNFINISHED_FOR_MS;
  }
}
