import type { Clock } from "../clock.ts";
import { reverseDns } from "../discovery/reverse-dns.ts";
import type { Family } from "../metrics/family.ts";
import { hopInfoFamily } from "../metrics/hop-info.ts";
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

  constructor(clock: Clock) {
    this.names = new HopNames(reverseDns, clock);
    this.routers = new RouterIdentity(this.names);
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
      routerInfoFamily(topologies, (hop) => this.routers.routerOf(hop), budget),
    ];
  }
}
