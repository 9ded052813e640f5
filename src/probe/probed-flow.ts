import { Networks } from "../config/networks.ts";
import { overlap } from "../config/port-ranges.ts";
import { PortRings } from "../flow/ring.ts";
import { inOneLayout, type Target } from "../flow/target.ts";
import { PortHasher } from "../flow/toeplitz.ts";
import { readUint32 } from "../packet/octets.ts";
import type { StampSender } from "../packet/payload/stamp.ts";
import type { Quote } from "../packet/quote.ts";
import type { SentWay } from "../wire/wire.ts";
import { Answers } from "./answers.ts";
import { FlowMemory } from "./flow-memory.ts";
import { HandshakeRecord } from "./handshake-record.ts";
import { NoWay } from "./no-way.ts";
import { type Direction, OneWayLoss } from "./one-way.ts";
import type { Outcome } from "./outcome.ts";
import { OwnAddresses } from "./own-addresses.ts";
import type { Pacer } from "./pacer.ts";
import type { FlowKeyer } from "./probe-id.ts";
import { ProbePacket, protocolNumber, type QuotedIdentity, synIdentityIn } from "./probe-packet.ts";
import { SynPacket, stampIpv4Syn } from "./syn-packet.ts";
import { udpPayload } from "./udp-payload.ts";

/** Where the sequence number and the sum of a TCP flow's SYN stand, behind the numbers of {@link HandshakeRecord}. */
const [SEQUENCE, SYN_SUM] = [22, 23] as const;

/** In place of a packet that is not known yet. */
const NOTHING = { glance: (): number => 0 };

/** `unknown` until the flow's first valid probe has ended. */
export type FlowState = "unknown" | "up" | "failing";

/**
 * One active flow: the 5-tuple a bucket probes now, and its end-to-end probe in flight (at most one, because the
 * timeout is shorter than the interval). A rotation replaces the object, so whoever holds one holds one 5-tuple.
 */
export class ProbedFlow extends HandshakeRecord {
  // What every probe reads and writes comes first, side by side in memory.
  readonly target: ProbedTarget;
  readonly bucket: number;
  readonly sourcePort: number;
  #state: FlowState = "unknown";
  /** An end-to-end probe is in flight. */
  inFlight = false;
  /** The process did not run while the packet was being sent, so its sending time is not known. */
  sendStalled = false;
  /** The last probe ended without a valid answer in time; an answer to it now is late. */
  expired = false;
  /** The server repeats its SYN-ACK: what follows the SYN does not get there, or this host does not take the answer. */
  unfinished = false;
  /** What an ICMP error said of the probe in flight: how it ends unless an answer comes. */
  softError: Extract<Outcome, { kind: "failed" }> | undefined;
  /** A change of the flow's state is being confirmed by probes outside its slots. */
  confirming = false;
  /** Answers to it are taken: its first probe has been sent, or is about to be. */
  open = false;
  /** By which way its last packet left this host, where there may be several. */
  way: SentWay | undefined;
  /** False once the bucket has moved on or the target is gone. */
  active = true;
  /** What is known of its way, and what that was worked out with: kept here by the topology, since every probe asks for it. */
  knownWay: unknown;
  knownBy: object | undefined;
  /** Its probes that nobody could say the path of yet: kept here by who says it, likewise. */
  withoutPath: { probes: number; failures: number } | undefined;
  #packet: ProbePacket | undefined;
  /** Toeplitz hash of the 5-tuple. */
  readonly hash: number;
  readonly #keyer: FlowKeyer;
  /** Result of the last probe that failed, undefined before the first. */
  lastFailure: Extract<Outcome, { kind: "failed" }> | undefined;
  /** What told the last probe that was given up from others: a confirmation may be in flight when its answer comes. */
  givenUp: { readonly timestamp: number; readonly identification: number } | undefined;

  constructor(target: ProbedTarget, bucket: number, sourcePort: number, keyer: FlowKeyer) {
    super(target.memory);
    this.target = target;
    this.bucket = bucket;
    this.sourcePort = sourcePort;
    this.hash = target.hasher.hash(sourcePort);
    this.packets = this.hash & 0xff;
    this.#keyer = keyer;
    this.write(SEQUENCE, Number.NaN);
  }

  /** What its last valid probe says; `unknown` before the first. */
  get state(): FlowState {
    return this.#state;
  }

