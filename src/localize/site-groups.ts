import type { Counts } from "./counts.ts";
import { type Network, TARGET } from "./network.ts";
import type { Member } from "./sites.ts";

/** Silent places that may be one router: those with the same hop before, with the same hop after, or a chain of both. */
export function silentGroups(network: Network, places: readonly number[]): number[][] {
  const groups = new Map<string, number[]>();
  const ids = places.filter((id) => !network.answers(id));
  for (const id of ids) {
    pushTo(groups, `before ${network.hops[id]?.before}`, id);
    for (const after of network.next(id).keys()) {
      pushTo(groups, `after ${after}`, id);
    }
  }
  const groupsOf = new Map<number, number[][]>();
  for (const group of groups.values()) {
    for (const id of group) {
      pushTo(groupsOf, id, group);
    }
  }
  const joined: number[][] = [];
  const chained = new Set<number>();
  for (const id of ids) {
    const chain: number[] = [];
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (!chained.has(next)) {
        chained.add(next);
        chain.push(next);
        open.push(...(groupsOf.get(next) ?? []).flat().filter((other) => !chained.has(other)));
      }
    }
    joined.push(chain);
  }
  return [...groups.values(), ...joined].filter((group) => group.length > 1);
}

/**
 * Addresses that may belong to one router. A router answers with the address of the link on which the packet came, so
 * all of its addresses lead to the same next address.
 */
export function aliasGroups(network: Network, places: readonly number[]): number[][] {
  const before = new Map<number, number[]>();
  for (const id of places) {
    if (id > TARGET && network.answers(id)) {
      for (const next of network.next(id).keys()) {
        if (next !== TARGET && network.answers(next)) {
          pushTo(before, next, id);
        }
      }
    }
  }
  return [...before.values()].filter((group) => group.length > 1);
}

/**
 * Last routers of which every flow loses probes. Behind them no next hop tells which addresses are one router's, so
 * those that suffer together are tried together.
 * @param members all flows on links to the destination
 */
export function lastRouterGroup(members: readonly Member[], counts: readonly Counts[]): number[] {
  const bad = new Map<number, boolean>();
  for (const { flow, weight, link } of members) {
    if (link) {
      const suffers = weight < 0.5 || (counts[flow]?.failures ?? 0) > 0;
      bad.set(link.from, (bad.get(link.from) ?? true) && suffers);
    }
  }
  const group = [...bad].filter(([, suffers]) => suffers).map(([id]) => id);
  return group.length > 1 ? group : [];
}

/** Adds a value to the list under a key. */
export function pushTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) {
    list.push(value);
  } else {
    map.set(key, [value]);
  }
}
