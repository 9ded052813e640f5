import type { Counts } from "./counts.ts";
import { isDeadPlace, isLossyPlace } from "./impaired.ts";
import type { Kinship } from "./kinship.ts";
import { logChoose } from "./log-choose.ts";
import { CROSSES, type Crossed, type Member } from "./member.ts";
import { pushTo } from "./multimap.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";

/** Silent hops that may be one router: those with the same hop before, with the same hop after, or a chain of both. */
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

/** Addresses that are, or may be, one router. */
export interface RouterGroup {
  readonly hops: readonly number[];
  /** Whether somebody says so; else they only share what comes next. */
  readonly known: boolean;
}

/**
 * Addresses that belong to one router: because somebody says so, or because a router that answers with the address of
 * the link on which the packet came leads from all of its addresses to the same next address. Such addresses never
 * have a hop before them in common, because one link leads to one router; where they have, nothing is concluded.
 */
export function routerGroups(
  network: Network,
  routers: Readonly<Record<string, string>>,
  kinship: Kinship,
): RouterGroup[] {
  const byName = new Map<string, number[]>();
  for (const { id, address } of network.hops) {
    if (id !== TARGET && address !== null && routers[address] !== undefined) {
      pushTo(byName, routers[address], id);
    }
  }
  const clusterOf = new Map<number, readonly number[]>();
  const guessed = new Map<string, readonly number[]>();
  for (const group of kinship.sharingNext()) {
    guessed.set(group.join(" "), group);
    const [first = SOURCE, ...others] = group;
    for (const id of others) {
      const mine = clusterOf.get(first) ?? [first];
      const theirs = clusterOf.get(id) ?? [id];
      if (mine !== theirs && !mine.some((one) => theirs.some((two) => kinship.apart(one, two)))) {
        const both = [...mine, ...theirs];
        for (const each of both) {
          clusterOf.set(each, both);
        }
      }
    }
  }
  for (const cluster of new Set(clusterOf.values())) {
    const sorted = [...cluster].sort((a, b) => a - b);
    guessed.set(sorted.join(" "), sorted);
  }
  return [
    ...[...byName.values()]
      .filter((hops) => hops.length > 1)
      .map((hops) => ({ hops, known: true })),
    ...[...guessed.values()].map((hops) => ({ hops, known: false })),
  ];
}

/** Addresses picked because all flows across them suffer. */
export interface PickedGroup {
  readonly hops: readonly number[];
  /** The links to them from one hop, where only these are meant. */
  readonly links: readonly Member[] | null;
  /** Nats: the logarithm of the ways to pick so many. */
  readonly picked: number;
}

/**
 * Nats, set by hand (2026-11), for taking addresses behind one hop for one router: routers that answer with the address by which the
 * answer leaves do that, as Linux does unless told otherwise, but mostly several addresses behind one hop are several routers. Two that
 * fail at once are two faults still, three are likelier one router.
 */
export const SIBLINGS = 8;
/** Nats for each further address behind one hop that is taken for the same router's, once one of them is picked. */
const EACH_SIBLING = 0.7;

/** Nats for having picked so many of all addresses as one router's that answers with any of them. */
export function pickedSiblings(all: number, chosen: number): number {
  const oneByOne = logChoose(all, chosen);
  return SIBLINGS + Math.min(oneByOne, Math.log(all) + EACH_SIBLING * (chosen - 1));
}

/**
 * Picks, where topology does not tell which addresses are one router's, those of which every flow suffers: of all
 * addresses at one depth, and of all next addresses of one hop.
 */
