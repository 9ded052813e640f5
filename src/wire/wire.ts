/** The seam to the kernel: the engine knows these two, tests put an in-memory network behind them. */

/** Sends whole IP packets, at once and synchronously. */
export interface PacketSender {
  /**
   * @param packet an IP packet from its header on
   * @param length bytes of it to send
   * @param destination the destination address as text
   * @returns nothing when the kernel took it, else the errno's name (`EPERM`, `ENETUNREACH`, `ENOBUFS`, …)
   */
  send(packet: Buffer, length: number, destination: string): string | undefined;
  close(): void;
}

/**
 * Takes one received packet.
 * @param bytes holds the IP packet between `offset` and `end`; valid during the call only. An IPv6 packet is to `::` where
 *   the receiver does not know its destination
 * @param receivedAt monotonic milliseconds
 */
export type Deliver = (bytes: Uint8Array, offset: number, end: number, receivedAt: number) => void;

/** Receives the packets that may be answers to probes. */
export interface PacketReceiver {
  /** `ring`: kernel ring with kernel timestamps; `raw`: raw sockets, read and stamped by the process; `none`: neither. */
  readonly kind: "ring" | "raw" | "memory" | "none";
  /** True where `receivedAt` is the kernel's time, so that a stall of the process spoils no round-trip time. */
  readonly kernelTimestamps: boolean;
  /** How long a packet may have been received before {@link drain} can see it, milliseconds. */
  readonly visibilityMs: number;
  /** Delivers everything received so far and returns how many packets that were. */
  drain(deliver: Deliver): number;
  /** How many packets the kernel dropped for us since the last call, for want of room. */
  takeDrops(): number;
  /** Lets only answers to these source ports in. */
  filter(ports: readonly { readonly first: number; readonly last: number }[]): void;
  close(): void;
}
