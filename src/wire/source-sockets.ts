import type { Address } from "../packet/address.ts";
import { type Libc, SOL_SOCKET } from "./libc.ts";
import { AF_INET, AF_INET6, socketAddress } from "./socket-address.ts";

const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
/** IPPROTO_RAW: the packets carry their own IP header. */
const PROTOCOL_RAW = 255;
/**
 * Level and option of setsockopt(2): IP_RECVERR (linux/in.h) and IPV6_RECVERR (linux/in6.h). Without it the kernel does not tell
 * a raw socket that a full queue of the interface dropped its packet (ENOBUFS), which then looks like loss on the way. Errors
 * of the network come by it to sockets of the packet's own protocol alone, never to one of IPPROTO_RAW.
 */
export const TELLS_DROPS = { 4: [0, 11], 6: [41, 25] } as const;
/** Level and option that tie a socket's packets to an interface: IP_UNICAST_IF (linux/in.h), its value in network order. */
const UNICAST_IF = [0, 50] as const;
/** SO_BINDTOIFINDEX (asm-generic/socket.h), its value in this machine's order. Of IPv6 the option above is but a wish. */
const SO_BINDTOIFINDEX = 62;
/** The value of an option that is switched on: a native 32-bit integer. */
const ON = Buffer.from(Int32Array.of(1).buffer);

/** Raw sockets that are bound to a source address, and some to an interface besides; each opened when first asked for. */
export class SourceSockets {
  readonly #libc: Libc;
  /** By the source address and the index of the interface. */
  readonly #sockets: Map<string, number> = new Map();

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /**
   * The socket of a source address.
   * @param device index of the interface that its packets leave by; 0 for whichever the kernel chooses
   * @returns the descriptor, or the errno's name: an address that is gone gives EADDRNOTAVAIL
   */
  open(source: Address, device = 0): number | string {
    const key = device === 0 ? source.text : `${source.text}%${device}`;
    const open = this.#sockets.get(key);
    if (open !== undefined) return open;
    const libc = this.#libc;
    const domain = source.family === 4 ? AF_INET : AF_INET6;
    const fd = libc.socket(domain, SOCK_RAW_NONBLOCK_CLOEXEC, PROTOCOL_RAW);
    if (fd < 0) return libc.errno();
    const [level, option] = TELLS_DROPS[source.family];
    libc.setsockopt(fd, level, option, ON, ON.length);
    const address = socketAddress(source);
    const tied = device === 0 || this.tie(fd, source.family, device);
    if (!tied || libc.bind(fd, address, address.length) !== 0) {
      const error = libc.errno();
      libc.close(fd);
      return error;
    }
    this.#sockets.set(key, fd);
    return fd;
  }

  /** Lets a socket's packets leave by an interface alone. @returns false where the kernel refuses */
  tie(fd: number, family: Address["family"], device: number): boolean {
    const value = Buffer.alloc(4);
    if (family === 6) {
      value.set(new Uint8Array(Int32Array.of(device).buffer));
      return this.#libc.setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, value, value.length) === 0;
    }
    // Not bound: where this host's firewall changes a packet's mark, it is routed anew like that of a connection.
    value.writeUInt32BE(device);
    return this.#libc.setsockopt(fd, ...UNICAST_IF, value, value.length) === 0;
  }

  close(): void {
    for (const fd of this.#sockets.values()) this.#libc.close(fd);
    this.#sockets.clear();
  }
}
