import { type Address, type Family, readAddress, sameAddress } from "../packet/address.ts";
import { familyOf } from "./flow-tuple.ts";
import type { Libc } from "./libc.ts";
import { socketAddress } from "./socket-address.ts";
import { SourceSockets } from "./source-sockets.ts";
import type { PacketSender } from "./wire.ts";

/** Where the source address stands in an IP header. */
export const SOURCE_OFFSET = { 4: 12, 6: 8 } as const;
/** Where the destination's does, and where it stands in a socket's address. */
const DESTINATION_OFFSET = { 4: 16, 6: 24 } as const;
const SOCKET_OFFSET = { 4: 4, 6: 8 } as const;
const ADDRESS_BYTES = { 4: 4, 6: 16 } as const;
/** Source addresses that are looked through for that of a packet; all are asked for again when there are more. */
const REMEMBERED = 32;

/** A source address and its socket. */
interface Source {
  readonly address: Address;
  readonly fd: number;
}

/**
 * Sends through one raw socket for each source address, bound to it. The kernel looks up the route of a raw packet without
 * reading the packet's own header, so it is the socket's address that `ip rule from SOURCE` and routes with a source
 * apply to: a probe then leaves by the uplink that a connection from the same address takes.
 *
 * Where a packet goes is read from the packet itself, which has just been written: what is kept for each of thousands of destinations
 * would have to be fetched from memory for every packet.
 */
export class SourceSender implements PacketSender {
  readonly #libc: Libc;
  readonly #sockets: SourceSockets;
  readonly #sources: Source[] = [];
  /** Where the packet that is being sent goes. */
  readonly #to: Readonly<Record<Family, Buffer>> = {
    4: socketAddress({ family: 4, text: "", bytes: new Uint8Array(ADDRESS_BYTES[4]) }),
    6: socketAddress({ family: 6, text: "", bytes: new Uint8Array(ADDRESS_BYTES[6]) }),
  };
  #open = true;

  /** @param sockets closed with the sender */
  constructor(libc: Libc, sockets: SourceSockets = new SourceSockets(libc)) {
    this.#libc = libc;
    this.#sockets = sockets;
  }

  send(packet: Buffer, length: number): string | undefined {
    if (!this.#open) return "EBADF";
    const family = familyOf(packet);
    const fd = this.#socketOf(packet, family);
    if (typeof fd === "string") return fd;
    const to = this.#to[family];
    const from = DESTINATION_OFFSET[family];
    const at = SOCKET_OFFSET[family];
    for (let index = 0; index < ADDRESS_BYTES[family]; index += 1) {
      to[at + index] = packet[from + index] ?? 0;
    }
    return this.#libc.sendto(fd, packet, length, to, to.length) === length
      ? undefined
      : this.#libc.errno();
  }

  close(): void {
    this.#open = false;
    this.#sockets.close();
    this.#sources.length = 0;
  }

  #socketOf(packet: Buffer, family: Family): number | string {
    for (const { address, fd } of this.#sources) {
      if (address.family === family && sameAddress(address, packet, SOURCE_OFFSET[family]))
        return fd;
    }
    const address = readAddress(packet, SOURCE_OFFSET[family], family);
    const fd = this.#sockets.open(address);
    if (typeof fd === "string") return fd;
    if (this.#sources.length >= REMEMBERED) this.#sources.length = 0;
    this.#sources.push({ address, fd });
    return fd;
  }
}
