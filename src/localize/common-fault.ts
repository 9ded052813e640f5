import type { Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { LocationLink } from "./member.ts";
import { TARGET } from "./network.ts";
import type { Scene } from "./scene.ts";
import type { SharedFault } from "./shared-fault.ts";
import { nameOfHop } from "./shared-locations.ts";
import type { Found } from "./solve.ts";
import { describePlace, distinctPlaces, hitBy } from "./suspect.ts";
import type { SuspectPlace } from "./suspect-place.ts";
import { tellsWayBack } from "./way-back-address.ts";

/**
 * A fault found in the pooled flows, in terms that hold for each target; null for one that says nothing of the part of the
 * way which targets have in common: behind the last router, or some flows of what leads on to one target or another.
 */
export function sharedFault(
  scene: Scene,
  { hypothesis, chance, rivals }: Found,
): SharedFault | null {
  const { location, effect } = hypothesis;
  const { kind, hops } = location;
  const place = placeOfShared(scene, location, effect);
  if (place === null) return null;
  const all = linksAt(location);
  const ends = all.some(({ to }) => to === TARGET);
  const into = kind !== "link" && all.every(({ to }) => hops.includes(to));
  const outOf = ends || (kind !== "link" && all.every(({ from }) => hops.includes(from)));
  const named = all.map(({ from, to }): [string | null, string | null] => {
    const { whole } = scene.input;
    const start = nameOfHop(scene.network, from, whole);
    const end = nameOfHop(scene.network, to, whole);
    // What is unknown behind a hop here may be known there.
    if (scene.network.isUnknown(to)) return [start, null];
    return into ? [null, end] : outOf ? [start, null] : [start, end];
  });
  const distinct = new Map(named.map((pair) => [pair.join(" "), pair]));
  const since = sinceOf(scene, location, effect);
  const twins = location.twins.map((twin) => ({ location: twin, effect }));
  return {
    kind: ends ? "forwarder" : kind,
    effect,
    place,
    alternatives: distinctPlaces(
      place,
      [...twins, ...rivals].flatMap(
        (rival) => placeOfShared(scene, rival.location, rival.effect) ?? [],
      ),
    ),
    confidence: chance,
    ...(since !== undefined && { since }),
    links: [...distinct.values()],
  };
}

/** A location of the pooled flows as a place that holds for each target; null where it says nothing of what they have in common. */
function placeOfShared(scene: Scene, location: FaultLocation, effect: Effect): SuspectPlace | null {
  const { kind } = location;
  const links = linksAt(location);
  const ends = links.some(({ to }) => to === TARGET);
  if (kind === "behind" || kind === "beyond" || links.length === 0) return null;
  // How the answers of each go back is its own affair.
  if (effect.extent === "all" && tellsWayBack(scene, location)) return null;
  if (!ends) return describePlace(scene, location, effect);
  // What lies behind a router is several targets': it is the router that drops what it sends on.
  return effect.extent === "share" ? null : placeOfLast(scene, links);
}

/** When the first of the flows that a fault kills began to fail; undefined where it kills none, or the times are not known. */
function sinceOf(scene: Scene, location: FaultLocation, { kind }: Effect): number | undefined {
  if (kind !== "dead") return undefined;
  const times = hitBy(scene, location, true).flatMap(
    ({ flow }) => scene.input.flows[flow]?.failing_since ?? [],
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The links at a location, each once. */
function linksAt({ members }: FaultLocation): LocationLink[] {
  const links = members.flatMap(({ link }): [string, LocationLink][] =>
    link === null ? [] : [[`${link.from} ${link.to}`, link]],
  );
  return [...new Map(links).values()];
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
