/** More routers than this are not remembered: no way to a target has as many. */
const MOST_ROUTERS = 1024;

/** What a packet of a sweep was answered with. */
interface SweepAnswer {
  readonly kind: "hop" | "destination" | "rejected";
  readonly responder: { readonly text: string };
  readonly rateLimited: boolean;
}

/**
 * Other addresses that a target has shown to be its own, by what it answers under them. An address that tells that a hop limit ran out is a
 * router's, and what it refuses is a router's refusal: a firewall there may say "port unreachable" of any packet.
 */
export class OwnAddresses {
  #own: Set<string> | undefined;
  #routers: Set<string> | undefined;

  /** A packet of a sweep was answered. */
  answered({ kind, responder, rateLimited }: SweepAnswer): void {
    const { text } = responder;
    if (kind === "hop") this.#met(text);
    // Only the destination's own errors are rate-limited answers of a destination.
    if (kind === "destination" && rateLimited && !this.isRouter(text)) {
      this.#own ??= new Set();
      this.#own.add(text);
    }
  }

  /** Whether the target has shown that an address is its own. */
  has(address: string): boolean {
    return this.#own?.has(address) === true;
  }

  /** Whether an address is a router's on the way. */
  isRouter(address: string): boolean {
    return this.#routers?.has(address) === true;
  }

  #met(address: string): void {
    this.#own?.delete(address);
    this.#routers ??= new Set();
    if (this.#routers.size < MOST_ROUTERS) this.#routers.add(address);
  }
}
