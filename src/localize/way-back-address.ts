import type { FaultLocation } from "./fault-location.ts";
import { TARGET } from "./network.ts";
import type { Scene } from "./scene.ts";

/**
 * Whether it is one of several addresses of what leads to the destination, each met behind several hops that have one before them in common.
 * A router that answers from the interface by which its answer leaves tells by its address which way answers go, those of the destination
 * as well: which flows meet an address says nothing of the way there.
 */
export function isWayBackOfLast(
  { network, kinship }: Pick<Scene, "network" | "kinship">,
  { hops, members }: FaultLocation,
): boolean {
  const last = kinship.wayBackAddresses();
  const ends = new Set(members.flatMap(({ link }) => (link === null ? [] : [link.from, link.to])));
  const isOne = (id: number): boolean => last.includes(id);
  return (
    last.length > 1 &&
    [...ends].some(isOne) &&
    hops.every((id) => isOne(id) || id === TARGET || network.next(id).size === 0)
  );
}

/**
 * The same where the router shows as many addresses as there are hops before it, all of them behind one hop: one for each link that answers
 * leave it by; and all that meets one of them is hit, whatever it comes by. As many routers of one address each, each behind all of those
 * hops, look alike.
 */
export function tellsWayBack(
  { network, kinship }: Pick<Scene, "network" | "kinship">,
  location: FaultLocation,
): boolean {
  const last = kinship.wayBackAddresses();
  if (!isWayBackOfLast({ network, kinship }, location)) return false;
  const near = [...kinship.before(last)];
  if (near.length !== last.length || kinship.before(near).size > 1) return false;
  const links = location.members.flatMap(({ link }) => link ?? []);
  const from = (id: number): Set<number> =>
    new Set(links.filter(({ to }) => to === id).map((link) => link.from));
  return links.every(
    ({ from: start, to }) => last.includes(start) || from(to).size === kinship.before([to]).size,
  );
}
