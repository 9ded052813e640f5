import {
  type Address,
  type Family,
  parseAddress,
  readAddress,
  sameAddress,
} from "../packet/address.ts";
import { familyOf } from "./flow-tuple.ts";
import type { Libc } from "./libc.ts";
import { socketAddress } from "./socket-address.ts";
import { SourceSockets } from "./source-sockets.ts";
import type { PacketSender } from "./wire.ts";

/** Where the source address stands in an IP header. */
export const SOURCE_OFFSET = { 4: 12, 6: 8 } as const;
/** Destinations remembered with their sockets' addresses; the oldest goes when there are more. */
const REMEMBERED = 65_536;

/** Where packets from one source to one destination are handed to the kernel. */
interface Channel {
  readonly source: Address;
  readonly destination: Buffer;
  readonly fd: number;
}

/**
 * Sends through one raw socket for each source address, bound to it. The kernel looks up the route of a raw packet without
 * reading the packet's own header, so it is the socket's address that `ip rule from SOURCE` and routes with a source
 * apply to: a probe then leaves by the uplink that a connection from the same address takes.
 */
export class SourceSender implements PacketSender {
  readonly #libc: Libc;
  readonly #sockets: SourceSockets;
  /** By the text of the destination: the channel used last. Most destinations have one source. */
  readonly #channels: Map<string, Channel> = new Map();
  #open = true;

  /** @param sockets closed with the sender */
  constructor(libc: Libc, sockets: SourceSockets = new SourceSockets(libc)) {
    this.#libc = libc;
    this.#sockets = sockets;
  }

  send(packet: Buffer, length: number, destination: string): string | undefined {
    if (!this.#open) return "EBADF";
    const family = familyOf(packet);
    const known = this.#channels.get(destination);
    const channel =
      known !== undefined && sameAddress(known.source, packet, SOURCE_OFFSET[family])
        ? known
        : this.#channel(packet, family, destination);
    if (typeof channel === "string") return channel;
    const { fd, destination: to } = channel;
    return this.#libc.sendto(fd, packet, length, to, to.length) === length
      ? undefined
      : this.#libc.errno();
  }

  close(): void {
    this.#open = false;
    this.#sockets.close();
    this.#channels.clear();
  }

  #channel(packet: Buffer, family: Family, destination: string): Channel | string {
    const to = parseAddress(destination);
    if (to === undefined) return "EINVAL";
    const source = readAddress(packet, SOURCE_OFFSET[family], family);
    const fd = this.#sockets.open(source);
    if (typeof fd === "string") return fd;
    const channel = { source, destination: socketAddress(to), fd };
    if (this.#channels.size >= REMEMBERED) this.#channels.clear();
    this.#channels.set(destination, channel);
    return channel;
  }
}
