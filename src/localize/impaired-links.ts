import type { Counts } from "./counts.ts";
import { isDeadPlace, isLossyPlace } from "./impaired.ts";
import { logChoose } from "./log-choose.ts";
import type { Member } from "./member.ts";
import { pushTo } from "./multimap.ts";
import { TARGET } from "./network.ts";

/** Links of which every flow suffers and that hang together. */
export interface ImpairedLinks {
  readonly members: readonly Member[];
  /** The hops that they lead to, or, where that is the destination alone, those that they leave. */
  readonly hops: readonly number[];
  /** The hops that they leave. */
  readonly from: readonly number[];
  /** Nats: the logarithm of the ways to pick such ends among all that flows take there. */
  readonly picked: number;
}

interface ImpairedLink {
  readonly from: number;
  readonly to: number;
  readonly members: readonly Member[];
}

/**
 * Where a router answers with whichever of its addresses it likes, one link or router shows as many pairs of addresses. Of
 * what is broken every flow suffers on all of them, and they share an end on one side or the other: such pairs are put together,
 * at whatever distance from the source they are.
 */
export function impairedLinks(
  links: ReadonlyMap<string, readonly Member[]>,
  counts: readonly Counts[],
): ImpairedLinks[] {
  const after = new Map<number, Set<number>>();
  const before = new Map<number, Set<number>>();
  const all: ImpairedLink[] = [];
  for (const members of links.values()) {
    const link = members[0]?.link;
    if (!link) continue;
    after.set(link.from, (after.get(link.from) ?? new Set()).add(link.to));
    before.set(link.to, (before.get(link.to) ?? new Set()).add(link.from));
    all.push({ ...link, members });
  }
  const groups: ImpairedLinks[] = [];
  for (const isImpaired of [isDeadPlace, isLossyPlace]) {
    for (const group of joined(all.filter(({ members }) => isImpaired(members, counts)))) {
      if (group.length < 2) continue;
      const from = new Set(group.map((link) => link.from));
      const to = new Set(group.map((link) => link.to));
      const hops = [...to].filter((id) => id !== TARGET);
      groups.push({
        members: group.flatMap(({ members }) => members),
        hops: hops.length > 0 ? hops : [...from],
        from: [...from],
        picked: ways(from, after, to.size) + ways(to, before, from.size),
      });
    }
  }
  return groups;
}

/** The logarithm of the ways to choose so many of all ends that links of these hops have. */
function ways(
  ids: ReadonlySet<number>,
  ends: ReadonlyMap<number, ReadonlySet<number>>,
  chosen: number,
): number {
  const all = new Set([...ids].flatMap((id) => [...(ends.get(id) ?? [])]));
  return logChoose(all.size, chosen);
}

/** Links that share an end on the same side, or are joined by others that do. */
function joined(links: readonly ImpairedLink[]): ImpairedLink[][] {
  const byEnd = new Map<string, ImpairedLink[]>();
  for (const link of links) {
    pushTo(byEnd, `from ${link.from}`, link);
    pushTo(byEnd, `to ${link.to}`, link);
  }
  const groups: ImpairedLink[][] = [];
  const seen = new Set<ImpairedLink>();
  for (const first of links) {
    const group: ImpairedLink[] = [];
    const open = [first];
    for (let link = open.pop(); link !== undefined; link = open.pop()) {
      if (seen.has(link)) continue;
      seen.add(link);
      group.push(link);
      open.push(...(byEnd.get(`from ${link.from}`) ?? []), ...(byEnd.get(`to ${link.to}`) ?? []));
    }
    if (group.length > 0) groups.push(group);
  }
  return groups;
}
