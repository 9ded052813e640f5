import type { Route } from "./crossing.ts";
import { type FaultLocation, keyOfFlows, mergeByFlow } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { LocationLink, Member } from "./member.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";
import type { Scene } from "./scene.ts";
import type { SharedFault } from "./shared-fault.ts";
import { describePlace } from "./suspect.ts";
import type { SuspectPlace } from "./suspect-place.ts";

/** The name of a hop that is the same whatever target it leads to; null for the destination and what is not known. */
export function nameOfHop(network: Network, id: number): string | null {
  if (id === SOURCE) return "source";
  if (id === TARGET) return null;
  const hop = network.hops[id];
  if (hop === undefined || hop.address !== null) return hop?.address ?? null;
  const before = nameOfHop(network, hop.before ?? SOURCE);
  if (hop.after === undefined) return `unknown behind ${before}`;
  return `${hop.ttls} silent behind ${before} before ${nameOfHop(network, hop.after)}`;
}

/**
 * A fault found in the pooled flows, in terms that hold for each target; null for one that says nothing of the part of the
 * way which targets have in common: behind the last router, or some flows of what leads on to one target or another.
 */
export function sharedFault(
  scene: Scene,
  { location, effect }: Hypothesis,
  confidence: number,
): SharedFault | null {
  const { kind, hops } = location;
  const links = new Map(
    location.members.flatMap(({ link }) => (link ? [[`${link.from} ${link.to}`, link]] : [])),
  );
  const all = [...links.values()];
  const ends = all.some(({ to }) => to === TARGET);
  if (kind === "behind" || kind === "beyond" || (ends && effect.extent === "share")) return null;
  const place = describePlace(scene, location, effect);
  // What lies behind a router is several targets': it is the router that drops what it sends on.
  const [first] = all;
  const at = ends ? placeOfLast(scene, all) : place;
  if (at === null || first === undefined) return null;
  const into = kind !== "link" && all.every(({ to }) => hops.includes(to));
  const outOf = ends || (kind !== "link" && all.every(({ from }) => hops.includes(from)));
  const named = all.map(({ from, to }): [string | null, string | null] => {
    const [start, end] = [nameOfHop(scene.network, from), nameOfHop(scene.network, to)];
    // What is unknown behind a hop here may be known there.
    if (scene.network.isUnknown(to)) return [start, null];
    return into ? [null, end] : outOf ? [start, null] : [start, end];
  });
  const distinct = new Map(named.map((pair) => [pair.join(" "), pair]));
  return {
    kind: ends ? "forwarder" : kind,
    effect,
    place: at,
    confidence,
    links: [...distinct.values()],
  };
}

/** The one router from which links lead to the targets, as a place; null where there are several. */
function placeOfLast(
  { input, network, routes }: Scene,
  links: readonly LocationLink[],
): SuspectPlace | null {
  const last = new Set(links.map(({ from }) => from));
  const [id] = last;
  const address = id === undefined ? null : (network.hops[id]?.address ?? null);
  if (last.size > 1 || address === null) return null;
  const before = routes.flatMap(({ crossings }) => crossings.filter(({ to }) => to === id));
  const from = before.map((link) => network.hops[link.from]?.address ?? null).sort()[0] ?? null;
  const name = input.routers?.[address] ?? address;
  return { from, to: address, place: "router", name, segment: "forward" };
}

/**
 * Nats by which a fault that kills whatever crosses it is cheaper where at least one failing flow of this target is likely
 * to cross it: it hits this target too, with a chance of about 0.95, unless the evidence speaks against it. Set by hand (2026-11).
 */
const EXPECTED = -3.5;

/**
 * The places of shared faults on the ways of one target's flows; none for those that no failing flow may cross.
 * @param failing how many flows a row stands for, where it fails, else 0
 */
export function sharedLocations(
  network: Network,
  routes: readonly Route[],
  failing: (flow: number) => number,
  faults: readonly SharedFault[],
): FaultLocation[] {
  const names = network.hops.map(({ id }) => nameOfHop(network, id));
  return faults.flatMap((shared): FaultLocation[] => {
    const pairs = new Set(shared.links.map(([from, to]) => `${from} ${to}`));
    const breaks = (from: number, to: number): boolean => {
      const [start = null, end = null] = [names[from], names[to]];
      return (
        pairs.has(`${start} ${end}`) ||
        (end !== null && pairs.has(`null ${end}`)) ||
        (start !== null && pairs.has(`${start} null`))
      );
    };
    const members: Member[] = [];
    const hops = new Set<number>();
    routes.forEach(({ crossings }, flow) => {
      for (const { from, to, weight, depth, beyond } of crossings) {
        if (!breaks(from, to)) continue;
        members.push({ flow, weight, depth, beyond, link: { from, to } });
        hops.add(shared.kind === "forwarder" ? from : to);
      }
    });
    const merged = mergeByFlow(members, routes.length);
    const met = merged.reduce((sum, { flow, weight }) => sum + weight * failing(flow), 0);
    if (met === 0) return [];
    const isExpected = shared.effect.kind === "dead" && met >= 1;
    const flowsKey = keyOfFlows(merged);
    const picked = isExpected ? EXPECTED : 0;
    return [
      { kind: shared.kind, members: merged, hops: [...hops], flowsKey, picked, shared, twins: [] },
    ];
  });
}
