import type { Lab } from "../lab/lab.ts";
import { addressesOf } from "./link-faults.ts";

/** What an inventory says of the routers of a lab: which addresses each has. */
export function inventoryOf(lab: Lab): { name: string; addresses: string[] }[] {
  return [...lab.topology.nodes.values()]
    .filter(({ router }) => router)
    .map(({ name }) => ({ name, addresses: addressesOf(lab, name) }));
}
