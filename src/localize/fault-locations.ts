import type { LocalizeCase } from "./case.ts";
import type { Counts } from "./counts.ts";
import type { Route } from "./crossing.ts";
import { BEHIND } from "./likelihood.ts";
import { pickGroups, routerGroups, silentGroups } from "./location-groups.ts";
import type { Crossed, LocationKind, Member } from "./member.ts";
import { pushTo } from "./multimap.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";

/** A place that can be at fault, and all the flows that would notice. */
export interface FaultLocation {
  readonly kind: LocationKind;
  readonly members: readonly Member[];
  /** The hops that it is: of a link the far end, of a router its addresses, of silence the hop before; none behind the last router. */
  readonly hops: readonly number[];
  /** The same for all locations that the same flows cross. */
  readonly flowsKey: string;
  /** Nats to pay for having picked its parts by their failures. */
  readonly picked: number;
}

/** Weights are capped below 1: a path may have moved unnoticed. */
const MOST_CERTAIN = 1 - 2e-5;
/** Flows looked at between two pauses, about a millisecond's work. */
const STEP = 200;

/** A place before it is known whether another one is the same. */
interface Proposal {
  readonly kind: LocationKind;
  readonly members: readonly Member[];
  readonly hops: readonly number[];
  readonly picked?: number;
}

/**
 * All places that could explain the failures of the flows, simple ones first; of those that nothing tells apart, only
 * the first. Pauses every now and then.
 */
export function* findLocations(
  input: LocalizeCase,
  network: Network,
  routes: readonly Route[],
  counts: readonly Counts[],
): Generator<undefined, FaultLocation[]> {
  const locations: FaultLocation[] = [];
  const known = new Set<string>();
  let work = 0;
  const crossed = layCrossings(routes);
  yield;
  for (const proposal of proposals(input, network, crossed, routes, counts)) {
    const { kind, members, hops, picked = 0 } = proposal;
    work += members.length;
    if (work > STEP) {
      work = 0;
      yield;
    }
    if (!members.some(({ flow }) => (counts[flow]?.failures ?? 0) > 0)) {
      continue;
    }
    const merged = mergeByFlow(members, routes.length);
    const flowsKey = merged
      .map(({ flow, weight }) => `${flow}:${Math.round(100 * weight)}`)
      .join(" ");
    const own = kind === "beyond" || kind === "behind" ? kind : "";
    const swept = merged.map(({ beyond }) => `${beyond?.answered}/${beyond?.missing}`);
    const key = `${own} ${flowsKey} ${swept.join(" ")}`;
    if (!known.has(key)) {
      known.add(key);
      locations.push({ kind, members: merged, hops, flowsKey, picked });
    }
  }
  return locations;
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

function* proposals(
  input: LocalizeCase,
  network: Network,
  crossed: Crossed,
  routes: readonly Route[],
  counts: readonly Counts[],
): Generator<Proposal, void> {
  const { links, into, outOf } = crossed;
  const all = (ids: readonly number[], side: ReadonlyMap<number, readonly Member[]>): Member[] =>
    ids.flatMap((id) => side.get(id) ?? []);

  for (const members of links.values()) {
    const { from = SOURCE, to = SOURCE } = members[0]?.link ?? {};
    const kind = network.answers(from) && network.answers(to) ? "link" : "silent";
    yield { kind, members, hops: [to] };
  }
  for (const [id, members] of into) {
    if (id !== TARGET && network.answers(id)) {
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
  for (const { hops, known } of routerGroups(network, input.routers ?? {})) {
    yield { kind: known ? "router" : "aliases", members: all(hops, into), hops };
    yield { kind: known ? "forwarder" : "aliases", members: all(hops, outOf), hops };
  }
  for (const { hops, links: chosen, picked } of pickGroups(
    network,
    crossed,
    counts,
    input.routers ?? {},
  )) {
    if (chosen) {
      yield { kind: "aliases", members: chosen, hops, picked };
    } else {
      yield { kind: "aliases", members: all(hops, into), hops, picked };
      yield { kind: "aliases", members: all(hops, outOf), hops, picked };
    }
  }
  for (const [id, members] of outOf) {
    if (id !== SOURCE && network.answers(id)) {
      yield { kind: "beyond", members, hops: [id] };
    }
  }
  const members = input.flows.map((_, flow) => ({
    flow,
    weight: 1,
    depth: BEHIND,
    beyond: routes[flow]?.beyondLast ?? null,
    link: null,
  }));
  yield { kind: "behind", members, hops: [] };
}

/** A flow that may pass a location on several links passes it with the sum of the chances. */
function mergeByFlow(members: readonly Member[], flows: number): Member[] {
  const byFlow = new Array<Member | undefined>(flows);
  for (const member of members) {
    const other = byFlow[member.flow];
    const likelier = other && other.weight > member.weight ? other : member;
    const weight = Math.min(MOST_CERTAIN, member.weight + (other?.weight ?? 0));
    byFlow[member.flow] = weight === likelier.weight ? likelier : { ...likelier, weight };
  }
  return byFlow.filter((member) => member !== undefined);
}
