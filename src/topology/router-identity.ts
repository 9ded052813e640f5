import type { RouterNames } from "./router-names.ts";

/** What says which router an address belongs to, surest first. */
export const ROUTER_SOURCES = ["inventory", "name"] as const;
export type RouterSource = (typeof ROUTER_SOURCES)[number];

/** The router of an address, and how that is known. */
export interface KnownRouter {
  readonly router: string;
  readonly source: RouterSource;
}

/** A router as an inventory lists it. */
export interface InventoryRouter {
  readonly name: string;
  /** In their usual text form. */
  readonly addresses: readonly string[];
}

/** Names of hops by reverse DNS; `changes` grows with every name that comes or goes. */
export interface NamedHops {
  readonly changes: number;
  nameOf(address: string): string | undefined;
}

/**
 * Addresses that routers without one of their own answer with, so that several share it (RFC 7600 section 4.8: 192.0.0.8,
 * from the block 192.0.0.0/29 of RFC 7335): never the identity of one.
 */
const SHARED_ADDRESS = /^192\.0\.0\.[0-7]$|^192\.0\.0\.8$/;

/**
 * Which addresses are one router's, as far as there is ground: what an inventory lists, else what the pattern finds in the
 * address's name. An address of which nothing is known has no router, and two such addresses stay two.
 */
export class RouterIdentity implements RouterNames {
  readonly #hops: NamedHops;
  #inventory: ReadonlyMap<string, string> = new Map();
  #pattern: RegExp | undefined;
  #changes = 0;

  /** @param hops where names are looked up */
  constructor(hops: NamedHops) {
    this.#hops = hops;
  }

  get version(): number {
    return this.#changes + this.#hops.changes;
  }

  /**
   * Takes what the configuration says.
   * @param routers of the inventory; no address twice
   * @param pattern with a group called `router`; empty for none
   */
  configure(routers: readonly InventoryRouter[], pattern: string): void {
    this.#inventory = new Map(
      routers.flatMap(({ name, addresses }) => addresses.map((address) => [address, name])),
    );
    this.#changes += 1;
    this.#pattern = pattern === "" ? undefined : new RegExp(pattern);
  }

  /** The router that an address belongs to; undefined where there is no ground to say. */
  routerOf(address: string): KnownRouter | undefined {
    if (SHARED_ADDRESS.test(address)) return undefined;
    const listed = this.#inventory.get(address);
    if (listed !== undefined) return { router: listed, source: "inventory" };
    const router = this.#pattern?.exec(this.#hops.nameOf(address) ?? "")?.groups?.["router"];
    return router === undefined || router === "" ? undefined : { router, source: "name" };
  }
}
