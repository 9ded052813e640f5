import type { LocalizeCase } from "./case.ts";
import type { Counts } from "./counts.ts";
import type { Route } from "./crossing.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";
import { aliasGroups, lastRouterGroup, pushTo, silentGroups } from "./site-groups.ts";

/** Kinds of places that can be at fault. */
export type SiteKind =
  | "link"
  /** All links into a hop. */
  | "router"
  /** All links out of a hop: it answers, then drops. */
  | "forwarder"
  /** Silent places. */
  | "silent"
  /** Several addresses that may be one router. */
  | "aliases"
  /** Something unknown behind a hop. */
  | "beyond"
  /** Behind the last router: host, balancer, way back. */
  | "behind";

/** One flow that passes, or may pass, a site. */
export interface Member {
  readonly flow: number;
  readonly weight: number;
  readonly depth: number;
  readonly short: number | null;
  /** The link that the flow takes there; null behind the last router. */
  readonly link: SiteLink | null;
}

/** A link as two places. */
export interface SiteLink {
  readonly from: number;
  readonly to: number;
}

/** A place that can be at fault, and all the flows that would notice. */
export interface Site {
  readonly kind: SiteKind;
  readonly members: readonly Member[];
  /** The same for all sites that the same flows cross. */
  readonly flowsKey: string;
  /** Nats to pay for having picked its parts by their failures. */
  readonly picked: number;
}

/** Weights are capped below 1: a path may have moved unnoticed. */
const MOST_CERTAIN = 1 - 2e-5;
/** Nats for each further address that is taken for the same last router because its flows fail as well. */
const PICKED = 3;

/** Flows looked at between two pauses, about a millisecond's work. */
const STEP = 200;

/** A place before it is known whether another one is the same. */
interface Proposal {
  readonly kind: SiteKind;
  readonly members: readonly Member[];
  readonly picked?: number;
}

/**
 * All places that could explain the failures of the flows, simple ones first; of those that nothing tells apart, only
 * the first. Pauses every now and then.
 */
export function* findSites(
  input: LocalizeCase,
  network: Network,
  routes: readonly Route[],
  counts: readonly Counts[],
): Generator<undefined, Site[]> {
  const sites: Site[] = [];
  const known = new Set<string>();
  let work = 0;
  const crossed = layCrossings(routes);
  yield;
  for (const { kind, members, picked = 0 } of proposals(input, network, crossed, routes, counts)) {
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
    const key = `${own} ${flowsKey} ${merged.map(({ short }) => short).join(" ")}`;
    if (!known.has(key)) {
      known.add(key);
      sites.push({ kind, members: merged, flowsKey, picked });
    }
  }
  return sites;
}

/** What the routes cross, by link, by the place that a link leads to, and by the one that it leaves. */
interface Crossed {
  readonly links: ReadonlyMap<string, Member[]>;
  readonly into: ReadonlyMap<number, Member[]>;
  readonly outOf: ReadonlyMap<number, Member[]>;
}

function layCrossings(routes: readonly Route[]): Crossed {
  const links = new Map<string, Member[]>();
  const into = new Map<number, Member[]>();
  const outOf = new Map<number, Member[]>();
  routes.forEach(({ crossings }, flow) => {
    for (const { from, to, weight, depth, short } of crossings) {
      const member = { flow, weight, depth, short, link: { from, to } };
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
  { links, into, outOf }: Crossed,
  routes: readonly Route[],
  counts: readonly Counts[],
): Generator<Proposal, void> {
  const all = (ids: readonly number[], side: ReadonlyMap<number, Member[]>): Member[] =>
    ids.flatMap((id) => side.get(id) ?? []);

  for (const members of links.values()) {
    const { from = SOURCE, to = SOURCE } = members[0]?.link ?? {};
    yield { kind: network.answers(from) && network.answers(to) ? "link" : "silent", members };
  }
  for (const [id, members] of into) {
    if (id !== TARGET && network.answers(id)) {
      yield { kind: "router", members };
    }
  }
  for (const [id, members] of outOf) {
    if (id !== SOURCE && network.answers(id)) {
      yield { kind: "forwarder", members };
    }
  }
  for (const group of silentGroups(network, [...into.keys()])) {
    yield { kind: "silent", members: all(group, into) };
  }
  for (const group of aliasGroups(network, [...into.keys()])) {
    yield { kind: "aliases", members: all(group, into) };
    yield { kind: "aliases", members: all(group, outOf) };
  }
  const last = lastRouterGroup(into.get(TARGET) ?? [], counts);
  const picked = PICKED * Math.max(0, last.length - 1);
  yield {
    kind: "aliases",
    members: (into.get(TARGET) ?? []).filter(({ link }) => link && last.includes(link.from)),
    picked,
  };
  yield { kind: "aliases", members: all(last, into), picked };
  for (const [id, members] of outOf) {
    if (id !== SOURCE && network.answers(id)) {
      yield { kind: "beyond", members };
    }
  }
  const members = input.flows.map((_, flow) => ({
    flow,
    weight: 1,
    depth: Number.MAX_SAFE_INTEGER,
    short: routes[flow]?.shortOfEnd ?? null,
    link: null,
  }));
  yield { kind: "behind", members };
}

/** A flow that may pass a site on several links passes it with the sum of the chances. */
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
