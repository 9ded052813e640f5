import type { Socket } from "node:dgram";
import { networkInterfaces } from "node:os";

/** Addresses that come and go are looked for so often. */
const LOOK_EVERY_MS = 10_000;

/** A socket's kind and the address that it listens on. */
export interface LocalAddress {
  readonly type: "udp4" | "udp6";
  readonly host: string;
}

/**
 * Sockets for each address of this host, beside one for whatever is sent to the port: that one answers from the address of the interface by which the answer leaves,
 * and who has asked another address of this host, such as a service's on the loopback interface, takes no answer from there.
 */
export class LocalSockets {
  readonly #open: (address: LocalAddress) => Promise<Socket>;
  readonly #addresses: () => readonly LocalAddress[];
  readonly #sockets: Map<string, Socket> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param open opens a socket on an address beside that for all of them @param addresses those of this host */
  constructor(
    open: (address: LocalAddress) => Promise<Socket>,
    addresses: () => readonly LocalAddress[] = localAddresses,
  ) {
    this.#open = open;
    this.#addresses = addresses;
  }

  /** Opens them, and from now on those of addresses that come. */
  async begin(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  async #look(): Promise<void> {
    const now = this.#addressesNow();
    if (now === undefined) return;
    for (const [host, socket] of this.#sockets) {
      if (now.has(host)) continue;
      socket.close();
      this.#sockets.delete(host);
    }
    for (const [host, address] of now) {
      if (this.#sockets.has(host)) continue;
      try {
        const socket = await this.#open(address);
        if (this.#isClosed) socket.close();
        else this.#sockets.set(host, socket);
      } catch {
        // One that is gone again, or still tentative: the socket for all addresses answers there meanwhile.
      }
    }
  }

  /** By address; undefined where the host cannot list them now, as when it is short of descriptors: what is open stays so. */
  #addressesNow(): Map<string, LocalAddress> | undefined {
    try {
      return new Map(this.#addresses().map((address) => [address.host, address]));
    } catch {
      return undefined;
    }
  }
}

/** The addresses of this host's interfaces, those that hold on one link with its name. */
function localAddresses(): LocalAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, family }) => ({
      type: family === "IPv6" ? ("udp6" as const) : ("udp4" as const),
      host: address.startsWith("fe80:") ? `${address}%${name}` : address,
    })),
  );
}
