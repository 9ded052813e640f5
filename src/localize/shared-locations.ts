import type { LocalizeCase } from "./case.ts";
import type { Route } from "./crossing.ts";
import { behindOf } from "./entries.ts";
import { type FaultLocation, keyOfFlows, mergeByFlow } from "./fault-location.ts";
import type { LocationKind, Member } from "./member.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";
import type { SharedFault } from "./shared-fault.ts";

/**
 * The name of a hop that is the same whatever target it leads to; null for the destination and what is not known.
 * @param routers names that stand for all addresses of a router, by address
 */
export function nameOfHop(
  network: Network,
  id: number,
  routers: Readonly<Record<string, string>> = {},
): string | null {
  if (id === SOURCE) return "source";
  if (id === TARGET) return null;
  const { address = null, before = null, after, ttls } = network.hops[id] ?? {};
  if (address !== null) return routers[address] ?? address;
  const behind = nameOfHop(network, before ?? SOURCE, routers);
  if (after === undefined) return `unknown behind ${behind}`;
  return `${ttls} silent behind ${behind} before ${nameOfHop(network, after, routers)}`;
}

/**
 * Nats by which a fault that kills whatever crosses it is cheaper where at least one failing flow of this target is likely
 * to cross it: it hits this target too, with a chance of about 0.95, unless the evidence speaks against it. Set by hand (2026-11).
 */
const EXPECTED = -3.5;

/** Kinds of places that go by the hop that a link leaves. */
const STARTS: readonly LocationKind[] = ["forwarder", "entry"];

/** Kinds of places that are all of a router, whatever address it is met at. */
const ROUTERS: readonly LocationKind[] = ["router", "aliases"];

/**
 * The places of shared faults on the ways of one target's flows; none for those that no failing flow may cross. A flow that answered
 * last before a fault began does not clear it.
 */
export function sharedLocations(
  network: Network,
  routes: readonly Route[],
  { flows, routers, whole }: LocalizeCase,
  faults: readonly SharedFault[],
): FaultLocation[] {
  // Together the targets may have shown more than this one of which addresses stand for a router.
  const names = network.hops.map(({ id }) => [
    ...new Set([nameOfHop(network, id, whole), nameOfHop(network, id, routers)]),
  ]);
  return faults.flatMap((shared): FaultLocation[] => {
    const pairs = new Set(shared.links.map(([from, to]) => `${from} ${to}`));
    const breaks = (from: number, to: number): boolean => {
      const [starts = [], ends = []] = [names[from], names[to]];
      return starts.some((start) =>
        ends.some(
          (end) =>
            pairs.has(`${start} ${end}`) ||
            (end !== null && pairs.has(`null ${end}`)) ||
            (start !== null && pairs.has(`${start} null`)),
        ),
      );
    };
    const members: Member[] = [];
    const hops = new Set<number>();
    // A router may have addresses that nobody has seen, as far away as the others.
    const depths = new Set<number>();
    for (const { crossings } of ROUTERS.includes(shared.kind) ? routes : []) {
      for (const { from, to, depth } of crossings) if (breaks(from, to)) depths.add(depth);
    }
    routes.forEach(({ crossings }, flow) => {
      const { failures = 0, probed_at: probedAt = shared.since } = flows[flow] ?? {};
      if (failures === 0 && shared.since !== undefined && (probedAt ?? 0) < shared.since) return;
      for (const crossing of crossings) {
        const { from, to, weight, depth, beyond } = crossing;
        if (!breaks(from, to) && !(network.isUnknown(to) && depths.has(depth))) continue;
        const behind = shared.kind === "entry" ? behindOf(crossings, crossing) : undefined;
        members.push({ flow, weight, depth, beyond, ...behind, link: { from, to } });
        hops.add(STARTS.includes(shared.kind) ? from : to);
      }
    });
    const merged = mergeByFlow(members, routes.length);
    const met = merged.reduce((sum, { flow, weight }) => {
      const { failures = 0, alike = 1 } = flows[flow] ?? {};
      return sum + (failures > 0 ? weight * alike : 0);
    }, 0);
    if (met === 0) return [];
    const isExpected = shared.effect.kind === "dead" && met >= 1;
    const flowsKey = keyOfFlows(merged);
    const picked = isExpected ? EXPECTED : 0;
    return [
      { kind: shared.kind, members: merged, hops: [...hops], flowsKey, picked, shared, twins: [] },
    ];
  });
}
