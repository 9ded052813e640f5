import type { Clock } from "../clock.ts";
import type { Target } from "../flow/target.ts";
import type { PacketReceiver, PacketSender } from "../wire/wire.ts";
import { ConnectProber } from "./connect-prober.ts";
import { type Connector, KernelConnector } from "./connector.ts";
import type { EngineCounters } from "./engine-counters.ts";
import { twinOf } from "./flow-rounds.ts";
import type { ProberObserver, SentPacket } from "./observer.ts";
import type { ProbedFlow, ProbedTarget } from "./probed-flow.ts";
import { Prober } from "./prober.ts";

/** No raw packet goes out so shortly before the flow's next connection: the two would meet at the server. */
const CONNECTION_FREE_MS = 1000;

/** What the engines are built from. */
export interface ProbersOptions {
  readonly sender: PacketSender;
  readonly receiver: PacketReceiver;
  readonly clock: Clock;
  readonly observer: ProberObserver;
  /** Everything sent together, packets a second. */
  readonly packetsPerSecond: number;
  /** The kernel's unless told. */
  readonly connector?: Connector;
}

/**
 * Both engines under one roof: raw packets, and connections of the kernel's. A target belongs to one of them by its
 * method; without raw sockets all TCP targets are probed by connections, and nothing is traced.
 */
export class Probers {
  /** Whether there are raw sockets to send and trace by. */
  readonly hasRaw: boolean;
  readonly #clock: Clock;
  readonly #raw: Prober;
  readonly #connect: ConnectProber;

  constructor(options: ProbersOptions) {
    const { receiver, clock, observer, connector = new KernelConnector() } = options;
    this.hasRaw = receiver.kind !== "none";
    this.#clock = clock;
    this.#raw = new Prober(options);
    this.#connect = new ConnectProber({
      connector,
      clock,
      observer,
      counters: this.#raw.counters,
      admit: () => this.#raw.admit(),
      charge: (packets) => this.#raw.charge(packets),
      onOpen: (flow) => this.#raw.adopt(flow),
      onClose: (flow) => this.#raw.release(flow),
    });
  }

  /** What both count about themselves. */
  get counters(): EngineCounters {
    return this.#raw.counters;
  }

  /** The targets that are probed. */
  get targets(): ReadonlySet<ProbedTarget> {
    return new Set([...this.#raw.targets, ...this.#connect.targets]);
  }

  /** Source ports held by sockets of others on this host, passed over when a bucket moves on. */
  set unavailablePorts(ports: ReadonlySet<number>) {
    this.#raw.unavailablePorts = ports;
    this.#connect.unavailablePorts = ports;
  }

  /** Source ports of connections that are open now. */
  portsInUse(): Set<number> {
    return this.#connect.portsInUse();
  }

  /** Changes the limit on everything sent. */
  setPacketsPerSecond(rate: number): void {
    this.#raw.setPacketsPerSecond(rate);
  }

  /**
   * Begins to probe a target.
   * @returns the target, or a text: another target has the same 5-tuples, or its protocol needs raw sockets
   */
  add(target: Target): ProbedTarget | string {
    if (!this.hasRaw && target.protocol !== "tcp") {
      return `${target.protocol} needs raw sockets, which this process does without (raw_sockets); only tcp can be probed by connections`;
    }
    const connects = target.method === "connect" || !this.hasRaw;
    const twin = twinOf(target, (connects ? this.#raw : this.#connect).targets);
    if (twin !== undefined) return twin;
    return connects ? this.#connect.add({ ...target, method: "connect" }) : this.#raw.add(target);
  }

  /** Stops probing a target. */
  remove(target: ProbedTarget): void {
    this.#of(target).remove(target);
  }

  /** Lets every bucket whose flow does not fail move on to its next port, with its next probe. */
  rotate(target: ProbedTarget): void {
    this.#of(target).rotate(target);
  }

  /** One turn of the loop; call it every few milliseconds. */
  turn(): void {
    this.#raw.turn();
    this.#connect.turn();
  }

  /** Closes the connections under way. */
  close(): void {
    this.#connect.close();
  }

  /**
   * Whether a raw packet of the flow may go out now. One that reaches the server while the kernel connects from the same
   * port looks like a second connection: the server asks back (RFC 5961 section 4) and the connection takes a second.
   */
  mayTrace(flow: ProbedFlow): boolean {
    const { method, intervalMs } = flow.target.target;
    if (method === "raw") return true;
    if (flow.inFlight) return false;
    const free = intervalMs - Math.min(CONNECTION_FREE_MS, intervalMs / 4);
    return this.#clock.monotonic() < flow.sentAt + free;
  }

  /** Sends one packet of a flow with a hop limit; undefined where it could not be sent. */
  sendSweep(flow: ProbedFlow, ttl: number): SentPacket | undefined {
    return this.#raw.sendSweep(flow, ttl);
  }

  /** A sweep's packet, sent at `sentAt`, was answered by a port-unreachable of the target. */
  noteRateLimited(flow: ProbedFlow, sentAt: number): void {
    this.#raw.noteRateLimited(flow, sentAt);
  }

  #of(target: ProbedTarget): Prober | ConnectProber {
    return target.target.method === "connect" ? this.#connect : this.#raw;
  }
}