  set state(state: FlowState) {
    if (state === "up" && this.#state !== "up") this.target.timesUp += 1;
    this.#state = state;
  }

  /** Reads what the end of its probe will need. @returns a number without a meaning */
  glance(): number {
    const own = this.inFlight && this.active ? 1 : 0;
    return own + this.glanceAtNumbers() + (this.#packet?.sequence ?? 0);
  }

  /** Reads what sending its probe will need. @returns a number without a meaning */
  glanceToSend(): number {
    const own = this.open && this.active ? 1 : 0;
    return own + this.glanceAtNumbers() + (this.#packet ?? this.target.syn ?? NOTHING).glance();
  }

  /** Its packet, made when first asked for. Those of TCP flows are made by what they have in common, see {@link stamp}. */
  get packet(): ProbePacket {
    this.#packet ??= this.#makePacket();
    return this.#packet;
  }

  /** Keyed initial sequence number of a TCP flow (RFC 9293, 3.4.1). */
  get sequence(): number {
    if (Number.isNaN(this.read(SEQUENCE))) this.#beginSyn();
    return this.read(SEQUENCE);
  }

  /** Ones' complement sum of the TCP segment with a timestamp of 0; known with {@link sequence}. */
  get synSum(): number {
    return this.read(SYN_SUM);
  }

  /**
   * Makes a packet of the flow ready to send; see {@link ProbePacket.stamp} for the arguments.
   * @returns the bytes, good until another packet is stamped
   */
  stamp(ttl: number, identification: number, timestamp: number, wallMs = 0): Buffer {
    if (this.target.isTcp) {
      if (Number.isNaN(this.read(SEQUENCE))) this.#beginSyn();
      const { syn } = this.target;
      if (syn !== undefined) return syn.stamp(this, ttl, identification, timestamp);
      return stampIpv4Syn(this.target, this, ttl, identification, timestamp);
    }
    this.packet.stamp(ttl, identification, timestamp, wallMs);
    return this.packet.bytes;
  }

  /** Reads from a quote of the flow which of its packets is quoted. @param bytes the array that was read */
  identityIn(quote: Quote, bytes: Uint8Array): QuotedIdentity {
    return this.target.isTcp ? synIdentityIn(quote) : this.packet.identityIn(quote, bytes);
  }

  /** Result of the last valid probe, undefined before the first. */
  get last(): Exclude<Outcome, { kind: "invalid" }> | undefined {
    if (this.state === "failing") return this.lastFailure;
    return this.rttMs === undefined ? undefined : { kind: "answered", rttMs: this.rttMs };
  }

  /** When first needed, as the packets of other protocols: making those of thousands of flows at once would hold the loop. */
  #beginSyn(): void {
    const { bytes, sequence, sum } = this.#makePacket();
    this.write(SEQUENCE, sequence);
    this.write(SYN_SUM, sum);
    const { target } = this.target;
    if (target.address.family === 6) this.target.syn ??= new SynPacket(target, bytes);
  }

  #makePacket(): ProbePacket {
    const { target, protocolNumber: protocol } = this.target;
    const { source, address, port } = target;
    const digest = this.#keyer.digest(source, address, this.sourcePort, port, protocol);
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
  // What every probe reads comes first, side by side in memory, and some of the settings once more.
  readonly pacer: Pacer;
  /** By bucket; undefined where no port of the range hashes into the bucket. */
  readonly flows: (ProbedFlow | undefined)[] = [];
  /** What others keep of it, see `Kept`. */
  readonly kept: unknown[] = [];
  /** Answers that observers have not been told of yet. */
  readonly answers: Answers<ProbedFlow> = new Answers();
  readonly port: number;
  readonly dscp: number;
  readonly protocolNumber: number;
  /**
   * Its address and this host's as signed 32-bit numbers, where they are of IPv4; undefined in IPv6. Every answer is compared with them, and the
   * bytes of a thousand addresses lie far apart, as would numbers that are too large for a small integer.
   */
  readonly remoteNumber: number | undefined;
  readonly localNumber: number | undefined;
  /** The text of its address. */
  readonly addressText: string;
  readonly timeoutMs: number;
  readonly isTcp: boolean;
  /** It is probed by connections of the kernel's. */
  readonly connects: boolean;
  /** What the SYNs of its flows have in common over IPv6; undefined before the first. */
  syn: SynPacket | undefined;
  /** One-way loss, where the target is a STAMP reflector. */
  readonly oneWay: OneWayLoss<ProbedFlow> | undefined;
  /** What the endpoint, or what guards it, limits its answers to; undefined while it answers what it is asked. */
  rateLimit: EndpointRateLimit | undefined;
  #target: Target;
  readonly hasher: PortHasher;
  readonly rings: PortRings;
  readonly ownAddresses: OwnAddresses = new OwnAddresses();
  /** Where its flows keep their numbers. */
  readonly memory: FlowMemory;
  /** Addresses that the configuration says to be its own as well; undefined where it names none. */
  readonly acceptFrom: Networks | undefined;
  #sender: StampSender | undefined;
  readonly noWay: NoWay = new NoWay();
  /** How many times a flow of it has come up that was not. */
  timesUp = 0;

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
    this.memory = new FlowMemory(target.flowBuckets);
    this.port = target.port;
    this.dscp = target.dscp;
    this.addressText = target.address.text;
    this.timeoutMs = target.timeoutMs;
    this.isTcp = target.protocol === "tcp";
    this.connects = target.method === "connect";
    const isIpv4 = target.address.family === 4;
    this.remoteNumber = isIpv4 ? readUint32(target.address.bytes, 0) | 0 : undefined;
    this.localNumber = isIpv4 ? readUint32(target.source.bytes, 0) | 0 : undefined;
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
  const isSameEnd =
    a.address.text === b.address.text && a.port === b.port && a.protocol === b.protocol;
  return isSameEnd && overlap(a.sourcePorts, b.sourcePorts);
}
