import type { FaultLocation } from "./fault-location.ts";
import type { Kinship } from "./kinship.ts";
import { CROSSES, type LocationLink } from "./member.ts";
import { TARGET } from "./network.ts";
import type { Scene } from "./scene.ts";

/**
 * Whether it is one of several addresses of what leads to the destination, or to the one way on to it, each met behind several hops that have one
 * before them in common. A router that answers from the interface by which its answer leaves tells by its address which way answers go, those of
 * the destination as well: which flows meet an address says nothing of the way there. As many routers look alike, which are likelier where one
 * more follows them.
 */
export function mayTellWayBack(
  { network, kinship }: Pick<Scene, "network" | "kinship">,
  { hops, members }: FaultLocation,
): boolean {
  const last = kinship.wayBackAddresses();
  const end = kinship.endOfAll();
  const links = members.flatMap(({ link }) => link ?? []);
  const isOne = (id: number): boolean => last.includes(id);
  if (last.length < 2 || !links.some(({ from, to }) => isOne(from) || isOne(to))) return false;
  return (
    links.every(({ to }) => isOne(to) && meetsAll(kinship, links, to)) ||
    hops.every((id) => isOne(id) || id === end || network.next(id).size === 0)
  );
}

/** The same where nothing follows them but the destination, or where the way back tells itself. */
export function isWayBackOfLast(
  scene: Pick<Scene, "input" | "network" | "routes" | "kinship" | "counts">,
  location: FaultLocation,
): boolean {
  if (scene.kinship.endOfAll() === TARGET) return mayTellWayBack(scene, location);
  return tellsWayBack(scene, location);
}

/** So many silences to sweeps of healthy flows are no accident. */
const SILENCES = 2;
/** Of the other flows so much of the share that meets the place may fail as well, for other reasons. */
const FEW_OTHERS = 0.3;

/**
 * The same where the router shows as many addresses as there are hops before it, all of them behind one hop: one for each link that answers
 * leave it by; or where other routers answer flows that work no more, though hardly a flow fails that does not meet the place: a place on the
 * way there that takes answers would take those of other flows as well; or where several of the addresses are dead, one for each link to what is
 * broken on the way back, which are as many routers otherwise. All that meets one of the addresses is hit, whatever it comes by. As many
 * routers of one address each, each behind all of those hops, look alike.
 */
export function tellsWayBack(
  scene: Pick<Scene, "input" | "network" | "routes" | "kinship" | "counts">,
  location: FaultLocation,
): boolean {
  const { kinship } = scene;
  if (!mayTellWayBack(scene, location)) return false;
  const last = kinship.wayBackAddresses();
  if (areSeveralDead(scene, last)) return true;
  const near = kinship.answeringBefore(last);
  const isForEach =
    kinship.endOfAll() === TARGET && near.length === last.length && kinship.before(near).size <= 1;
  if (!isForEach && !takesAnswersAlone(scene, location)) return false;
  const links = location.members.flatMap(({ link }) => link ?? []);
  return links.every(({ from, to }) => last.includes(from) || meetsAll(kinship, links, to));
}

/** Whether all flows known to meet one of these addresses are dead, of more than one of them but not of all, and nobody who meets another is. */
function areSeveralDead(
  { routes, counts }: Pick<Scene, "routes" | "counts">,
  addresses: readonly number[],
): boolean {
  const met = new Map<number, boolean>();
  const died = new Set<number>();
  routes.forEach(({ crossings }, flow) => {
    const { failures = 0, probes = 0 } = counts[flow] ?? {};
    for (const { to, weight } of crossings) {
      if (weight <= CROSSES || !addresses.includes(to)) continue;
      const isDead = failures === probes;
      met.set(to, (met.get(to) ?? true) && isDead);
      if (isDead) died.add(to);
    }
  });
  const dead = [...met.values()].filter((isDead) => isDead).length;
  return dead > 1 && dead === died.size && dead < met.size;
}

/** Whether all links to a hop of several are among these. */
function meetsAll(kinship: Kinship, links: readonly LocationLink[], id: number): boolean {
  const from = new Set(links.filter(({ to }) => to === id).map((link) => link.from));
  return kinship.answeringBefore([id]).every((before) => from.has(before));
}

function takesAnswersAlone(
  { input, network, kinship, counts }: Pick<Scene, "input" | "network" | "kinship" | "counts">,
  { members }: FaultLocation,
): boolean {
  const own = new Set(kinship.wayBackAddresses().map((id) => network.hops[id]?.address ?? ""));
  const isMute = Object.entries(input.controls ?? {}).some(
    ([address, { heard, silent }]) => !own.has(address) && heard === 0 && silent >= SILENCES,
  );
  if (!isMute) return false;
  const meets = new Set(members.flatMap((one) => (one.weight > CROSSES ? one.flow : [])));
  const mayMeet = new Set(members.map(({ flow }) => flow));
  let [met, others, failing] = [0, 0, 0];
  counts.forEach(({ alike, failures }, flow) => {
    const isHit = failures > 0;
    if ((isHit ? mayMeet : meets).has(flow)) met += alike;
    else others += alike;
    if (isHit && !mayMeet.has(flow)) failing += alike;
  });
  return failing / Math.max(1, others) <= (FEW_OTHERS * met) / (met + others);
}
