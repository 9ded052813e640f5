import { createHmac, randomBytes } from "node:crypto";
import type { Address } from "../packet/address.ts";

/**
 * What a flow's packets carry that nobody off the path can guess: a reply is ours only if it proves it saw them.
 * The TCP sequence number and the UDP payload derive from a keyed hash of the 5-tuple, so they are the same for
 * every probe and sweep of a flow (a server sees a retransmitted SYN, not a reused port) and differ between flows.
 */
export class FlowKeyer {
  readonly #secret: Buffer;

  /** @param secret at least 16 random bytes; a fresh one by default */
  constructor(secret: Buffer = randomBytes(32)) {
    this.#secret = secret;
  }

  /** Twelve keyed bytes of a flow; the same flow gives the same bytes as long as this keyer lives. */
  digest(
    source: Address,
    destination: Address,
    sourcePort: number,
    destinationPort: number,
    protocol: number,
  ): Buffer {
    const ports = Buffer.alloc(5);
    ports.writeUInt16BE(sourcePort, 0);
    ports.writeUInt16BE(destinationPort, 2);
    ports.writeUInt8(protocol, 4);
    return createHmac("sha256", this.#secret)
      .update(source.bytes)
      .update(destination.bytes)
      .update(ports)
      .digest()
      .subarray(0, 12);
  }
}

/** Largest TTL that {@link identify} can carry. */
export const MAX_TTL = 127;

/** Values of the counter part of an IP identification before it wraps. */
const COUNTER_SPAN = 511;

/**
 * The IP identification of a packet: seven bits of TTL (0 for an end-to-end probe) and nine of a counter that is
 * never 0, because the kernel writes its own value over an identification of 0. Routers quote it in ICMP errors.
 */
export function identify(ttl: number, count: number): number {
  return (ttl << 9) | ((count % COUNTER_SPAN) + 1);
}

/** The TTL that {@link identify} put into an identification; 0 for an end-to-end probe. */
export function ttlOf(identification: number): number {
  return identification >> 9;
}
