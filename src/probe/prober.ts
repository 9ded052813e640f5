import type { Clock } from "../clock.ts";
import type { Target } from "../flow/target.ts";
import type { Address } from "../packet/address.ts";
import type { PacketReceiver, PacketSender, PortHolder } from "../wire/wire.ts";
import { ConnectTransport } from "./connect-transport.ts";
import { type Connector, KernelConnector } from "./connector.ts";
import { type EngineCounters, newEngineCounters } from "./engine-counters.ts";
import { FlowRounds } from "./flow-rounds.ts";
import { HostFaults } from "./host-faults.ts";
import type { ProberObserver, SentPacket } from "./observer.ts";
import { FlowKeyer } from "./probe-id.ts";
import { protocolNumber } from "./probe-packet.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { RawTransport } from "./raw-transport.ts";
import { Transmitter } from "./transmitter.ts";

/** No raw packet goes out so shortly before the flow's next connection: the two would meet at the server. */
const CONNECTION_FREE_MS = 1000;

import { UnfinishedFlows } from "./unfinished-flows.ts";

/** What the prober is built from. */
export interface ProberOptions {
  readonly sender: PacketSender;
  readonly receiver: PacketReceiver;
  readonly clock: Clock;
  readonly observer: ProberObserver;
  /** Holds the source ports of flows that a UDP service answers. */
  readonly heldPorts?: PortHolder;
  /** Everything sent together, packets a second. */
  readonly packetsPerSecond: number;
  /** The kernel's unless told. */
  readonly connector?: Connector;
  /** One with a secret of its own unless told. */
  readonly keyer?: FlowKeyer;
}

/**
 * One set of rounds over all targets, by raw packets or by connections of the kernel's. The method of a target decides
 * which; without raw sockets all TCP targets are probed by connections, and nothing is traced.
 */
export class Prober {
  /** What it counts about itself. */
  readonly counters: EngineCounters = newEngineCounters();
  /** Whether there are raw sockets to send and trace by. */
  readonly hasRaw: boolean;
  /** What this host itself does to answers. */
  readonly hostFaults: HostFaults = new HostFaults();
  readonly #clock: Clock;
  readonly #transmitter: Transmitter;
  readonly #rounds: FlowRounds;
  readonly #raw: RawTransport;
  readonly #connect: ConnectTransport;
  readonly #heldPorts: PortHolder | undefined;
  readonly #sender: PacketSender;

  constructor(options: ProberOptions) {
    const { sender, receiver, clock, observer, packetsPerSecond } = options;
    const { counters } = this;
    this.hasRaw = receiver.kind !== "none";
    this.#clock = clock;
    this.#sender = sender;
    const transmitter = new Transmitter(sender, clock, counters, packetsPerSecond);
    this.#transmitter = transmitter;
    const rounds = new FlowRounds({
      clock,
      counters,
      observer,
      keyer: options.keyer ?? new FlowKeyer(),
      admit: (kind, now) => transmitter.admit(kind, now),
    });
    this.#rounds = rounds;
    const { hostFaults } = this;
    const unfinished = new UnfinishedFlows({ transmitter, rounds, hostFaults });
    this.#raw = new RawTransport({
      receiver,
      transmitter,
      clock,
      counters,
      observer,
      rounds,
      unfinished,
      heldPorts: options.heldPorts,
    });
    this.#heldPorts = options.heldPorts;
    this.#connect = new ConnectTransport({
      connector: options.connector ?? new KernelConnector(),
      clock,
      counters,
      rounds,
      unfinished,
      charge: (packets) => transmitter.charge(packets),
      traces: this.#raw,
    });
  }

  /** The targets that are probed. */
  get targets(): ReadonlySet<ProbedTarget> {
    return new Set(this.#rounds.targets());
  }

  /** Whether the last turn has left some of what was due to the next. */
  get isBehind(): boolean {
    return this.#rounds.isBehind;
  }

  /** Source ports held by sockets of others on this host, passed over when a bucket moves on. */
  set unavailablePorts(ports: ReadonlySet<number>) {
    this.#rounds.unavailablePorts = ports;
  }

  /** Source ports of connections that are open now, and those that are held. */
  portsInUse(): Set<number> {
    return new Set([...this.#connect.portsInUse(), ...(this.#heldPorts?.ports() ?? [])]);
  }

  /** The source address of connections to a target at an address, where that depends on protocol or port; else undefined. */
  sourceFor(
    { protocol, port }: Pick<Target, "protocol" | "port">,
    address: Address,
  ): Address | undefined {
    return this.#sender.sourceFor?.(address, protocolNumber({ protocol, address }), port);
  }

  /** Changes the limit on everything sent. */
  setPacketsPerSecond(rate: number): void {
    this.#transmitter.setPacketsPerSecond(rate);
  }

  /**
   * Begins to probe a target: one flow a bucket, the first ports of the rings.
   * @returns the target, or a text: another target has the same 5-tuples, or its protocol needs raw sockets
   */
  add(target: Target): ProbedTarget | string {
    if (this.hasRaw && target.method === "raw") return this.#rounds.add(target, this.#raw);
    if (target.protocol === "tcp") {
      return this.#rounds.add({ ...target, method: "connect" }, this.#connect);
    }
    return `${target.protocol} needs raw sockets, which this process does without (raw_sockets); only tcp can be probed by connections`;
  }

  /** Stops probing a target; answers to it are of an unknown flow from now on. */
  remove(target: ProbedTarget): void {
    this.#rounds.remove(target);
  }

  /**
   * Lets every bucket whose flow does not fail move on to its next port, with its next probe.
   * @param spreadMs in which they do so one after the other; at once unless given
   */
  rotate(target: ProbedTarget, spreadMs = 0): void {
    this.#rounds.rotate(target, spreadMs);
  }

  /**
   * One turn of the loop; call it every few milliseconds. It reads everything received, then gives up what is overdue, then
   * sends what is due; so a probe is lost only when everything that came before its deadline has been read.
   */
  turn(): void {
    const now = this.#clock.monotonic();
    this.#raw.turn(now);
    this.#connect.turn(now);
    this.#rounds.turn(now);
  }

  /** Probes a second that are due over all targets. */
  perSecond(): number {
    return this.#rounds.perSecond();
  }

  /** Closes the connections under way. */
  close(): void {
    this.#connect.closeAll();
    this.#heldPorts?.close();
  }

  /**
   * Whether a raw packet of the flow may go out now. One that reaches the server while the kernel connects from the same
   * port looks like a second connection: the server asks back (RFC 5961 section 4) and the connection takes a second.
   */
  mayTrace(flow: ProbedFlow): boolean {
    const now = this.#clock.monotonic();
    if (!this.#rounds.mayTrace(flow, now)) return false;
    const { target, pacer } = flow.target;
    if (target.method === "raw") return true;
    if (flow.inFlight || flow.confirming) return false;
    const free = pacer.roundMs - Math.min(CONNECTION_FREE_MS, pacer.roundMs / 4);
    return now < flow.sentAt + free;
  }

  /** Sends one packet of a flow with a hop limit; undefined where it could not be sent. */
  sendSweep(flow: ProbedFlow, ttl: number): SentPacket | undefined {
    return this.#raw.sendSweep(flow, ttl);
  }

  /** A sweep's packet, sent at `sentAt`, was answered by a port-unreachable of the target. */
  noteRateLimited(flow: ProbedFlow, sentAt: number): void {
    this.#raw.noteRateLimited(flow, sentAt);
  }
}
