import type { Crossing } from "./crossing.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { RouterGroup } from "./location-groups.ts";
import type { Member } from "./member.ts";
import { pushTo } from "./multimap.ts";
import { SOURCE, TARGET } from "./network.ts";
import type { Scene } from "./scene.ts";

/**
 * What comes to a router by one of the links into it, where that router answers and then drops: a filter on what comes in there, a strict reverse-path
 * filter, a routing table of its own. What comes by its other links works. Of a router with an address for each link into it the link out of that
 * address shows as much.
 */
export function* entries(
  scene: Pick<Scene, "network" | "routes" | "kinship">,
  routers: readonly RouterGroup[],
): Generator<Pick<FaultLocation, "members" | "hops">, void> {
  const groups = ofSeveralLinks(scene, routers);
  const byEntry = new Map<string, Member[]>();
  scene.routes.forEach(({ crossings }, flow) => {
    for (const crossing of crossings) {
      const { from, to, weight } = crossing;
      const group = groups.get(to);
      if (group === undefined || from === SOURCE || !scene.network.answers(from)) continue;
      const behind = behindOf(crossings, crossing);
      if (behind === undefined) continue;
      const member = { flow, weight, ...behind, link: { from, to } };
      for (const number of group) pushTo(byEntry, `${from} ${number}`, member);
    }
  });
  for (const members of byEntry.values()) {
    const [first] = members;
    if (first?.link != null) yield { members, hops: [first.link.from] };
  }
}

/** Where a packet dies that has got over a link and no farther, and what the sweep showed behind that; undefined where nobody knows where the flow goes on. */
export function behindOf(
  crossings: readonly Crossing[],
  { to }: Crossing,
): Pick<Crossing, "depth" | "beyond"> | undefined {
  const next = crossings.find(({ from }) => from === to);
  return next && { depth: next.depth, beyond: next.beyond };
}

/** Routers, or what may be one, that several hops lead to: by each of their addresses the numbers of those that have it. */
function ofSeveralLinks(
  { network, kinship }: Pick<Scene, "network" | "kinship">,
  routers: readonly RouterGroup[],
): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<string, readonly number[]>();
  const add = (ids: readonly number[]): void => {
    const group = ids.filter((id) => id !== TARGET && id !== SOURCE && network.answers(id));
    if (kinship.answeringBefore(group).length > 1)
      groups.set([...group].sort((a, b) => a - b).join(), group);
  };
  for (const { id } of network.hops) {
    add([id]);
    add(kinship.routerBefore(id) ?? []);
  }
  for (const { hops } of routers) add(hops);
  for (const row of kinship.lastInARow()) add(row);
  const last = kinship.wayBackAddresses();
  add(last);
  // An address that few have met yet is as likely one more of that router's as one of another router at that place.
  if (last.length > 1) {
    const near = kinship.before(last);
    const isAlike = (id: number): boolean =>
      [...kinship.before([id])].every((one) => near.has(one));
    add(kinship.answeringBefore([kinship.endOfAll()]).filter(isAlike));
  }
  const byAddress = new Map<number, number[]>();
  [...groups.values()].forEach((group, number) => {
    for (const id of group) pushTo(byAddress, id, number);
  });
  return byAddress;
}
