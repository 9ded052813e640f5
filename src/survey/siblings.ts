import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { Reached } from "./alias-test.ts";

/** A flow and the addresses that answered it, by TTL from 1, the destination last; null for silence. */
export interface SurveyedWay {
  readonly flow: ProbedFlow;
  readonly hops: readonly (string | null)[];
}

/** Addresses that may be fewer routers'. */
export interface Siblings {
  /** By router, as far as it is known, else by address: the addresses met. */
  readonly routers: ReadonlyMap<string, readonly Reached[]>;
  /** A hop of another router on the way of each address, where one is known. */
  readonly witnessOf: (reached: Reached) => Reached | undefined;
}

/**
 * Groups of addresses of which it is not clear whether they are one router's: they follow on one hop at one TTL, and flows come to
 * half of them from several hops. A router that answers with the address by which a packet comes in shows one address behind one hop;
 * where it answers with the one by which its answer leaves, it shows several there, and each of them behind several hops. Where that is known
 * of one router, all addresses met at its TTL are a group too, the last.
 * @param routerOf the router that an address is known to belong to
 */
export function siblingsIn(
  ways: Iterable<SurveyedWay>,
  routerOf: (address: string) => string | undefined,
): Siblings[] {
  const groups = new Map<string, Map<string, Reached>>();
  const before = new Map<string, Set<string>>();
  const hopsOf = new Map<ProbedFlow, SurveyedWay["hops"]>();
  const called = (address: string): string => routerOf(address) ?? address;
  for (const { flow, hops } of ways) {
    hopsOf.set(flow, hops);
    for (const [index, address] of hops.slice(0, -1).entries()) {
      const previous = index === 0 ? "source" : (hops[index - 1] ?? null);
      if (address === null || previous === null || address === hops.at(-1)) continue;
      const place = `${index + 1} ${called(previous)}`;
      const group = groups.get(place) ?? new Map<string, Reached>();
      groups.set(place, group);
      if (!group.has(address)) group.set(address, { address, flow, ttl: index + 1 });
      const sources = before.get(address) ?? new Set<string>();
      before.set(address, sources.add(called(previous)));
    }
  }
  const witnessOf = ({ flow, ttl }: Reached): Reached | undefined => {
    const hops = hopsOf.get(flow) ?? [];
    const other = ttl > 1 ? ttl - 1 : ttl + 1;
    const address = other < hops.length ? hops[other - 1] : null;
    return typeof address === "string" ? { address, flow, ttl: other } : undefined;
  };
  const siblings: Siblings[] = [];
  const outgoing = new Set<number>();
  const byTtl = new Map<number, Map<string, Reached>>();
  for (const group of groups.values()) {
    const [ttl = 0] = [...group.values()].map((reached) => reached.ttl);
    byTtl.set(ttl, new Map([...(byTtl.get(ttl) ?? []), ...group]));
    const several = [...group.keys()].filter((address) => (before.get(address)?.size ?? 0) > 1);
    if (group.size < 2 || several.length < group.size / 2) continue;
    const routers = byRouter(group.values(), called);
    if (routers.size < group.size) outgoing.add(ttl);
    siblings.push({ routers, witnessOf });
  }
  const all = [...outgoing].map((ttl) => ({
    routers: byRouter(byTtl.get(ttl)?.values() ?? [], called),
    witnessOf,
  }));
  siblings.sort((a, b) => b.routers.size - a.routers.size);
  return [...siblings, ...all].filter(({ routers }) => routers.size > 1);
}

function byRouter(
  group: Iterable<Reached>,
  called: (address: string) => string,
): Map<string, Reached[]> {
  const routers = new Map<string, Reached[]>();
  for (const reached of group) {
    const router = called(reached.address);
    routers.set(router, [...(routers.get(router) ?? []), reached]);
  }
  return routers;
}