export function pickGroups(
  network: Network,
  { into, outOf }: Crossed,
  counts: readonly Counts[],
  kinship: Kinship,
): PickedGroup[] {
  const depths = new Map<number, number[]>();
  for (const [id, members] of into) {
    if (id !== TARGET && network.answers(id)) {
      for (const depth of new Set(members.map((member) => member.depth))) {
        pushTo(depths, depth, id);
      }
    }
  }
  const groups: PickedGroup[] = [];
  for (const ill of sufferers([into, outOf], counts)) {
    for (const all of depths.values()) {
      const hops = metOnce(
        into,
        counts,
        all.filter((id) => ill.has(id)),
      );
      const alone = hops.filter(
        (one) => !hops.some((two) => one !== two && kinship.apart(one, two)),
      );
      for (const group of [hops, alone]) {
        if (group.length < 2 || !mayBeRouter(kinship, group)) continue;
        if (group === hops || alone.length < hops.length) {
          const areSiblings = group === hops && alone.length < hops.length;
          const picked = areSiblings
            ? pickedSiblings(all.length, group.length)
            : logChoose(all.length, group.length);
          groups.push({ hops: group, links: null, picked });
        }
      }
    }
    for (const [id, members] of outOf) {
      const links = members.filter(({ link }) => link && ill.has(link.to) && link.to !== TARGET);
      const hops = [...new Set(links.map(({ link }) => link?.to ?? TARGET))];
      const all = new Set(members.map(({ link }) => link?.to)).size;
      if (
        network.answers(id) &&
        hops.length > 1 &&
        hops.length < all &&
        mayBeRouter(kinship, hops)
      ) {
        groups.push({ hops, links, picked: pickedSiblings(all, hops.length) });
      }
    }
  }
  return groups;
}

/** So large a part of the flows that meet any of several addresses may seem to meet two of them, as where ways change during a sweep. Set by hand (2026-11). */
const FEW_TWICE = 0.25;

/**
 * Those of some addresses of one depth that may be one router's by how they are met: a packet meets a router once, and where ways are of unlike length what comes behind
 * it stands at the same depth on others. What most of its flows meet behind another of them is left out; none is left where many flows still meet two.
 */
function metOnce(
  into: Crossed["into"],
  counts: readonly Counts[],
  ids: readonly number[],
): readonly number[] {
  const first = new Map<number, number>();
  const meeting = new Map(
    ids.map((id) => [id, (into.get(id) ?? []).filter(({ weight }) => weight > CROSSES)] as const),
  );
  for (const { flow, depth } of [...meeting.values()].flat()) {
    first.set(flow, Math.min(depth, first.get(flow) ?? depth));
  }
  const weigh = (flows: Iterable<number>): number => {
    let sum = 0;
    for (const flow of flows) sum += counts[flow]?.alike ?? 1;
    return sum;
  };
  const firstMet = ids.filter((id) => {
    const own = meeting.get(id) ?? [];
    const later = own.filter(({ flow, depth }) => depth > (first.get(flow) ?? depth));
    return 2 * weigh(later.map(({ flow }) => flow)) <= weigh(own.map(({ flow }) => flow));
  });
  const [met, twice] = [new Set<number>(), new Set<number>()];
  for (const { flow } of firstMet.flatMap((id) => meeting.get(id) ?? [])) {
    (met.has(flow) ? twice : met).add(flow);
  }
  return weigh(twice) <= FEW_TWICE * weigh(met) ? firstMet : [];
}

/** Whether addresses may be all that is met of one router. */
function mayBeRouter(kinship: Kinship, ids: readonly number[]): boolean {
  return !kinship.areSeveral(ids) && !kinship.arePart(ids);
}

/** Hops whose flows are all dead, and hops whose flows all lose about the same, be it on the way to them or behind them. */
function sufferers(
  sides: readonly ReadonlyMap<number, readonly Member[]>[],
  counts: readonly Counts[],
): Set<number>[] {
  return [isDeadPlace, isLossyPlace].map((isImpaired) => {
    const ids = sides.flatMap((side) =>
      [...side].flatMap(([id, members]) => (isImpaired(members, counts) ? [id] : [])),
    );
    return new Set(ids);
  });
}
