import { bundles } from "./bundles.ts";
import { allFailed, hasFailures } from "./counts.ts";
import type { Route } from "./crossing.ts";
import { entries } from "./entries.ts";
import { type FaultLocation, keyOfFlows, mergeByFlow } from "./fault-location.ts";
import { impairedLinks } from "./impaired-links.ts";
import { BEHIND } from "./likelihood.ts";
import { pickGroups, routerGroups, SIBLINGS, silentGroups } from "./location-groups.ts";
import { CROSSES, type Crossed, type LocationKind, type Member } from "./member.ts";
import { pushTo } from "./multimap.ts";
import { muteAhead, muteBetween } from "./mute-ahead.ts";
import { supposedMute } from "./mute-hops.ts";
import { SOURCE, TARGET } from "./network.ts";
import type { Scene } from "./scene.ts";
import { seldomHops } from "./seldom-hops.ts";

/** Flows looked at between two pauses, about a millisecond's work. */
const STEP = 200;

/**
 * Nats, set by hand (2026-11), for a link from one of several addresses that may be one router's: it would be crossed by what comes by the
 * others as well, and these work. What hits the flows of one of these addresses alone is the link that leads to it.
 */
const ONE_OF_SEVERAL = 5;
/** Nats, set by hand (2026-11), for one router behind several that lead nowhere else, but not behind others beside them. */
const CHAINED = 5;
/**
 * Nats, set by hand (2026-11), for a share of what goes on behind a hop where some of the flows of each of several links out of it, known by
 * hops that answer, are dead and others work: each of these links would lose a part by itself.
 */
const SEVERAL_PARTED = 5;
/** Nats by which a broken way back is cheaper where flows of several targets have shown one: mostly their answers go back the same ways. Set by hand (2026-11). */
const SHOWN_BACK = -5;
/** What it costs at least to suppose that routers' answers get lost as well. */
const LEAST_MUTE = 0.1;
/** Kinds that differ from others that the same flows cross by what a fault does there. */
const OWN: readonly LocationKind[] = ["bundle", "beyond", "behind"];

/** A place before it is known whether another one is the same. */
interface Proposal {
  readonly kind: LocationKind;
  readonly members: readonly Member[];
  readonly hops: readonly number[];
  readonly picked?: number;
  readonly isLink?: boolean;
}

/**
 * All places that could explain the failures of the flows, simple ones first; of those that nothing tells apart, only
 * the first. Pauses every now and then.
 */
export function* findLocations(scene: Scene): Generator<undefined, FaultLocation[]> {
  const { routes, counts } = scene;
  const locations: FaultLocation[] = [];
  const known = new Map<string, FaultLocation[]>();
  let work = 0;
  const crossed = layCrossings(routes);
  yield;
  for (const proposal of proposals(scene, crossed)) {
    const { kind, members, hops, picked = 0, isLink = false } = proposal;
    work += members.length;
    if (work > STEP) {
      work = 0;
      yield;
    }
    if (!members.some(({ flow }) => hasFailures(counts, flow))) {
      continue;
    }
    const merged = mergeByFlow(members, routes.length);
    const flowsKey = keyOfFlows(merged);
    const group = OWN.includes(kind) ? kind : "";
    const swept = merged.map(({ beyond }) => `${beyond?.answered}/${beyond?.missing}`);
    const key = `${group} ${flowsKey} ${swept.join(" ")}`;
    const location = { kind, members: merged, hops, flowsKey, picked, isLink };
    const twins = known.get(key);
    if (twins !== undefined) {
      twins.push({ ...location, twins: [] });
      continue;
    }
    const own: FaultLocation[] = [];
    known.set(key, own);
    locations.push({ ...location, twins: own });
  }
  return locations;
}

/**
 * Routers that one link leads on from, to a hop that answers with one address whatever link a packet comes in by, or which are
 * themselves such hops behind several links: what drops behind such a router is the router as well as that link, which has no name of its own
 * there. Of the two the router is told.
 */
function throughOnly({ input, network, kinship }: Scene, { into, outOf }: Crossed): number[] {
  return [...outOf.keys()].filter((id) => {
    const [next = TARGET, ...more] = network.next(id).keys();
    if (id === SOURCE || next === TARGET || more.length > 0) return false;
    if (!network.answers(id) || !network.answers(next)) return false;
    const before = new Set(into.get(id)?.map(({ link }) => link?.from));
    const isWhole = input.whole?.[network.hops[id]?.address ?? ""] !== undefined;
    return kinship.hasOneAddress(next) || (isWhole && before.size > 1);
  });
}

/** What it costs to suppose a share of the flows out of a hop, by how many of the links there are known to lose a part each. */
function partedCost({ network, counts }: Scene, members: readonly Member[]): number {
  const shown = new Map<number, { dead: boolean; working: boolean }>();
  for (const { flow, weight, link } of members) {
    if (link === null || weight < CROSSES || link.to === TARGET || !network.answers(link.to))
      continue;
    const row = counts[flow] ?? { failures: 0, probes: 0 };
    const at = shown.get(link.to) ?? { dead: false, working: false };
    at.dead ||= allFailed(row);
    at.working ||= row.failures === 0;
    shown.set(link.to, at);
  }
  const parted = [...shown.values()].filter(({ dead, working }) => dead && working);
  return parted.length > 1 ? SEVERAL_PARTED : 0;
}

