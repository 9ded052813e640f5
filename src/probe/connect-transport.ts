import type { Clock } from "../clock.ts";
import type { Connection, Connector, Ending } from "./connector.ts";
import { Deadlines } from "./deadlines.ts";
import { count, type EngineCounters } from "./engine-counters.ts";
import type { FlowRounds } from "./flow-rounds.ts";
import type { ProbeTransport } from "./probe-transport.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { wasRepeated } from "./reply/half-open.ts";
import { StallRecord } from "./stall.ts";
import type { UnfinishedFlows } from "./unfinished-flows.ts";

/**
 * The kernel sends a SYN again after one second (RFC 6298 section 2.1), so that a connection that took this long has lost
 * a packet, on the way there or back. A little less than a second: its timer counts in ticks of up to 10 ms.
 */
const RETRANSMIT_MS = 990;
/** What the kernel sends after a SYN that was answered: the ACK of the handshake and the RST. */
const PACKETS_AFTER_SYN_ACK = 2;

/** What the network said, by errno; everything else is this host's own trouble. */
const NETWORK_ERRORS: Readonly<Record<string, "refused" | "unreachable" | "timeout">> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ENOPROTOOPT: "unreachable",
  ETIMEDOUT: "timeout",
};

/** What the transport is built from. */
export interface ConnectTransportOptions {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly counters: EngineCounters;
  /** Told how probes went out and ended. */
  readonly rounds: FlowRounds;
  /** Knows flows whose server repeats its SYN-ACK: the answer to it got lost. */
  readonly unfinished: Pick<UnfinishedFlows, "hold" | "silent" | "finish">;
  /** Puts packets on the budget of everything sent that the kernel sends in any case. */
  readonly charge: (packets: number) => void;
  /** Told of every target and flow that begins, and flow that ends: TTL probes are raw packets. */
  readonly traces: Pick<ProbeTransport, "begin" | "open" | "close">;
}

/**
 * Probes TCP by connections of the kernel's own, which need no privilege: bound to the flow's source port, established,
 * and closed by RST, so that neither end keeps TIME_WAIT.
 */
export class ConnectTransport implements ProbeTransport {
  readonly #options: ConnectTransportOptions;
  readonly #stalls: StallRecord;
  /** When the loop turned last, and the time before. */
  #turns: readonly [before: number, last: number];
  readonly #connections: Map<ProbedFlow, Connection> = new Map();
  readonly #deadlines: Deadlines<{ flow: ProbedFlow; connection: Connection }> = new Deadlines();

  constructor(options: ConnectTransportOptions) {
    this.#options = options;
    const now = options.clock.monotonic();
    this.#stalls = new StallRecord(now);
    this.#turns = [now, now];
  }

  begin(target: ProbedTarget): void {
    this.#options.traces.begin(target);
  }

  open(flow: ProbedFlow): void {
    this.#options.traces.open(flow);
  }

  close(flow: ProbedFlow): void {
    this.#end(flow)?.close();
    this.#options.traces.close(flow);
  }

  /** Source ports of the connections that are open now. */
  portsInUse(): Set<number> {
    return new Set([...this.#connections.keys()].map(({ sourcePort }) => sourcePort));
  }

  send(flow: ProbedFlow): void {
    const { clock, connector, rounds } = this.#options;
    const { timeoutMs } = flow.target.target;
    const sentAt = clock.monotonic();
    const patience = Math.min(timeoutMs, RETRANSMIT_MS);
    flow.heldRttMs = undefined;
    rounds.sent(flow, sentAt, sentAt + patience);
    const connection = connector.connect(flow, (ending) => this.#ended(flow, connection, ending));
    this.#connections.set(flow, connection);
    this.#deadlines.add({ flow, connection }, sentAt, patience);
  }

  /** Gives up what is overdue. */
  turn(now: number): void {
    this.#stalls.turn(now);
    this.#turns = [this.#turns[1], now];
    this.#expire(now);
  }

  /** Closes every connection. */
  closeAll(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  /** The kernel told how a connection went; what it told is read later, but in the order of happening. */
  #ended(flow: ProbedFlow, connection: Connection, ending: Ending): void {
    if (this.#connections.get(flow) !== connection) return;
    this.#end(flow);
    const { clock, counters, charge, rounds } = this.#options;
    const receivedAt = clock.monotonic();
    const reason = ending.kind === "failed" ? NETWORK_ERRORS[ending.code] : undefined;
    if (ending.kind !== "connected" && reason === undefined) {
      count(counters.sendErrors, ending.code);
      rounds.finish(flow, { kind: "invalid", reason: "send_error", code: ending.code });
      return;
    }
    counters.sent += 1;
    if (ending.kind === "connected") {
      counters.sent += PACKETS_AFTER_SYN_ACK;
      charge(PACKETS_AFTER_SYN_ACK);
    }
    // The process stamps the times: what it was told of after the deadline may have happened before.
    const [before] = this.#turns;
    const doubtful = before < flow.deadline && flow.deadline <= receivedAt;
    if (doubtful || flow.sendStalled || this.#stalls.overlaps(flow.sentAt, receivedAt)) {
      rounds.finish(flow, { kind: "invalid", reason: "stall" });
      return;
    }
    const rttMs = receivedAt - flow.sentAt;
    if (reason === undefined && receivedAt < flow.deadline) {
      if (flow.unfinished || wasRepeated(flow))
        this.#options.unfinished.hold(flow, rttMs, receivedAt);
      else rounds.finish(flow, { kind: "answered", rttMs });
      return;
    }
    const responder = reason === "refused" ? flow.target.target.address : undefined;
    rounds.finish(flow, { kind: "failed", reason: reason ?? "timeout", responder });
  }

  /** Gives up what is overdue, once everything that the kernel has to tell by now has been told. */
  #expire(now: number): void {
    const overdue: { flow: ProbedFlow; connection: Connection; deadline: number }[] = [];
    this.#deadlines.expire(now, (entry, deadline) => {
      if (this.#connections.get(entry.flow) !== entry.connection) return;
      overdue.push({ ...entry, deadline });
    });
    if (overdue.length === 0) return;
    this.#options.connector.settled(() => {
      for (const { flow, connection, deadline } of overdue) {
        if (this.#connections.get(flow) !== connection) continue;
        this.#end(flow)?.close();
        this.#options.counters.sent += 1;
        if (flow.sendStalled || this.#stalls.overlaps(flow.sentAt, deadline)) {
          this.#options.rounds.finish(flow, { kind: "invalid", reason: "stall" });
        } else if (flow.target.noWay.met(flow.sentAt, deadline)) {
          this.#options.rounds.finish(flow, { kind: "invalid", reason: "send_error" });
        } else this.#timedOut(flow, now);
      }
    });
  }

  /** Nothing came of a connection. A server that holds the one before half open answers none of its packets that the kernel would take. */
  #timedOut(flow: ProbedFlow, now: number): void {
    const { rounds, unfinished } = this.#options;
    unfinished.silent(flow, now);
    if (flow.unfinished) unfinished.finish(flow);
    else rounds.finish(flow, { kind: "failed", reason: "timeout", responder: undefined });
  }

  #end(flow: ProbedFlow): Connection | undefined {
    const connection = this.#connections.get(flow);
    this.#connections.delete(flow);
    return connection;
  }
}
