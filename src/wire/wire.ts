import type { Address } from "../packet/address.ts";

/** The seam to the kernel: the engine knows these two, tests put an in-memory network behind them. */

/** By which way a packet left this host, where its packets may leave by several. */
export interface SentWay {
  /** Address of the router that it was handed to; undefined where that is not known. */
  readonly uplink: string | undefined;
  /** Why it did not go the way of connections of this host: a sentence; undefined where it did. */
  readonly unfollowed: string | undefined;
}

/** Sends whole IP packets, at once and synchronously. */
export interface PacketSender {
  /**
   * @param packet an IP packet from its header on
   * @param length bytes of it to send
   * @param destination the destination address as text
   * @param now milliseconds, monotonic, where it is known: every packet would read the clock once more
   * @returns nothing when the kernel took it, else the errno's name (`EPERM`, `ENETUNREACH`, `ENOBUFS`, …)
   */
  send(packet: Buffer, length: number, destination: string, now?: number): string | undefined;
  /** What is known of the way of the packet that was sent last. */
  readonly way?: SentWay | undefined;
  /**
   * The source address that this host's connections to a port have, where that depends on more than the destination's address.
   * @param protocol IP protocol number
   */
  sourceFor?(destination: Address, protocol: number, port: number): Address | undefined;
  close(): void;
}

/**
 * Takes one received packet.
 * @param bytes holds the IP packet between `offset` and `end`; valid until the receiver says or returns. An IPv6 packet is to `::` where
 *   the receiver does not know its destination
 * @param receivedAt monotonic milliseconds
 * @param verified the transport checksum is known to be right, was left to be made later (packets of this machine), or cannot
 *   be judged
 */
export type Deliver = (
  bytes: Uint8Array,
  offset: number,
  end: number,
  receivedAt: number,
  verified: boolean,
) => void;

/**
 * What this host's own stack was handed of the answers: behind its rp_filter, its NAT, which has put addresses and ports back,
 * and the input rules of its firewall. Packets come stamped by the process.
 */
export interface StackView {
  /** From now on answers from these addresses are read, and no others. @returns false where it cannot be done */
  watch(remotes: readonly Address[]): boolean;
  /** Delivers everything received so far and returns how many packets that were. */
  drain(deliver: Deliver): number;
  /** How many packets the kernel dropped for us since the last call, for want of room. */
  takeDrops(): number;
}

/** Holds UDP source ports, so that this host's kernel does not refuse the answers that come to them. */
export interface PortHolder {
  /** A flow uses the port; the same one may be held several times. */
  hold(source: Address, port: number): void;
  /** A flow uses it no more. */
  release(source: Address, port: number): void;
  /** The ports that are held. */
  ports(): number[];
  close(): void;
}

/** Receives the packets that may be answers to probes. */
export interface PacketReceiver {
  /** `ring`: kernel ring with kernel timestamps; `raw`: raw sockets, read and stamped by the process; `none`: neither. */
  readonly kind: "ring" | "raw" | "memory" | "none";
  /** True where `receivedAt` is the kernel's time, so that a stall of the process spoils no round-trip time. */
  readonly kernelTimestamps: boolean;
  /** How long a packet may have been received before {@link drain} can see it, milliseconds. */
  readonly visibilityMs: number;
  /**
   * Delivers everything received so far and returns how many packets that were.
   * @param ready called after some packets, while the bytes of all since its last call are valid still; a receiver whose bytes are valid until
   *   this returns need not call it
   */
  drain(deliver: Deliver, ready?: () => void): number;
  /** How many packets the kernel dropped for us since the last call, for want of room. */
  takeDrops(): number;
  /** Beside a receiver that reads packets before this host's stack does. */
  readonly stack?: StackView;
  /**
   * Lets only answers to these source ports in.
   * @returns the reason where the kernel does not take the filter; the one before stands then
   */
  filter(ports: readonly { readonly first: number; readonly last: number }[]): string | undefined;
  close(): void;
}
