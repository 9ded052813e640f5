import type { Clock } from "../clock.ts";
import type { Target } from "../flow/target.ts";
import type { Connection, Connector, Ending } from "./connector.ts";
import { Deadlines } from "./deadlines.ts";
import { count, type EngineCounters } from "./engine-counters.ts";
import { FlowRounds } from "./flow-rounds.ts";
import type { ProberObserver } from "./observer.ts";
import { FlowKeyer } from "./probe-id.ts";
import { ProbedFlow, type ProbedTarget } from "./probed-flow.ts";
import { StallRecord } from "./stall.ts";

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

/** What the engine of connections is built from. */
export interface ConnectProberOptions {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly counters: EngineCounters;
  readonly observer: Pick<ProberObserver, "onOutcome" | "onMissed" | "onMoved">;
  /** Whether the budget of everything sent has room for one more packet now; takes it if so. */
  readonly admit: () => boolean;
  /** Puts packets on that account that the kernel sends in any case. */
  readonly charge: (packets: number) => void;
  /** Told of every flow that begins and ends, for whoever traces it. */
  readonly onOpen?: (flow: ProbedFlow) => void;
  readonly onClose?: (flow: ProbedFlow) => void;
}

/**
 * Probes TCP by connections of the kernel's own, which need no privilege: bound to the flow's source port, established,
 * and closed by RST, so that neither end keeps TIME_WAIT. Rounds, ports, hold and budgets are those of the raw engine.
 */
export class ConnectProber {
  readonly #options: ConnectProberOptions;
  readonly #rounds: FlowRounds;
  readonly #keyer: FlowKeyer = new FlowKeyer();
  readonly #stalls: StallRecord;
  /** When the loop turned last, and the time before. */
  #turns: readonly [before: number, last: number];
  readonly #connections: Map<ProbedFlow, Connection> = new Map();
  readonly #deadlines: Deadlines<{ flow: ProbedFlow; connection: Connection }> = new Deadlines();

  constructor(options: ConnectProberOptions) {
    this.#options = options;
    const { clock, counters, observer, admit } = options;
    this.#stalls = new StallRecord(clock.monotonic());
    this.#turns = [clock.monotonic(), clock.monotonic()];
    this.#rounds = new FlowRounds({
      clock,
      counters,
      observer,
      open: (target, bucket, port) => {
        const flow = new ProbedFlow(target, bucket, port, this.#keyer);
        options.onOpen?.(flow);
        return flow;
      },
      close: (flow) => {
        this.#end(flow)?.close();
        options.onClose?.(flow);
      },
      admit,
      send: (flow) => this.#connect(flow),
    });
  }

  /** The targets that are probed. */
  get targets(): ReadonlySet<ProbedTarget> {
    return this.#rounds.targets;
  }

  /** Source ports held by sockets of others on this host, passed over when a bucket moves on. */
  set unavailablePorts(ports: ReadonlySet<number>) {
    this.#rounds.unavailablePorts = ports;
  }

  /** Source ports of the connections that are open now. */
  portsInUse(): Set<number> {
    return new Set([...this.#connections.keys()].map(({ sourcePort }) => sourcePort));
  }

  /** Begins to probe a target. @returns the target, or a text where another has the same 5-tuples */
  add(target: Target): ProbedTarget | string {
    return this.#rounds.add(target);
  }

  /** Stops probing a target; its connections are closed. */
  remove(target: ProbedTarget): void {
    this.#rounds.remove(target);
  }

  /** Lets every bucket whose flow does not fail move on to its next port, with its next probe. */
  rotate(target: ProbedTarget): void {
    this.#rounds.rotate(target);
  }

  /** One turn of the loop; call it every few milliseconds. */
  turn(): void {
    const now = this.#options.clock.monotonic();
    this.#stalls.turn(now);
    this.#turns = [this.#turns[1], now];
    this.#expire(now);
    this.#rounds.turn(now);
  }

  /** Closes every connection. */
  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  #connect(flow: ProbedFlow): void {
    const { clock, connector } = this.#options;
    const { timeoutMs } = flow.target.target;
    const sentAt = clock.monotonic();
    const patience = Math.min(timeoutMs, RETRANSMIT_MS);
    this.#rounds.sent(flow, sentAt, sentAt + patience);
    const connection = connector.connect(flow, (ending) => this.#ended(flow, connection, ending));
    this.#connections.set(flow, connection);
    this.#deadlines.add({ flow, connection }, sentAt, patience);
  }

  /** The kernel told how a connection went; what it told is read later, but in the order of happening. */
  #ended(flow: ProbedFlow, connection: Connection, ending: Ending): void {
    if (this.#connections.get(flow) !== connection) return;
    this.#end(flow);
    const { clock, counters, charge } = this.#options;
    const receivedAt = clock.monotonic();
    const reason = ending.kind === "failed" ? NETWORK_ERRORS[ending.code] : undefined;
    if (ending.kind !== "connected" && reason === undefined) {
      count(counters.sendErrors, ending.code);
      this.#rounds.finish(flow, { kind: "invalid", reason: "send_error" });
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
      this.#rounds.finish(flow, { kind: "invalid", reason: "stall" });
      return;
    }
    const rttMs = receivedAt - flow.sentAt;
    if (reason === undefined && receivedAt < flow.deadline) {
      this.#rounds.finish(flow, { kind: "answered", rttMs });
      return;
    }
    const responder = reason === "refused" ? flow.target.target.address : undefined;
    this.#rounds.finish(flow, { kind: "failed", reason: reason ?? "timeout", responder });
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
        const spoiled = flow.sendStalled || this.#stalls.overlaps(flow.sentAt, deadline);
        this.#rounds.finish(
          flow,
          spoiled
            ? { kind: "invalid", reason: "stall" }
            : { kind: "failed", reason: "timeout", responder: undefined },
        );
      }
    });
  }

  #end(flow: ProbedFlow): Connection | undefined {
    const connection = this.#connections.get(flow);
    this.#connections.delete(flow);
    return connection;
  }
}
