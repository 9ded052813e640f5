import {
  type Address,
  type Family,
  parseAddress,
  readAddress,
  sameAddress,
} from "../packet/address.ts";
import type { Libc } from "./libc.ts";
import { AF_INET, AF_INET6, socketAddress } from "./socket-address.ts";
import type { PacketSender } from "./wire.ts";

const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
/** IPPROTO_RAW: the packets carry their own IP header. */
const PROTOCOL_RAW = 255;
/**
 * Level and option of setsockopt(2): IP_RECVERR (linux/in.h) and IPV6_RECVERR (linux/in6.h). Without it the kernel does not tell
 * a raw socket that a full queue of the interface dropped its packet (ENOBUFS), which then looks like loss on the way. Errors
 * of the network come by it to sockets of the packet's own protocol alone, never to one of IPPROTO_RAW.
 */
export const TELLS_DROPS = { 4: [0, 11], 6: [41, 25] } as const;
/** Where the source address stands in an IP header. */
const SOURCE_OFFSET = { 4: 12, 6: 8 } as const;
/** The value of an option that is switched on: a native 32-bit integer. */
const ON = Buffer.from(Int32Array.of(1).buffer);
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
  /** By the text of the source address. */
  readonly #sockets: Map<string, number> = new Map();
  /** By the text of the destination: the channel used last. Most destinations have one source. */
  readonly #channels: Map<string, Channel> = new Map();
  #open = true;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  send(packet: Buffer, length: number, destination: string): string | undefined {
    if (!this.#open) return "EBADF";
    const family: Family = ((packet[0] ?? 0) & 0xf0) === 0x60 ? 6 : 4;
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
    for (const fd of this.#sockets.values()) this.#libc.close(fd);
    this.#sockets.clear();
    this.#channels.clear();
  }

  #channel(packet: Buffer, family: Family, destination: string): Channel | string {
    const to = parseAddress(destination);
    if (to === undefined) return "EINVAL";
    const source = readAddress(packet, SOURCE_OFFSET[family], family);
    const fd = this.#socket(source);
    if (typeof fd === "string") return fd;
    const channel = { source, destination: socketAddress(to), fd };
    if (this.#channels.size >= REMEMBERED) this.#channels.clear();
    this.#channels.set(destination, channel);
    return channel;
  }

  /** The socket that is bound to a source address, or the errno's name: an address that is gone gives EADDRNOTAVAIL. */
  #socket(source: Address): number | string {
    const open = this.#sockets.get(source.text);
    if (open !== undefined) return open;
    const libc = this.#libc;
    const domain = source.family === 4 ? AF_INET : AF_INET6;
    const fd = libc.socket(domain, SOCK_RAW_NONBLOCK_CLOEXEC, PROTOCOL_RAW);
    if (fd < 0) return libc.errno();
    const [level, option] = TELLS_DROPS[source.family];
    libc.setsockopt(fd, level, option, ON, ON.length);
    const address = socketAddress(source);
    if (libc.bind(fd, address, address.length) !== 0) {
      const error = libc.errno();
      libc.close(fd);
      return error;
    }
    this.#sockets.set(source.text, fd);
    return fd;
  }
}
