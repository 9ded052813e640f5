import { Networks } from "../config/networks.ts";
import { PortRings } from "../flow/ring.ts";
import { inOneLayout, type Target } from "../flow/target.ts";
import { PortHasher } from "../flow/toeplitz.ts";
import { readUint32 } from "../packet/octets.ts";
import type { StampSender } from "../packet/payload/stamp.ts";
import type { SentWay } from "../wire/wire.ts";
import { Handshakes } from "./handshakes.ts";
import { type Direction, OneWayLoss } from "./one-way.ts";
import type { Outcome } from "./outcome.ts";
import { OwnAddresses } from "./own-addresses.ts";
import type { Pacer } from "./pacer.ts";
import type { FlowKeyer } from "./probe-id.ts";
import { ProbePacket, protocolNumber } from "./probe-packet.ts";
import { udpPayload } from "./udp-payload.ts";

/** `unknown` until the flow's first valid probe has ended. */
export type FlowState = "unknown" | "up" | "failing";

/**
 * One active flow: the 5-tuple a bucket probes now, and its end-to-end probe in flight (at most one, because the
 * timeout is shorter than the interval). A rotation replaces the object, so whoever holds one holds one 5-tuple.
 */
export class ProbedFlow {
  readonly target: ProbedTarget;
  readonly bucket: number;
  readonly sourcePort: number;
  /** Toeplitz hash of the 5-tuple. */
  readonly hash: number;
  readonly #keyer: FlowKeyer;
  #packet: ProbePacket | undefined;
  #state: FlowState = "unknown";
  /** Result of the last probe that failed, undefined before the first. */
  lastFailure: Extract<Outcome, { kind: "failed" }> | undefined;
  /** When the flow's current series of failures began. */
  failingSince: number | undefined;
  /** The end-to-end probe in flight, or the last one. */
  inFlight = false;
  sentAt = 0;
  /** Packets of the flow so far, those of traces included; begins anywhere. */
  packets: number;
  /** When any packet of the flow was sent last, those of traces included. */
  lastSentAt: number = Number.NEGATIVE_INFINITY;
  /** By which way its last packet left this host, where there may be several. */
  way: SentWay | undefined;
  deadline = 0;
  /** Under which number its deadline stands in the queue. */
  deadlineNumber = 0;
  /** What tells this probe from the flow's others: its timestamp option and IP identification. */
  timestamp = 0;
  identification = 0;
  /** The process did not run while the packet was being sent, so its sending time is not known. */
  sendStalled = false;
  /** The last probe ended without a valid answer in time; an answer to it now is late. */
  expired = false;
  /** What told the last such probe from others: a confirmation may be in flight when its answer comes. */
  givenUp: { readonly timestamp: number; readonly identification: number } | undefined;
  /** Not a number before the first answer, so that each is written where the one before stood. */
  #rttMs: number = Number.NaN;
  /** The server repeats its SYN-ACK: what follows the SYN does not get there, or this host does not take the answer. */
  unfinished = false;
  /** What an ICMP error said of the probe in flight: how it ends unless an answer comes. */
  softError: Extract<Outcome, { kind: "failed" }> | undefined;
  /** Round-trip time of an answer that counts unless the server repeats it soon; undefined for none. */
  heldRttMs: number | undefined;
  /** A change of the flow's state is being confirmed by probes outside its slots. */
  confirming = false;
  /** When its last probe in its own slot was sent. */
  slotAt: number = Number.NEGATIVE_INFINITY;
  /** Failures in a row. */
  failures = 0;
  /** When its beginning to fail was confirmed last. */
  confirmedAt: number = Number.NEGATIVE_INFINITY;
  /** Answers to it are taken: its first probe has been sent, or is about to be. */
  open = false;
  /** False once the bucket has moved on or the target is gone. */
  active = true;
  /** The bucket moves on to this port when nothing is in flight; 0 for no change. */
  nextPort = 0;
  /** Not before that; milliseconds, monotonic. */
  movesAt = 0;

  constructor(target: ProbedTarget, bucket: number, sourcePort: number, keyer: FlowKeyer) {
    this.target = target;
    this.bucket = bucket;
    this.sourcePort = sourcePort;
    this.hash = target.hasher.hash(sourcePort);
    this.packets = this.hash & 0xff;
    target.handshakes.forget(bucket);
    this.#keyer = keyer;
  }

  /** What its last valid probe says; `unknown` before the first. */
  get state(): FlowState {
    return this.#state;
  }

