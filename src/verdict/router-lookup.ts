import type { FlowEvidence, LocalizeCase } from "../localize/case.ts";
import type { RouterNames } from "../topology/router-names.ts";

/** Names of routers by address. */
export type RouterByAddress = NonNullable<LocalizeCase["routers"]>;

/** Looks the routers of a case's addresses up, each address once until what is known of them changes. */
export class RouterLookup {
  readonly #routers: RouterNames | undefined;
  readonly #known: Map<string, string | undefined> = new Map();
  #version: number | undefined;

  constructor(routers: RouterNames | undefined) {
    this.#routers = routers;
  }

  /** The routers of all addresses in a case, where their identity is known; none while nothing fails, when nobody asks. */
  of(flows: readonly FlowEvidence[], links: LocalizeCase["known_links"]): RouterByAddress {
    const names: Record<string, string> = {};
    if (this.#routers === undefined || !flows.some(({ failures }) => failures > 0)) return names;
    if (this.#version !== this.#routers.version) this.#known.clear();
    this.#version = this.#routers.version;
    const addresses = new Set<string | null>();
    for (const hops of [...flows.flatMap(({ path, seen }) => [path ?? [], seen]), ...links]) {
      for (const hop of hops) addresses.add(hop);
    }
    for (const address of addresses) {
      const name = address === null ? undefined : this.#nameOf(address, this.#routers);
      if (address !== null && name !== undefined) names[address] = name;
    }
    return names;
  }

  #nameOf(address: string, routers: RouterNames): string | undefined {
    if (!this.#known.has(address)) this.#known.set(address, routers.routerOf(address)?.router);
    return this.#known.get(address);
  }
}
