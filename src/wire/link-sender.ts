import type { Address, Family } from "../packet/address.ts";
import type { KernelRoutes } from "./kernel-routes.ts";
import type { Libc } from "./libc.ts";
import { AF_INET, AF_INET6, AF_PACKET, linkLayerAddress, socketAddress } from "./socket-address.ts";
import type { SourceSockets } from "./source-sockets.ts";

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
/** EtherTypes. */
const ETHER_TYPE = { 4: 0x0800, 6: 0x86dd } as const;
/** IPPROTO_ICMP, IPPROTO_ICMPV6. */
const ICMP = { 4: 1, 6: 58 } as const;
/** An echo request without identifier and data: type, code, checksum (of IPv6 the kernel makes it), identifier, number. */
const ECHO = {
  4: Buffer.from([8, 0, 0xf7, 0xff, 0, 0, 0, 0]),
  6: Buffer.from([128, 0, 0, 0, 0, 0, 0, 0]),
} as const;
/** On a local network a link address is found out within a few milliseconds; it is looked for this far apart. */
const LOOK_MS = 1;

/** A neighbour on a link: who is handed the packets. */
export interface Neighbour {
  readonly device: number;
  readonly address: Address;
  /** What it is handed: it may route packets of the other family (RFC 8950). */
  readonly carries: Family;
}

/**
 * Hands packets to an interface itself, with the neighbour's link address: the only way by which a packet of our own gets where no
 * route of raw packets leads. It passes this host's firewall and NAT by, so whoever uses it makes sure that there is no NAT.
 */
export class LinkSender {
  readonly #libc: Libc;
  readonly #kernel: Pick<KernelRoutes, "link" | "linkAddress">;
  readonly #sockets: Pick<SourceSockets, "tie">;
  #fd: number | undefined;

  constructor(
    libc: Libc,
    kernel: Pick<KernelRoutes, "link" | "linkAddress">,
    sockets: Pick<SourceSockets, "tie">,
  ) {
    this.#libc = libc;
    this.#kernel = kernel;
    this.#sockets = sockets;
  }

  /**
   * Sends the neighbour one echo request, so that this host's kernel finds out or confirms its link address, and waits for it.
   * @param patience milliseconds; the loop is held for so long
   * @returns where packets are handed to, see {@link send}; undefined where the neighbour does not say
   */
  meet({ device, address, carries }: Neighbour, patience: number): Buffer | undefined {
    const link = this.#kernel.link(device);
    const type = ETHER_TYPE[carries];
    this.#greet(device, address);
    if (link?.hasAddresses === false) return linkLayerAddress(type, device);
    const never = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; ; waited += LOOK_MS) {
      const known = this.#kernel.linkAddress(device, address);
      if (known !== undefined) return linkLayerAddress(type, device, known);
      if (waited >= patience) return undefined;
      Atomics.wait(never, 0, 0, LOOK_MS);
    }
  }

  /** Sends a packet. @returns nothing when the kernel took it, else the errno's name */
  send(packet: Buffer, length: number, to: Buffer): string | undefined {
    // Protocol 0: it receives nothing.
    this.#fd ??= this.#libc.socket(AF_PACKET, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
    const sent = this.#libc.sendto(this.#fd, packet, length, to, to.length);
    return sent === length ? undefined : this.#libc.errno();
  }

  close(): void {
    if (this.#fd !== undefined) this.#libc.close(this.#fd);
    this.#fd = undefined;
  }

  #greet(device: number, address: Address): void {
    const libc = this.#libc;
    const family: Family = address.family;
    const domain = family === 4 ? AF_INET : AF_INET6;
    const fd = libc.socket(domain, SOCK_RAW_NONBLOCK_CLOEXEC, ICMP[family]);
    if (fd < 0) return;
    const to = socketAddress(address);
    // A link-local neighbour is one of this interface: the scope of struct sockaddr_in6.
    if (family === 6) to.set(new Uint8Array(Int32Array.of(device).buffer), 24);
    if (this.#sockets.tie(fd, family, device)) {
      libc.sendto(fd, ECHO[family], ECHO[family].length, to, to.length);
    }
    libc.close(fd);
  }
}
