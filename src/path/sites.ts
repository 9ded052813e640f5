import type { LocalizeCase } from "./case.ts";
import type { Counts } from "./counts.ts";
import type { Route } from "./crossing.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";

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

/**
 * All places that could explain the failures of the flows, simple ones first; of those that nothing tells
 * apart, only the first.
 */
export function findSites(
  input: LocalizeCase,
  network: Network,
  routes: readonly Route[],
  counts: readonly Counts[],
): Site[] {
  const links = new Map<string, Member[]>();
  const into = new Map<number, Member[]>();
  const outOf = new Map<number, Member[]>();
  routes.forEach(({ crossings }, flow) => {
    for (const { from, to, weight, depth, short } of crossings) {
      const member = { flow, weight, depth, short, link: { from, to } };
      push(links, `${from} ${to}`, member);
      push(into, to, member);
      push(outOf, from, member);
    }
  });
  const sites: Site[] = [];
  const known = new Set<string>();
  const add = (kind: SiteKind, members: readonly Member[], picked = 0): void => {
    if (!members.some(({ flow }) => (counts[flow]?.failures ?? 0) > 0)) {
      return;
    }
    const merged = mergeByFlow(members);
    const flowsKey = merged
      .map(({ flow, weight }) => `${flow}:${Math.round(100 * weight)}`)
      .join(" ");
    const own = kind === "beyond" || kind === "behind" ? kind : "";
    const key = `${own} ${flowsKey} ${merged.map(({ short }) => short).join(" ")}`;
    if (!known.has(key)) {
      known.add(key);
      sites.push({ kind, members: merged, flowsKey, picked });
    }
  };

  for (const [, members] of links) {
    const [first] = members;
    if (first?.link) {
      const silent = !network.answers(first.link.from) || !network.answers(first.link.to);
      add(silent ? "silent" : "link", members);
    }
  }
  for (const [id, members] of into) {
    if (id !== TARGET && network.answers(id)) {
      add("router", members);
    }
  }
  for (const [id, members] of outOf) {
    if (id !== SOURCE && network.answers(id)) {
      add("forwarder", members);
    }
  }
  for (const group of silentGroups(network, into)) {
    add(
      "silent",
      group.flatMap((id) => into.get(id) ?? []),
    );
  }
  for (const group of aliasGroups(network, into)) {
    add(
      "aliases",
      group.flatMap((id) => into.get(id) ?? []),
    );
    add(
      "aliases",
      group.flatMap((id) => outOf.get(id) ?? []),
    );
  }
  const last = lastRouterGroup(links, counts);
  const picked = PICKED * Math.max(0, last.length - 1);
  add("aliases", last.flat(), picked);
  add(
    "aliases",
    last.flatMap(([any]) => into.get(any?.link?.from ?? TARGET) ?? []),
    picked,
  );
  for (const [id, members] of outOf) {
    if (id !== SOURCE && network.answers(id)) {
      add("beyond", members);
    }
  }
  add(
    "behind",
    input.flows.map((_, flow) => ({
      flow,
      weight: 1,
      depth: Number.MAX_SAFE_INTEGER,
      short: routes[flow]?.shortOfEnd ?? null,
      link: null,
    })),
  );
  return sites;
}

/** A flow that may pass a site on several links passes it with the sum of the chances. */
function mergeByFlow(members: readonly Member[]): Member[] {
  const byFlow = new Map<number, Member>();
  for (const member of members) {
    const other = byFlow.get(member.flow);
    const likelier = other && other.weight > member.weight ? other : member;
    const weight = Math.min(MOST_CERTAIN, member.weight + (other?.weight ?? 0));
    byFlow.set(member.flow, { ...likelier, weight });
  }
  return [...byFlow.values()].sort((a, b) => a.flow - b.flow);
}

/** Silent places that may be one router: those with the same hop before, with the same hop after, or a chain of both. */
function silentGroups(network: Network, into: ReadonlyMap<number, unknown>): number[][] {
  const groups = new Map<string, number[]>();
  const ids = [...into.keys()].filter((id) => !network.answers(id));
  for (const id of ids) {
    push(groups, `before ${network.hops[id]?.before}`, id);
    for (const after of network.next(id).keys()) {
      push(groups, `after ${after}`, id);
    }
  }
  const joined: number[][] = [];
  const chained = new Set<number>();
  for (const id of ids) {
    const chain: number[] = [];
    const open = chained.has(id) ? [] : [id];
    while (open.length > 0) {
      const next = open.pop();
      if (next === undefined || chained.has(next)) {
        continue;
      }
      chained.add(next);
      chain.push(next);
      open.push(...[...groups.values()].filter((group) => group.includes(next)).flat());
    }
    joined.push(chain);
  }
  return [...groups.values(), ...joined].filter((group) => group.length > 1);
}

/**
 * Addresses that may belong to one router. A router answers with the address of the link on which the packet came, so
 * all of its addresses lead to the same next address.
 */
function aliasGroups(network: Network, into: ReadonlyMap<number, unknown>): number[][] {
  const before = new Map<number, number[]>();
  for (const { id } of network.hops) {
    if (id > TARGET && network.answers(id) && into.has(id)) {
      for (const next of network.next(id).keys()) {
        if (next !== TARGET && network.answers(next)) {
          push(before, next, id);
        }
      }
    }
  }
  return [...before.values()].filter((group) => group.length > 1);
}

/**
 * Links to the destination of which every flow loses probes. Behind the last router no next hop tells which addresses
 * are one router's, so those that suffer together are tried together.
 */
function lastRouterGroup(
  links: ReadonlyMap<string, readonly Member[]>,
  counts: readonly Counts[],
): (readonly Member[])[] {
  const group = [...links.values()].filter(
    (members) =>
      members[0]?.link?.to === TARGET &&
      members.every(({ flow, weight }) => weight < 0.5 || (counts[flow]?.failures ?? 0) > 0),
  );
  return group.length > 1 ? group : [];
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) {
    list.push(value);
  } else {
    map.set(key, [value]);
  }
}
