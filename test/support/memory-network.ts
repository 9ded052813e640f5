import type { Clock } from "../../src/clock.ts";
import { type Address, addressText } from "../../src/packet/address.ts";
import type { Deliver, PacketReceiver, PacketSender, StackView } from "../../src/wire/wire.ts";
import { readSent, type SentPacket } from "./sent-packet.ts";

/** A packet that comes back. */
export interface Answer {
  /** Milliseconds after sending at which it is received. */
  readonly afterMs: number;
  /** As it is on the wire; null where the receiver does not see it. */
  readonly packet: Uint8Array | null;
  /** As this host's stack is handed it: the same if absent, null where it does not take it. */
  readonly stack?: Uint8Array | null;
}

/** What the network makes of one packet: nothing is a loss. */
export type Behaviour = (sent: SentPacket) => readonly Answer[];

interface Arrival {
  readonly at: number;
  readonly packet: Uint8Array;
}

/** So many packets are delivered before their bytes become invalid. */
const BLOCK = 3;

/** The raw sockets beside the receiver. */
class MemoryStack implements StackView {
  /** Everybody that was watched, in order; what is watched now comes last. */
  readonly watches: string[][] = [];
  arrivals: Arrival[] = [];
  works = true;
  drops = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watch(remotes: readonly Address[]): boolean {
    const now = this.#clock.monotonic();
    // Sockets that have just been opened hold nothing of before.
    if ((this.watches.at(-1) ?? []).length === 0) {
      this.arrivals = this.arrivals.filter(({ at }) => at > now);
    }
    this.watches.push(remotes.map(({ text }) => text));
    return this.works;
  }

  drain(deliver: Deliver): number {
    const now = this.#clock.monotonic();
    const seen = this.arrivals.filter(({ at }) => at <= now);
    this.arrivals = this.arrivals.filter(({ at }) => at > now);
    for (const { packet } of seen) {
      if (this.watches.at(-1)?.includes(senderOf(packet)))
        deliver(packet, 0, packet.length, now, true);
    }
    return seen.length;
  }

  takeDrops(): number {
    const { drops } = this;
    this.drops = 0;
    return drops;
  }
}

/** The source address of a packet. */
function senderOf(packet: Uint8Array): string {
  const v4 = (packet[0] ?? 0) >>> 4 === 4;
  return addressText(packet, v4 ? 12 : 8, v4 ? 4 : 6);
}

/**
 * A network without a kernel: what is sent is handed to a script, whose answers are received when the clock gets there.
 * It is as mean as the seam allows: a packet is seen no sooner than `visibilityMs` after it came, and the bytes it
 * was handed out in are overwritten at once.
 */
export class MemoryNetwork implements PacketSender, PacketReceiver {
  readonly kind = "memory" as const;
  kernelTimestamps = true;
  visibilityMs = 20;
  /** Every probe and packet of a sweep that was sent, in order. */
  readonly sent: SentPacket[] = [];
  /** TCP resets that were sent. Nobody answers them. */
  readonly resets: SentPacket[] = [];
  behaviour: Behaviour = () => [];
  /** The errno's name that sending fails with, while there is one. */
  sendError: string | undefined;
  readonly stack: MemoryStack;
  readonly #clock: Clock;
  #arrivals: Arrival[] = [];
  #drops = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.stack = new MemoryStack(clock);
  }

  send(packet: Buffer, length: number, destination: string): string | undefined {
    if (this.#closed) throw new Error("sent after closing");
    if (this.sendError !== undefined) return this.sendError;
    const sent = readSent(packet.subarray(0, length), this.#clock.monotonic());
    if (sent.to !== destination) throw new Error(`${sent.to} sent to ${destination}`);
    if (sent.reset) {
      this.resets.push(sent);
      return undefined;
    }
    this.sent.push(sent);
    for (const answer of this.behaviour(sent)) this.#arrive(answer);
    return undefined;
  }

  /** A packet that nobody asked for. */
  inject(packet: Uint8Array, afterMs = 0): void {
    this.#arrive({ packet, afterMs });
  }

  #arrive({ packet, afterMs, stack = packet }: Answer): void {
    const at = this.#clock.monotonic() + afterMs;
    if (packet !== null) this.#arrivals.push({ at, packet });
    this.#arrivals.sort((a, b) => a.at - b.at);
    if (stack !== null) this.stack.arrivals.push({ at, packet: stack });
  }

  /** The kernel drops packets for want of room. */
  drop(packets: number): void {
    this.#drops += packets;
  }

  drain(deliver: Deliver, ready: () => void = () => {}): number {
    const now = this.#clock.monotonic();
    const seen = this.#arrivals.filter(({ at }) => at <= now - this.visibilityMs);
    this.#arrivals = this.#arrivals.slice(seen.length);
    for (let from = 0; from < seen.length; from += BLOCK) {
      const block = seen.slice(from, from + BLOCK).map(({ at, packet }) => {
        const bytes = Uint8Array.from([...new Array<number>(7).fill(0xaa), ...packet, 0xaa]);
        deliver(bytes, 7, 7 + packet.length, this.kernelTimestamps ? at : now, false);
        return bytes;
      });
      ready();
      for (const bytes of block) bytes.fill(0x55);
    }
    return seen.length;
  }

  takeDrops(): number {
    const drops = this.#drops;
    this.#drops = 0;
    return drops;
  }

  filter(): undefined {}

  close(): void {
    this.#closed = true;
    this.#arrivals = [];
  }
}