function layCrossings(routes: readonly Route[]): Crossed {
  const links = new Map<string, Member[]>();
  const into = new Map<number, Member[]>();
  const outOf = new Map<number, Member[]>();
  routes.forEach(({ crossings }, flow) => {
    for (const { from, to, weight, depth, beyond } of crossings) {
      const member = { flow, weight, depth, beyond, link: { from, to } };
      pushTo(links, `${from} ${to}`, member);
      pushTo(into, to, member);
      pushTo(outOf, from, member);
    }
  });
  return { links, into, outOf };
}

function* proposals(scene: Scene, crossed: Crossed): Generator<Proposal, void> {
  const { input, network, routes, counts, kinship } = scene;
  const { links, into, outOf } = crossed;
  const all = (ids: readonly number[], side: ReadonlyMap<number, readonly Member[]>): Member[] =>
    ids.flatMap((id) => side.get(id) ?? []);

  const isFailing = (flow: number): boolean => hasFailures(counts, flow);
  const routerBefore = new Map(
    [...into.keys()].map((id) => [id, kinship.routerBefore(id)] as const),
  );
  for (const id of throughOnly(scene, crossed)) {
    yield { kind: "forwarder", members: all([id], outOf), hops: [id] };
  }
  const last: Proposal[] = [];
  for (const members of links.values()) {
    const { from = SOURCE, to = SOURCE } = members[0]?.link ?? {};
    const kind = network.answers(from) && network.answers(to) ? "link" : "silent";
    const picked = routerBefore.get(to)?.includes(from) === true ? ONE_OF_SEVERAL : 0;
    const proposal = { kind, members, hops: [to], picked } as const;
    if (to === TARGET && members.every(({ beyond }) => beyond === null)) last.push(proposal);
    else yield proposal;
  }
  for (const [id, members] of into) {
    if (id !== TARGET && network.answers(id)) {
      const before = routerBefore.get(id) ?? null;
      if (before?.every((each) => network.answers(each)))
        yield { kind: "aliases", members, hops: before, isLink: true };
      else if (before !== null) yield { kind: "silent", members: all(before, into), hops: before };
      yield { kind: "router", members, hops: [id] };
    }
  }
  for (const [id, members] of outOf) {
    if (id !== SOURCE && network.answers(id)) {
      yield { kind: "forwarder", members, hops: [id] };
    }
  }
  for (const group of silentGroups(network, [...into.keys()])) {
    yield { kind: "silent", members: all(group, into), hops: group };
  }
  const routers = routerGroups(network, input.routers ?? {}, kinship);
  for (const { hops, known } of routers) {
    yield { kind: known ? "router" : "aliases", members: all(hops, into), hops };
    yield { kind: known ? "forwarder" : "aliases", members: all(hops, outOf), hops };
  }
  // What the last router shows as several links, one for each address of its own, is one and crossed by all: without a sweep, what
  // leads to one of these addresses is likelier broken than what leads on from it.
  yield* last;
  for (const { hops, links: chosen, picked } of pickGroups(network, crossed, counts, kinship)) {
    if (chosen) {
      yield { kind: "aliases", members: chosen, hops, picked };
    } else {
      const several = kinship.areChained(hops) ? CHAINED : 0;
      yield { kind: "aliases", members: all(hops, into), hops, picked: picked + several };
      yield { kind: "aliases", members: all(hops, outOf), hops, picked: picked + several };
    }
  }
  for (const { members, hops, from, picked } of impairedLinks(links, counts)) {
    // Some of the links out of one address, to several routers, are no one place.
    if (kinship.areSeveral(hops) && (from.length < 2 || kinship.areSeveral(from))) continue;
    // What comes to a router by its other links works.
    if (kinship.arePart(hops) || kinship.arePart(from)) continue;
    yield { kind: "aliases", members, hops, picked: picked + SIBLINGS };
  }
  for (const [id, members] of outOf) {
    if (id !== SOURCE && network.answers(id)) {
      yield { kind: "beyond", members, hops: [id], picked: partedCost(scene, members) };
    }
  }
  yield* seldomHops(network, crossed, isFailing);
  for (const entry of entries(scene, routers)) yield { kind: "entry", ...entry };
  for (const proposal of bundles(network, crossed, isFailing))
    yield { kind: "bundle", ...proposal };
  const behind = input.flows.map((_, flow) => ({
    flow,
    weight: 1,
    depth: BEHIND,
    beyond: routes[flow]?.beyondLast ?? null,
    link: null,
  }));
  const shown = scene.isBackDead === true ? SHOWN_BACK : 0;
  yield { kind: "behind", members: behind, hops: [], picked: shown };
  for (const { hops, cost } of supposedMute(scene)) {
    const members = behind.map((member) => {
      const { flow, beyond } = member;
      const {
        unheard = [],
        ahead = [],
        crossings = [],
        end = null,
        heard = [],
      } = routes[flow] ?? {};
      const more =
        ahead.length > 0
          ? muteAhead(ahead, hops, scene.gap) + muteBetween(crossings, end, heard, hops, scene.gap)
          : unheard.filter((hop) => hops.has(hop)).length;
      return beyond === null
        ? member
        : { ...member, beyond: { ...beyond, missing: beyond.missing + more } };
    });
    yield { kind: "behind", members, hops: [], picked: Math.max(LEAST_MUTE, cost + shown) };
  }
}
