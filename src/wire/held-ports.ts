import type { Address } from "../packet/address.ts";
import { encodeProgram } from "../packet/bpf.ts";
import { filterHeader, type Libc, SO_ATTACH_FILTER, SOL_SOCKET } from "./libc.ts";
import { AF_INET, AF_INET6, socketAddress } from "./socket-address.ts";
import type { PortHolder } from "./wire.ts";

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** Operation code of `ret #0`, a filter that keeps nothing (linux/bpf_common.h). */
const RETURN = 0x06;

/**
 * UDP sockets bound to the source ports of flows. Without them this host's kernel would answer every answer of a service by
 * "port unreachable", for it knows of nobody who asked. Each has a filter that drops everything, so that no packet is ever
 * kept for it; the packet ring reads the answers before.
 */
export class HeldPorts implements PortHolder {
  readonly #libc: Libc;
  /** By address and port: the socket and how many flows want it. */
  readonly #held: Map<string, { fd: number; flows: number }> = new Map();

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  hold(source: Address, port: number): void {
    const key = `${source.text} ${port}`;
    const held = this.#held.get(key);
    if (held !== undefined) {
      held.flows += 1;
      return;
    }
    const fd = this.#open(source, port);
    if (fd !== undefined) this.#held.set(key, { fd, flows: 1 });
  }

  release(source: Address, port: number): void {
    const key = `${source.text} ${port}`;
    const held = this.#held.get(key);
    if (held === undefined) return;
    held.flows -= 1;
    if (held.flows > 0) return;
    this.#held.delete(key);
    this.#libc.close(held.fd);
  }

  ports(): number[] {
    return [...this.#held.keys()].map((key) => Number(key.slice(key.indexOf(" ") + 1)));
  }

  close(): void {
    for (const { fd } of this.#held.values()) this.#libc.close(fd);
    this.#held.clear();
  }

  /** Undefined where the port is somebody else's or there are no more descriptors: the kernel then says what it always said. */
  #open(source: Address, port: number): number | undefined {
    const libc = this.#libc;
    const domain = source.family === 4 ? AF_INET : AF_INET6;
    const fd = libc.socket(domain, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) return undefined;
    const only = Buffer.from(Int32Array.of(1).buffer);
    if (domain === AF_INET6) libc.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, only, only.length);
    const nothing = Buffer.from(encodeProgram([{ code: RETURN, jt: 0, jf: 0, k: 0 }]));
    const header = filterHeader(libc, nothing);
    libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, header, header.length);
    const address = socketAddress(source, port);
    if (libc.bind(fd, address, address.length) === 0) return fd;
    libc.close(fd);
    return undefined;
  }
}
