import type { Clock } from "../src/clock.ts";
import type { Deliver, PacketReceiver, PacketSender } from "../src/wire/wire.ts";
import { expiredAt, synAck } from "../test/support/answers.ts";
import { readSent } from "../test/support/sent-packet.ts";

/** Hop limit of an end-to-end probe: what has less is a packet of a trace. */
const END_TO_END_TTL = 64;
/** Offsets within the SYN and the SYN-ACK of IPv4, which have the same headers and options up to the timestamps. */
const TTL = 8;
const PORTS = 20;
const SEQUENCE = 24;
const ACKNOWLEDGEMENT = 28;
/** TSval and TSecr: the SYN has other options before them than the answer. */
const SYN_VALUE = 48;
const PACKET_BYTES = 60;
/** The one router answers as many traces at once as Linux does, and one more a second. */
const ROUTER = "10.0.0.1";
const BURST = 6;
/** Answers come back after this, milliseconds. */
const RTT_MS = 0.3;
const VISIBILITY_MS = 20;

interface Arrival {
  readonly at: number;
  readonly packet: Uint8Array;
}

/**
 * A wire that costs next to nothing: one router, and behind it servers that answer every SYN. What the rest of the program
 * costs can then be measured without the kernel, whose share depends on the network and on what else the machine does.
 */
export class InstantNetwork implements PacketSender, PacketReceiver {
  readonly kind = "memory" as const;
  readonly kernelTimestamps = true;
  readonly visibilityMs = VISIBILITY_MS;
  /** All packets sent, and those of them that were end to end. */
  sent = 0;
  probes = 0;
  /** The router passes nothing on. */
  broken = false;
  readonly #clock: Clock;
  #template: Uint8Array | undefined;
  #echo = 0;
  #arrivals: Arrival[] = [];
  #tokens = BURST;
  #countedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  send(packet: Buffer, length: number, _destination: string): undefined {
    const now = this.#clock.monotonic();
    const ttl = packet[TTL] ?? 0;
    this.sent += 1;
    if (ttl === END_TO_END_TTL) this.probes += 1;
    if (ttl === 1) {
      this.#tokens = Math.min(BURST, this.#tokens + (now - this.#countedAt) / 1000);
      this.#countedAt = now;
      if (this.#tokens < 1) return;
      this.#tokens -= 1;
      this.#arrive(expiredAt(ROUTER, readSent(packet.subarray(0, length), now)), now);
      return;
    }
    // A reset is shorter than a SYN, and nobody answers it.
    if (!this.broken && length === PACKET_BYTES) this.#arrive(this.#answer(packet, now), now);
  }

  drain(deliver: Deliver): number {
    const until = this.#clock.monotonic() - VISIBILITY_MS;
    let count = 0;
    for (const { at, packet } of this.#arrivals) {
      if (at > until) break;
      count += 1;
      deliver(packet, 0, packet.length, at, true);
    }
    this.#arrivals = this.#arrivals.slice(count);
    return count;
  }

  takeDrops(): number {
    return 0;
  }

  filter(): undefined {}

  close(): void {}

  #arrive(packet: Uint8Array, now: number): void {
    this.#arrivals.push({ at: now + RTT_MS, packet });
  }

  #answer(syn: Buffer, now: number): Uint8Array {
    if (this.#template === undefined) {
      const sent = readSent(syn, now);
      this.#template = synAck(sent);
      const echo = Buffer.alloc(4);
      echo.writeUInt32BE(sent.timestamp ?? 0);
      this.#echo = Buffer.from(this.#template).lastIndexOf(echo);
    }
    const answer = this.#template.slice();
    answer.set(syn.subarray(16, 20), 12);
    answer.set(syn.subarray(12, 16), 16);
    answer.set(syn.subarray(PORTS + 2, PORTS + 4), PORTS);
    answer.set(syn.subarray(PORTS, PORTS + 2), PORTS + 2);
    const view = new DataView(answer.buffer, answer.byteOffset);
    view.setUint32(ACKNOWLEDGEMENT, (syn.readUInt32BE(SEQUENCE) + 1) >>> 0);
    answer.set(syn.subarray(SYN_VALUE, SYN_VALUE + 4), this.#echo);
    return answer;
  }
}