  set state(state: FlowState) {
    if (state === "up" && this.#state !== "up") this.target.timesUp += 1;
    this.#state = state;
  }

  /** Round-trip time of the last answered probe, milliseconds; undefined before the first. */
  get rttMs(): number | undefined {
    return Number.isNaN(this.#rttMs) ? undefined : this.#rttMs;
  }

  set rttMs(rttMs: number) {
    this.#rttMs = rttMs;
  }

  /** Reads what the end of its probe will need. @returns a number without a meaning */
  glance(): number {
    const sequence = this.#packet?.sequence ?? 0;
    const repeats = this.target.handshakes.repeats(this.bucket);
    return (
      sequence +
      repeats +
      this.sentAt +
      this.deadline +
      this.timestamp +
      this.deadlineNumber +
      this.failures +
      this.lastSentAt +
      this.#rttMs
    );
  }

  /** Reads what sending its probe will need. @returns a number without a meaning */
  glanceToSend(): number {
    const begin = this.#packet?.glance() ?? 0;
    return begin + this.packets + this.slotAt + this.lastSentAt + this.deadline + this.nextPort;
  }

  /** Its packet, made when first asked for: making those of thousands of flows at once would hold the loop. */
  get packet(): ProbePacket {
    this.#packet ??= this.#makePacket();
    return this.#packet;
  }

  /** Result of the last valid probe, undefined before the first. */
  get last(): Exclude<Outcome, { kind: "invalid" }> | undefined {
    if (this.state === "failing") return this.lastFailure;
    return this.rttMs === undefined ? undefined : { kind: "answered", rttMs: this.rttMs };
  }

  #makePacket(): ProbePacket {
    const { target, protocolNumber: protocol } = this.target;
    const { source, address, port } = target;
    const digest = this.#keyer.digest(source, address, this.sourcePort, port, protocol);
    if (target.protocol === "tcp") {
      const packet = new ProbePacket(target, this.sourcePort, digest, {
        shared: this.target.synBytes,
      });
      this.target.synBytes = packet.bytes;
      return packet;
    }
    if (target.protocol !== "udp") return new ProbePacket(target, this.sourcePort, digest);
    const payload = udpPayload(target, digest, this.target.sender(this.#keyer));
    return new ProbePacket(target, this.sourcePort, digest, { payload });
  }
}

/** How fast an endpoint answers, and what is made of it. */
export interface EndpointRateLimit {
  /** Answers a second, about. */
  readonly perSecond: number;
  /** When probing slowed down, milliseconds, monotonic. */
  readonly since: number;
  /** Probing has slowed down and nothing is lost since: until then it is a guess. */
  readonly proven: boolean;
}

/** A target while it is probed: its rings of ports and its active flows by bucket. */
export class ProbedTarget {
  #target: Target;
  readonly protocolNumber: number;
  readonly port: number;
  /**
   * Its address and this host's as 32-bit numbers, where they are of IPv4; undefined in IPv6. Every answer is compared with them, and the
   * bytes of a thousand addresses lie far apart.
   */
  readonly remoteNumber: number | undefined;
  readonly localNumber: number | undefined;
  readonly hasher: PortHasher;
  readonly rings: PortRings;
  readonly pacer: Pacer;
  /** One-way loss, where the target is a STAMP reflector. */
  readonly oneWay: OneWayLoss<ProbedFlow> | undefined;
  readonly ownAddresses: OwnAddresses = new OwnAddresses();
  /** Of TCP alone. */
  readonly handshakes: Handshakes;
  /** Addresses that the configuration says to be its own as well; undefined where it names none. */
  readonly acceptFrom: Networks | undefined;
  /** Where the SYNs of its flows are made, one after the other; undefined before the first. */
  synBytes: Buffer | undefined;
  #sender: StampSender | undefined;
  /** What the endpoint, or what guards it, limits its answers to; undefined while it answers what it is asked. */
  rateLimit: EndpointRateLimit | undefined;
  /** When this host had no way to it last, by an error of sending; milliseconds, monotonic. */
  noWayAt: number = Number.NEGATIVE_INFINITY;
  /** How many times a flow of it has come up that was not. */
  timesUp = 0;
  /** By bucket; undefined where no port of the range hashes into the bucket. */
  readonly flows: (ProbedFlow | undefined)[] = [];

  /** @param onOneWayLoss told which way a lost probe was going, where that becomes certain */
  constructor(
    target: Target,
    pacer: Pacer,
    onOneWayLoss: (flow: ProbedFlow, direction: Direction) => void = () => {},
  ) {
    this.#target = inOneLayout(target);
    this.acceptFrom = target.acceptFrom && new Networks(target.acceptFrom);
    this.pacer = pacer;
    this.protocolNumber = protocolNumber(target);
    this.handshakes = new Handshakes(target.protocol === "tcp" ? target.flowBuckets : 0);
    this.port = target.port;
    const isIpv4 = target.address.family === 4;
    this.remoteNumber = isIpv4 ? readUint32(target.address.bytes, 0) : undefined;
    this.localNumber = isIpv4 ? readUint32(target.source.bytes, 0) : undefined;
    // ICMP flows hash identifier and 0 in the place of the ports.
    this.hasher = new PortHasher(target.source.bytes, target.address.bytes, target.port);
    this.oneWay = target.payload?.kind === "stamp" ? new OneWayLoss(onOneWayLoss) : undefined;
    this.rings = new PortRings(this.hasher, target.sourcePorts, target.flowBuckets);
  }

  /** When the first of the flows that fail now began to, milliseconds, monotonic; infinity where none fails. */
  get failingSince(): number {
    return this.flows.reduce(
      (first, flow) => Math.min(first, flow?.failingSince ?? Infinity),
      Infinity,
    );
  }

  /** In so long every flow is probed once and it is known how that ended, at the pace that the target has now; milliseconds. */
  get roundMs(): number {
    return this.pacer.roundMs + this.#target.timeoutMs;
  }

  /** How it is probed. */
  get target(): Target {
    return this.#target;
  }

  /** Gives the target other labels; its flows go on as they are. */
  relabel(labels: Target["labels"]): void {
    this.#target = inOneLayout({ ...this.#target, labels });
  }

  /** What the target's STAMP flows share. */
  sender(keyer: FlowKeyer): StampSender {
    if (this.#sender === undefined) {
      const { source, address, port } = this.target;
      const digest = keyer.digest(source, address, 0, port, this.protocolNumber);
      this.#sender = { id: digest.readUInt32BE(0), sent: 0 };
    }
    return this.#sender;
  }
}

/** Whether two targets would send the same 5-tuples, so that an answer could not be told to belong to one of them. */
export function sharesFlows(a: Target, b: Target): boolean {
  return a.address.text === b.address.text && a.port === b.port && a.protocol === b.protocol;
}
