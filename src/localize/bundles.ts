import type { Crossed, Member } from "./member.ts";
import { pushTo } from "./multimap.ts";
import { type Network, TARGET } from "./network.ts";

/** Links that may be one bundle. */
export interface BundleLinks {
  readonly members: readonly Member[];
  /** The hops that they lead to. */
  readonly hops: readonly number[];
  /** Nats to pay for having been put together by what fails. */
  readonly picked: number;
}

/**
 * Nats by which it is dearer that several addresses before a hop are one router's with a bundle than that the way back silences the hop
 * for a part of the flows. Set by hand on simulated networks of one half of the seeds and shown on the other (2026-12).
 */
const ONE_NEAR_ROUTER = 4;

/**
 * A bundle shows as one link only where both of its routers show one address there. Where the near router answers with several, it
 * shows as all links into one hop; where both do, as links at one distance that hang together by their ends. Where flows of one of
 * the links alone fail, that one explains more by itself.
 */
export function* bundles(
  network: Network,
  { into, links }: Crossed,
  isFailing: (flow: number) => boolean,
): Generator<BundleLinks> {
  for (const [id, members] of into) {
    const failing = members.filter(({ flow }) => isFailing(flow));
    const sources = new Set(failing.map(({ link }) => link?.from));
    if (id !== TARGET && network.answers(id) && sources.size > 1) {
      yield { members, hops: [id], picked: ONE_NEAR_ROUTER };
    }
  }
  const byDepth = new Map<number, Member[]>();
  for (const members of links.values()) {
    for (const member of members) {
      const { from, to } = member.link ?? { from: TARGET, to: TARGET };
      if (to !== TARGET && network.answers(from) && network.answers(to)) {
        pushTo(byDepth, member.depth, member);
      }
    }
  }
  for (const members of byDepth.values()) {
    const parts = joined(members);
    if (parts.length < 2) continue;
    for (const { from, hops, members: own } of parts) {
      const failing = own.filter(({ flow }) => isFailing(flow));
      const links = new Set(failing.map(({ link }) => `${link?.from} ${link?.to}`));
      if (from.size > 1 && hops.length > 1 && links.size > 1) {
        yield { members: own, hops, picked: 0 };
      }
    }
  }
}

interface Part extends Pick<BundleLinks, "members" | "hops"> {
  readonly from: ReadonlySet<number>;
}

/** Links of one distance by what hangs together. */
function joined(members: readonly Member[]): Part[] {
  const after = new Map<number, Set<number>>();
  const before = new Map<number, Set<number>>();
  for (const { link } of members) {
    if (link === null) continue;
    after.set(link.from, (after.get(link.from) ?? new Set()).add(link.to));
    before.set(link.to, (before.get(link.to) ?? new Set()).add(link.from));
  }
  const parts: Part[] = [];
  const seen = new Set<number>();
  for (const first of after.keys()) {
    if (seen.has(first)) continue;
    const from = new Set<number>();
    const hops = new Set<number>();
    const open = [first];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      from.add(id);
      for (const next of after.get(id) ?? []) {
        if (hops.has(next)) continue;
        hops.add(next);
        open.push(...(before.get(next) ?? []));
      }
    }
    const own = members.filter(({ link }) => link !== null && from.has(link.from));
    parts.push({ members: own, hops: [...hops], from });
  }
  return parts;
}
