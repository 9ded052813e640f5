import { isSharedAddress } from "../packet/shared-address.ts";
import type { HopAddress, LocalizeCase } from "./case.ts";
import { withMaskedHops } from "./masked-hops.ts";

/** Flows that must have met an address twice on their way: one alone may have had its path changed under the sweep. */
const LEAST_FLOWS = 2;

/**
 * Treats hops as silent whose address is nobody's in particular: several routers answer with it, so that neither the
 * address nor the links around it say where a packet was. That is so of the dummy addresses, of one that flows meet
 * at several TTLs of one path, and of the target's own address where it answers before the path ends (a translator).
 */
export function withoutSharedAddresses(input: LocalizeCase): LocalizeCase {
  const twice = new Map<string, number>();
  const shared = new Set<string>();
  for (const { path, seen } of input.flows) {
    for (const hops of [path ?? [], seen]) {
      const repeated = new Set<string>();
      hops.forEach((hop, at) => {
        if (hop === null) return;
        if (isSharedAddress(hop)) shared.add(hop);
        if (hop !== input.target && hops.indexOf(hop) < at) repeated.add(hop);
      });
      for (const hop of repeated) twice.set(hop, (twice.get(hop) ?? 0) + 1);
    }
  }
  for (const [hop, flows] of twice) if (flows >= LEAST_FLOWS) shared.add(hop);
  const early = answersEarly(input);
  if (shared.size === 0 && early.size === 0) return input;
  const own = (hop: string | null): boolean => hop !== null && !shared.has(hop);
  const masked = (hops: readonly HopAddress[]): HopAddress[] =>
    hops.map((hop, at) => {
      const translated = hop === input.target && early.has(at);
      return own(hop) && !translated ? hop : null;
    });
  const withOwn = withMaskedHops(input, masked);
  return {
    ...withOwn,
    flows: withOwn.flows.map((flow) =>
      shared.has(flow.last_hop) ? { ...flow, last_hop: lastOf(flow.seen) } : flow,
    ),
    known_links: input.known_links.filter((link) => link.every(own)),
  };
}

/**
 * Indexes of hops at which the target's address answers although others answer behind it: no path ends there. A sweep that ends
 * with it has met the translator there, too.
 */
function answersEarly({ target, flows }: LocalizeCase): Set<number> {
  const early = new Set<number>();
  const ends = new Set<number>();
  for (const { path, seen } of flows) {
    for (const hops of [path ?? [], seen]) {
      const last = hops.findLastIndex((hop) => hop !== null);
      hops.forEach((hop, at) => {
        if (hop === target && at < last) early.add(at);
      });
    }
    if (path?.at(-1) === target) ends.add(path.length - 1);
  }
  for (const at of ends) early.delete(at);
  return early;
}

/** The last hop of a sweep that has an address of its own. */
function lastOf(hops: readonly HopAddress[]): string {
  return hops.findLast((hop) => hop !== null) ?? "unknown";
}
