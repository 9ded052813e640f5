import type { LocalizeCase } from "./case.ts";
import { isDead } from "./counts.ts";
import { Kinship } from "./kinship.ts";
import type { Network } from "./network.ts";

/**
 * Hops of routers that have said that they do not pass on what is sent to the destination, and those that are, or may be, other
 * addresses of theirs. A router without a route answers a TTL that runs out with the same error, and hardly ever while it is asked
 * often: Linux takes two tokens for each, of which it is given one a second, and loses one in the attempt. So such a hop keeps
 * silent to sweeps that get to it.
 * @param network as the ways of the flows have shown it
 */
export function rejectingHops(network: Network, input: LocalizeCase): ReadonlySet<number> {
  const { rejecting = [], routers = {} } = input;
  const told = new Set(rejecting);
  const own = (address: string | null): boolean => address !== null && told.has(address);
  const hops = new Set(network.hops.flatMap(({ id, address }) => (own(address) ? id : [])));
  if (hops.size === 0) return hops;
  const names = new Set([...told].flatMap((address) => routers[address] ?? []));
  for (const { id, address } of network.hops) {
    if (address !== null && names.has(routers[address] ?? "")) hops.add(id);
  }
  for (const group of new Kinship(network, routers).sharingNext()) {
    if (group.some((id) => own(network.hops[id]?.address ?? null))) {
      for (const id of group) hops.add(id);
    }
  }
  for (const address of silentBeside(input, told)) {
    const name = routers[address];
    if (name === undefined || names.has(name)) hops.add(network.answering(address));
  }
  return hops;
}

/**
 * Addresses as far away as one that rejects, all flows across which are dead and whose sweeps they keep silent to: a router that answers
 * with the address by which its answer leaves has told of one of its addresses, and may be any of them.
 */
function silentBeside({ target, flows }: LocalizeCase, told: ReadonlySet<string>): Set<string> {
  const depths = new Set(
    flows.flatMap(({ path }) => [...told].map((hop) => path?.indexOf(hop) ?? -1)),
  );
  depths.delete(-1);
  const silent = new Set<string>();
  const telling = new Set([target]);
  for (const flow of flows) {
    const dead = flow.failures > 0 && isDead(flow);
    for (const depth of depths) {
      const hop = flow.path?.[depth] ?? null;
      if (hop === null) continue;
      if (!dead || flow.seen.includes(hop)) telling.add(hop);
      else silent.add(hop);
    }
  }
  for (const hop of telling) silent.delete(hop);
  return silent;
}
