import { Kinship } from "./kinship.ts";
import { routerGroups } from "./location-groups.ts";
import type { Network } from "./network.ts";

/**
 * Adds the links that nobody has seen yet from addresses of routers of which other addresses lead on there: whatever a packet comes in by,
 * a router sends it on by the same links. After a fault, those links that it has broken can no longer be seen from all of them.
 * Then notes how many next hops to expect of each hop: as many as another hop behind the same one has.
 * @param routers names of routers by address, as far as somebody knows them
 */
export function connectSiblings(network: Network, routers: Readonly<Record<string, string>>): void {
  const groups = routerGroups(network, routers, new Kinship(network, routers));
  for (const { hops } of groups) {
    const next = new Set(hops.flatMap((id) => [...network.next(id).keys()]));
    for (const from of hops) {
      for (const to of next) if (network.mayAnswer(to)) network.borrow(from, to);
    }
  }
  for (const { id } of network.hops) {
    const siblings = network.answeringNext(id);
    const most = Math.max(0, ...siblings.map((each) => network.answeringNext(each).length));
    for (const each of siblings) network.expect(each, most);
  }
}
