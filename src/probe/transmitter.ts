import { randomInt } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { PacketSender } from "../wire/wire.ts";
import { count, type EngineCounters } from "./engine-counters.ts";
import type { SentPacket } from "./observer.ts";
import { identify } from "./probe-id.ts";
import { resetPacket } from "./probe-packet.ts";
import type { ProbedFlow } from "./probed-flow.ts";
import { LatestFlows } from "./reply/latest-flows.ts";
import { packetBudget, type TokenBucket } from "./token-bucket.ts";

/** Gives packets of flows what tells them apart and hands them to the kernel, within the budget of everything sent. */
export class Transmitter {
  /** Whose the latest packets are. */
  readonly latest: LatestFlows = new LatestFlows();
  readonly #sender: PacketSender;
  readonly #clock: Clock;
  readonly #counters: EngineCounters;
  #budget: TokenBucket;
  #packets: number = randomInt(2 ** 32);

  /** @param packetsPerSecond limit on everything sent */
  constructor(
    sender: PacketSender,
    clock: Clock,
    counters: EngineCounters,
    packetsPerSecond: number,
  ) {
    this.#sender = sender;
    this.#clock = clock;
    this.#counters = counters;
    this.#budget = packetBudget(packetsPerSecond, clock.monotonic());
  }

  /** Changes the limit on everything sent. */
  setPacketsPerSecond(rate: number): void {
    this.#budget = packetBudget(rate, this.#clock.monotonic());
  }

  /** Whether the budget has room for one more packet now, or has one to spare; takes it if so. @param now monotonic */
  admit(kind: "due" | "spare" = "due", now: number = this.#clock.monotonic()): boolean {
    return kind === "due" ? this.#budget.take(now) : this.#budget.takeSpare(now);
  }

  /** Takes packets off the budget that are sent in any case. */
  charge(packets: number): void {
    this.#budget.charge(packets);
  }

  /**
   * Sends one packet of a flow.
   * @param hopLimit TTL in the header
   * @param ttl what the packet says of its TTL when it is quoted: 0 for an end-to-end probe
   * @returns how it is recognised; `error` is the errno name where the kernel did not take it, which is counted
   */
  send(
    flow: ProbedFlow,
    hopLimit: number,
    ttl: number,
  ): SentPacket & { readonly error: string | undefined } {
    const { target } = flow;
    flow.packets += 1;
    // Counted by flow: a count over all flows would come out the same for a flow at every round.
    const identification = identify(ttl, flow.packets);
    // Timestamps rise by one a packet, so that each tells its packet from all others of its flow for weeks;
    // nobody off the path can guess them, and none is 0, because an echo of 0 says nothing.
    this.#packets = (this.#packets % 0xffff_ffff) + 1;
    const timestamp = this.#packets;
    this.latest.sent(flow, timestamp);
    // A SYN says nothing of the time of day.
    const wallMs = target.isTcp ? 0 : this.#clock.wall();
    const packet = flow.stamp(hopLimit, identification, timestamp, wallMs);
    const sentAt = this.#clock.monotonic();
    flow.lastSentAt = sentAt;
    const error = this.#sender.send(packet, packet.length, target.addressText, sentAt);
    if (error === undefined) this.#counters.sent += 1;
    else count(this.#counters.sendErrors, error);
    flow.way = this.#sender.way;
    return { identification, timestamp, sentAt, error };
  }

  /**
   * Answers a SYN-ACK by the flow's own reset, if the budget has room; this host's kernel sends one as well.
   * @returns the errno name where the kernel did not take it, which is counted
   */
  reset(flow: ProbedFlow): string | undefined {
    const { target } = flow.target;
    if (target.protocol !== "tcp" || !this.admit()) return undefined;
    const reset = resetPacket(target, flow.sourcePort, flow.sequence);
    const error = this.#sender.send(reset, reset.length, target.address.text);
    if (error === undefined) this.#counters.sent += 1;
    else count(this.#counters.sendErrors, error);
    return error;
  }
}
