import { flowsOf } from "./counts.ts";
import type { Route } from "./crossing.ts";
import type { Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { Hypothesis } from "./hypothesis.ts";
import { CROSSES, type Member } from "./member.ts";
import { type Network, TARGET } from "./network.ts";
import { certainDirection } from "./one-way-direction.ts";
import { entryOf, placeOf, visible } from "./place-of.ts";
import type { Scene } from "./scene.ts";
import { silentStretchAfter } from "./silent-stretch.ts";
import type { SuspectPlace } from "./suspect-place.ts";
import { behindReason, forwardReason, rowsOf, shown, tally } from "./suspect-reason.ts";
import { tellsWayBack } from "./way-back-address.ts";

/** Where a fault is held to be. One fault is one suspect. */
export interface Suspect extends SuspectPlace {
  /** Share of the packets there that die, 0 to 1. */
  readonly loss_ratio: number;
  /** Chance, 0 to 1, that this is right. */
  readonly confidence: number;
  /** One sentence with the numbers. */
  readonly reason: string;
  /** Other places that the evidence does not part from this one, the likeliest first. */
  readonly alternatives: readonly SuspectPlace[];
}

/** A location with an effect that explains the evidence nearly as well. */
export interface Rival {
  readonly location: FaultLocation;
  readonly effect: Effect;
}

/** How sure a hypothesis is, and what else it may be. */
export interface Confidence {
  /** Chance, 0 to 1, that the place told is right. */
  readonly chance: number;
  /** Whether it is told widely, several silent places behind one hop being as likely. */
  readonly wide: boolean;
  readonly rivals: readonly Rival[];
}

/** Flows of a location that show a fault of this kind: those likely to cross it, or else all that may. */
export function hitBy({ counts }: Scene, location: FaultLocation, dead: boolean): Member[] {
  const failing = location.members.filter(({ flow }) => {
    const { probes, failures } = counts[flow] ?? { probes: 0, failures: 0 };
    return failures > (dead ? probes / 2 : 0);
  });
  const likely = failing.filter(({ weight }) => weight > 0.2);
  return likely.length > 0 ? likely : failing;
}

/**
 * The place of a hypothesis, as a suspect shows it.
 * @param wide whether several silent places behind one hop are told as one
 */
export function describePlace(
  scene: Scene,
  location: FaultLocation,
  effect: Effect,
  wide = false,
): SuspectPlace {
  const { input } = scene;
  const hit = hitBy(scene, location, effect.kind === "dead");
  const known = certainDirection(hit.map(({ flow }) => input.flows[flow]?.one_way));
  if (location.shared !== undefined) {
    const { place } = location.shared;
    return { ...place, segment: known?.direction ?? place.segment };
  }
  if (!isBehind(scene, location, effect)) {
    return {
      ...placeOf(scene, location, effect, hit, wide),
      segment: known?.direction ?? "forward",
    };
  }
  const stretch = silentStretchAfter(scene, location, effect, hit);
  if (stretch !== undefined && known === undefined) {
    const name = input.routers?.[stretch] ?? stretch;
    return { from: stretch, to: null, segment: "forward", place: "beyond", name };
  }
  return placeOfBehind(scene, location, effect, hit, known?.direction);
}

/** What lies behind the last router, as a place. @param direction in which the destination has counted that packets get lost */
function placeOfBehind(
  { input, network, routes }: Scene,
  location: FaultLocation,
  effect: Effect,
  hit: readonly Member[],
  direction: Suspect["segment"] | undefined,
): SuspectPlace {
  const last = sharedRouter(network, routes, hit);
  return {
    from: last ?? input.target,
    to: last === null ? null : input.target,
    segment: direction ?? "return_or_endpoint",
    place: placeBehind(location, effect, last !== null, direction),
    name: input.target,
  };
}

/**
 * What a place behind the last router is called. Where the target itself has counted what got there, loss on the way there is on the last link,
 * if all of it comes by one.
 */
function placeBehind(
  { kind }: FaultLocation,
  { extent }: Effect,
  isOneLink: boolean,
  direction: Suspect["segment"] | undefined,
): SuspectPlace["place"] {
  if (direction === "return") return "return";
  if (direction === "forward" && isOneLink) return extent === "all" ? "link" : "bundle";
  return direction === "forward" || (kind === "behind" && extent === "all") ? "endpoint" : "return";
}

/** Whether it is told as what lies behind the last router: it does, or it is an address by which that router tells how answers go back. */
function isBehind(scene: Scene, location: FaultLocation, { extent }: Effect): boolean {
  return location.kind === "behind" || (extent === "all" && tellsWayBack(scene, location));
}

/** Whether a sweep of the flow got to where nothing but the destination follows. */
function endsAtLast({ network, routes }: Scene, flow: number): boolean {
  const end = routes[flow]?.end ?? null;
  return end !== null && network.leadsToTarget(end);
}

/** Describes a hypothesis as a suspect. */
export function describeHypothesis(
  scene: Scene,
  hypothesis: Hypothesis,
  { chance, wide, rivals }: Confidence,
): Suspect {
  const { input, counts } = scene;
  const { location, effect } = hypothesis;
  const place = describePlace(scene, location, effect, wide);
  const hit = hitBy(scene, location, effect.kind === "dead");
  const known = certainDirection(hit.map(({ flow }) => input.flows[flow]?.one_way));
  const evidence = tally(counts, hit) + shown(known);
  const alone = { ...location, twins: [] };
  const isAddress = location.kind !== "behind" && isBehind(scene, location, effect);
  const failing = flowsOf(rowsOf(counts, hit));
  // Flows that may cross it or not count where they fail, and so where they are all that do.
  const others = location.members.filter((member) => member.weight > 0.5 && !hit.includes(member));
  const crossing = failing + flowsOf(rowsOf(counts, others));
  const isAtEnd = place.place === "return" || place.place === "endpoint";
  const sure = hit.filter(({ flow, weight }) =>
    isAtEnd ? endsAtLast(scene, flow) : weight > CROSSES,
  );
  const shows = { failing, known: flowsOf(rowsOf(counts, sure)) };
  const reason = isAtEnd
    ? behindReason(hypothesis, place, shows, flowsOf(counts))
    : forwardReason(hypothesis, place, shows, crossing);
  return {
    ...place,
    loss_ratio: Number((hypothesis.share * hypothesis.loss).toFixed(4)),
    confidence: Number((chance * (location.shared?.confidence ?? 1)).toFixed(3)),
    reason: `${reason}; ${evidence}.`,
    // Each by itself, the one that is told widely as well.
    alternatives: distinctPlaces(place, [
      ...(location.shared?.alternatives ?? []),
      ...routerOrLink(scene, location, place, hit),
      ...linkOnwards(scene, location, effect),
      ...(known === undefined ? otherEnd(location, place) : []),
      ...(place.place === "beyond" && location.kind === "behind"
        ? [placeOfBehind(scene, location, effect, hit, known?.direction)]
        : []),
      ...(isAddress
        ? [{ ...placeOf(scene, location, effect, hit, false), segment: "forward" as const }]
        : []),
      ...[...[alone, ...location.twins].map((each) => ({ location: each, effect })), ...rivals].map(
        (rival) => describePlace(scene, rival.location, rival.effect),
      ),
    ]),
  };
}

/**
 * Behind the last router the way back and the endpoint look alike: one server of several behind an address gets a share of the flows, as one way back
 * does. Where routers on the way there have gone silent as well it is the way back that explains it.
 */
function otherEnd({ kind, picked }: FaultLocation, place: SuspectPlace): SuspectPlace[] {
  if (kind !== "behind" || picked > 0) return [];
  if (place.place === "return") return [{ ...place, place: "endpoint" }];
  return place.place === "endpoint" ? [{ ...place, place: "return" }] : [];
}

/**
 * A router that failing flows are known to meet, or to leave, by one link only may as well be that link, and a link that stands for several
 * addresses of one router may be that router.
 */
function routerOrLink(
  { input, network }: Scene,
  { kind, hops }: FaultLocation,
  place: SuspectPlace,
  hit: readonly Member[],
): SuspectPlace[] {
  const { from, to } = place;
  if (from === null || to === null) return [];
  if (place.place === "link" && kind === "aliases") return [{ ...place, place: "router" }];
  const links = hit.flatMap(({ link, weight }) =>
    link !== null && weight > CROSSES ? [visible(network, link, false)] : [],
  );
  const own = hops.map((id) => network.hops[id]?.address);
  const isStart = (address: string | null): boolean =>
    address === from || (own.includes(from) && own.includes(address));
  const isOne = links.length > 0 && links.every((link) => isStart(link.from) && link.to === to);
  if (place.place !== "router" || !isOne) return [];
  return [{ ...place, place: "link", name: input.routers?.[to] ?? to }];
}

/** Where a router is held to drop what comes in by one of the links into it: that router, and the link on from the address that it has there, if there is one. */
function linkOnwards(scene: Scene, location: FaultLocation, effect: Effect): SuspectPlace[] {
  const { input, network } = scene;
  const entry = entryOf(scene, location, effect);
  const [link] = location.members.flatMap((member) => member.link ?? []);
  if (entry === null || link === undefined) return [];
  const called = (address: string): string => input.routers?.[address] ?? address;
  if (location.kind === "entry")
    return [{ ...entry, segment: "forward", place: "router", name: called(entry.to) }];
  const to = network.hops[link.to]?.address ?? input.target;
  const shown = { from: entry.to, to, segment: "forward" } as const;
  return [
    { ...shown, place: "router", name: called(entry.to) },
    { ...shown, place: "link", name: called(to) },
  ];
}

/** Most alternatives that are told. */
const MOST_ALTERNATIVES = 8;

/** Places each once and without the first, as many as are told. */
export function distinctPlaces(
  first: SuspectPlace,
  places: readonly SuspectPlace[],
): SuspectPlace[] {
  const keyOf = ({ from, to, segment, place, name }: SuspectPlace): string =>
    [from, to, segment, place, name].join(" ");
  const byKey = new Map(places.map((place) => [keyOf(place), place]));
  byKey.delete(keyOf(first));
  return [...byKey.values()].slice(0, MOST_ALTERNATIVES);
}

function sharedRouter(
  network: Network,
  routes: readonly Route[],
  hit: readonly Member[],
): string | null {
  const routers = new Set(
    hit.map(({ flow }) => routes[flow]?.lastRouter).filter((id) => id != null),
  );
  const [only] = routers;
  return routers.size === 1 && only !== undefined && only !== TARGET
    ? (network.hops[only]?.address ?? null)
    : null;
}
