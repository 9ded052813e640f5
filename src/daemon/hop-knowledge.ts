import type { Clock } from "../clock.ts";
import { reverseDns } from "../discovery/reverse-dns.ts";
import type { Log } from "../log.ts";
import type { Family } from "../metrics/family.ts";
import { hopInfoFamily, hopInterfaceFamily } from "../metrics/hop-info.ts";
import { routerInfoFamily } from "../metrics/router-info.ts";
import type { SeriesBudget } from "../metrics/series-budget.ts";
import { HopNames } from "../topology/hop-names.ts";
import { RouterIdentity } from "../topology/router-identity.ts";
import type { Topology } from "../topology/topology.ts";
import type { Loaded } from "./configuration.ts";

/** What is known of hops beside what their answers show: names by reverse DNS, and which addresses are one router's. */
export class HopKnowledge {
  readonly names: HopNames;
  readonly routers: RouterIdentity;

  constructor(clock: Clock, log: Log) {
    this.names = new HopNames(reverseDns, clock);
    this.routers = new RouterIdentity(this.names, ({ router, source, addresses }) =>
      log.warn("one flow crosses two addresses that are held for one router", {
        router,
        source,
        addresses: addresses.join(" "),
      }),
    );
  }

  /** The name of an address by reverse DNS; undefined where it has none. */
  nameOf(address: string): string | undefined {
    return this.names.nameOf(address);
  }

  /** The router of an address; undefined where its identity is not known. */
  routerOf(address: string): string | undefined {
    return this.routers.routerOf(address)?.router;
  }

  /** Goes by a configuration and its inventory from now on. */
  configure({ config, inventory }: Loaded): void {
    this.names.enabled = config.resolveHops;
    this.routers.configure(inventory.routers, config.routers.namePattern);
  }

  /** The metrics of hops. @param topologies of every target that is probed */
  families(topologies: () => Iterable<Topology>, budget: SeriesBudget): Family[] {
    return [
      hopInfoFamily(() => this.names.named(), budget),
      hopInterfaceFamily(() => this.routers.interfaces(), budget),
      routerInfoFamily(topologies, (hop) => this.routers.routerOf(hop), budget),
    ];
  }
}
