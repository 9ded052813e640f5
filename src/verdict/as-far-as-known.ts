import type { Topology } from "../topology/topology.ts";
import type { Reached } from "./reported-hop.ts";

/**
 * What sweeps met of a flow whose path is not known, as far as it leads over links that were seen lately: where packets run in
 * circles, a router may answer inside the loop under an address that no packet on its way to the target ever meets.
 * @param reached what the sweeps say
 */
export function asFarAsKnown(reached: Reached, topology: Pick<Topology, "links">): Reached {
  const { seen } = reached;
  const known = topology.links();
  const hops = new Set(known.flat());
  const links = new Set(known.map((link) => link.join(" ")));
  const end = seen.findIndex((hop, index) => {
    if (hop === null) return false;
    const before = seen[index - 1] ?? null;
    return !hops.has(hop) || (before !== null && !links.has(`${before} ${hop}`));
  });
  if (known.length === 0 || end < 0) return reached;
  const last = seen.slice(0, end).findLastIndex((hop) => hop !== null);
  return { seen: seen.slice(0, last + 1), lastHop: seen[last] ?? "unknown" };
}
