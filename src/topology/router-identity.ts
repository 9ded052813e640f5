import { isSharedAddress } from "../packet/shared-address.ts";
import { type IncomingInterface, IncomingInterfaces } from "./incoming-interfaces.ts";
import { LinkSubnets } from "./link-subnets.ts";
import type { RouterNames } from "./router-names.ts";
import { SameRouter } from "./same-router.ts";

/** What says which router an address belongs to, surest first. */
export const ROUTER_SOURCES = ["inventory", "name", "interface", "subnet", "limit"] as const;
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

/** Two routers that something had held for one: a flow crosses both. */
export interface Contradiction {
  readonly router: string;
  readonly source: RouterSource;
  /** The two addresses that the flow met, in the order in which it did. */
  readonly addresses: readonly [string, string];
}

/**
 * Which addresses are one router's, as far as there is ground: what an inventory lists, else what the pattern finds in the
 * address's name, else what routers say of their interfaces (RFC 5837), else what the subnets of links prove, else that addresses share
 * a limit of ICMP errors. An address of which nothing is known has no router, and two such addresses stay two. A router that is known only by its addresses is
 * called by the lowest.
 */
export class RouterIdentity implements RouterNames {
  readonly #hops: NamedHops;
  readonly #onContradiction: (found: Contradiction) => void;
  readonly #same: SameRouter = new SameRouter();
  readonly #subnets: LinkSubnets = new LinkSubnets();
  readonly #incoming: IncomingInterfaces = new IncomingInterfaces();
  /** Routers of inventory and names whose contradictions were told. */
  readonly #told: Set<string> = new Set();
  #inventory: ReadonlyMap<string, string> = new Map();
  #pattern: RegExp | undefined;
  #changes = 0;

  /**
   * @param hops where names are looked up
   * @param onContradiction told once of every router that turned out to be two
   */
  constructor(hops: NamedHops, onContradiction: (found: Contradiction) => void = () => {}) {
    this.#hops = hops;
    this.#onContradiction = onContradiction;
  }

  get version(): number {
    return this.#changes + this.#hops.changes + this.#same.version;
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
    this.#told.clear();
  }

  /** The router that an address belongs to; undefined where there is no ground to say. */
  routerOf(address: string): KnownRouter | undefined {
    if (isSharedAddress(address)) return undefined;
    const own = this.#called(address);
    if (own !== undefined) return own;
    const group = this.#same.groupOf(address);
    const [lowest] = group ?? [];
    if (group === undefined || lowest === undefined) return undefined;
    const source = this.#same.groundOf(address) ?? "interface";
    for (const member of group) {
      const called = this.#called(member);
      if (called !== undefined) return { router: called.router, source };
    }
    return { router: lowest, source };
  }

  named(hop: string, incoming: IncomingInterface, now: number): void {
    if (isSharedAddress(hop)) return;
    const { address } = incoming;
    const own = address !== undefined && !isSharedAddress(address);
    this.#incoming.add(hop, { name: incoming.name, address: own ? address : undefined });
    if (own) this.#same.join(hop, address, "interface", now);
  }

  sharesLimit(a: string, b: string, now: number): void {
    if (!isSharedAddress(a) && !isSharedAddress(b)) this.#same.join(a, b, "limit", now);
  }

  /** Every hop that packets come to by one interface, with what its router calls that interface. */
  interfaces(): Iterable<readonly [hop: string, name: string]> {
    return this.#incoming.named();
  }

  learnt(flow: string, hops: readonly (string | null)[], now: number): void {
    // The destination is no router, and may be told under any of its addresses.
    const routers = hops.slice(0, -1);
    this.#findContradictions(routers);
    const pairs = this.#subnets.add(flow, routers, (hop) => this.#incoming.addressOf(hop));
    for (const [a, b] of pairs) {
      if (!isSharedAddress(a) && !isSharedAddress(b)) this.#same.join(a, b, "subnet", now);
    }
    this.#same.prune(now);
  }

  /** What inventory or name say of an address itself. */
  #called(address: string): KnownRouter | undefined {
    const listed = this.#inventory.get(address);
    if (listed !== undefined) return { router: listed, source: "inventory" };
    const router = this.#pattern?.exec(this.#hops.nameOf(address) ?? "")?.groups?.["router"];
    return router === undefined || router === "" ? undefined : { router, source: "name" };
  }

  /** A flow crosses no router twice, so two addresses of its way are two routers'. */
  #findContradictions(hops: readonly (string | null)[]): void {
    const met = new Map<string, string>();
    for (const hop of hops) {
      const known = hop === null ? undefined : this.routerOf(hop);
      if (hop === null || known === undefined) continue;
      const before = met.get(known.router);
      met.set(known.router, hop);
      if (before === undefined || before === hop) continue;
      const addresses = [before, hop] as const;
      if (known.source === "inventory" || known.source === "name") {
        // Said by a person: told once, and believed.
        if (this.#told.has(known.router)) continue;
        this.#told.add(known.router);
      } else {
        this.#same.refuse(hop);
      }
      this.#onContradiction({ router: known.router, source: known.source, addresses });
    }
  }
}
