import { type LocationKind, linksOf, type Member } from "./member.ts";
import type { SharedFault } from "./shared-fault.ts";

/** A place that can be at fault, and all the flows that would notice. */
export interface FaultLocation {
  readonly kind: LocationKind;
  readonly members: readonly Member[];
  /** The hops that it is: of a link the far end, of a router its addresses, of silence the hop before; none behind the last router. */
  readonly hops: readonly number[];
  /** The same for all locations that the same flows cross. */
  readonly flowsKey: string;
  /** Other places that exactly the same flows cross and that their sweeps do not part from this one. */
  readonly twins: readonly FaultLocation[];
  /** Nats to pay for having picked its parts by their failures. */
  readonly picked: number;
  /** It is one link, though shown as several: of the router before it several addresses are met. */
  readonly isLink?: boolean;
  /** The fault that other targets have shown here, where there is one. */
  readonly shared?: SharedFault;
}

/**
 * Of the places that the evidence does not part from this one those that stand beside it: a flow crosses one of them or another, never
 * two, as with next hops of a router of which flows that were never traced take any. A router and the one link to it are one place.
 */
export function besides(location: FaultLocation): readonly FaultLocation[] {
  const byLinks = new Map<string, FaultLocation>();
  for (const twin of location.twins) {
    // What drops what comes by a link is on the same way as the link on from it.
    if (location.kind === "entry" || twin.kind === "entry" || !isBeside(location, twin)) continue;
    const links = new Set(
      twin.members.flatMap((member) => linksOf(member).map(({ from, to }) => `${from} ${to}`)),
    );
    const key = [...links].sort().join();
    if (!byLinks.has(key)) byLinks.set(key, twin);
  }
  return [...byLinks.values()];
}

/** The one hop that flows come from at a place and at those beside it; null where there are several, or nothing stands beside it. */
export function forkOf(location: FaultLocation): number | null {
  const beside = besides(location);
  if (beside.length === 0) return null;
  const [only, ...more] = new Set(
    [location, ...beside]
      .flatMap(({ members }) => members.flatMap(linksOf))
      .map(({ from }) => from),
  );
  return more.length === 0 ? (only ?? null) : null;
}

function isBeside({ members }: FaultLocation, twin: FaultLocation): boolean {
  return members.every((member, at) => {
    const other = twin.members[at];
    if (other?.depth !== member.depth) return false;
    const links = linksOf(other);
    return linksOf(member).every(
      (one) => !links.some(({ from, to }) => from === one.from && to === one.to),
    );
  });
}

/** Weights are capped below 1: a path may have moved unnoticed. */
const MOST_CERTAIN = 1 - 2e-5;
/** The same for all locations that the same flows cross. */
export function keyOfFlows(members: readonly Member[]): string {
  return members.map(({ flow, weight }) => `${flow}:${Math.round(100 * weight)}`).join(" ");
}

/** A flow that may pass a location on several links passes it with the sum of the chances. */
export function mergeByFlow(members: readonly Member[], flows: number): Member[] {
  const byFlow = new Array<Member | undefined>(flows);
  for (const member of members) {
    const other = byFlow[member.flow];
    const likelier = other && other.weight > member.weight ? other : member;
    const weight = Math.min(MOST_CERTAIN, member.weight + (other?.weight ?? 0));
    const others = other === undefined ? undefined : [...linksOf(other), ...linksOf(member)];
    byFlow[member.flow] =
      weight === likelier.weight ? likelier : { ...likelier, weight, ...(others && { others }) };
  }
  return byFlow.filter((member) => member !== undefined);
}
