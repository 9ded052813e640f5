import type { LocalizeCase } from "./case.ts";
import type { Counts } from "./counts.ts";
import type { Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import type { LocationLink, Member } from "./member.ts";
import { type Network, SOURCE } from "./network.ts";

import type { SuspectPlace, VisibleLink } from "./suspect-place.ts";

/** The link as answers show it: packets that die at or before a silent hop are last seen before it. */
export function visible(network: Network, { from, to }: LocationLink): VisibleLink {
  const silentFrom = !network.answers(from);
  const start = silentFrom ? (network.hops[from]?.before ?? SOURCE) : from;
  return {
    from: network.hops[start]?.address ?? null,
    to: silentFrom ? null : (network.hops[to]?.address ?? null),
  };
}

/**
 * Share of the failures behind a hop that one link must have to be named: a router that answers with an address for each
 * member of a bundle shows them as several links.
 */
const MOST_OF_THEM = 0.25;

/** Names a location on the way there. @param hit the members that show the fault */
export function placeOf(
  {
    input,
    network,
    counts,
  }: {
    readonly input: LocalizeCase;
    readonly network: Network;
    readonly counts: readonly Counts[];
  },
  { kind, members, hops }: FaultLocation,
  { extent }: Effect,
  hit: readonly Member[],
): Omit<SuspectPlace, "segment"> {
  const called = (address: string | null): string =>
    (address === null ? undefined : input.routers?.[address]) ?? address ?? "source";
  const likely = hit.filter(({ weight }) => weight > 0.5);
  const shown = [likely, hit, members].find((list) => list.length > 0) ?? members;
  const links = shown
    .flatMap(({ link }) => (link ? [visible(network, link)] : []))
    .sort((a, b) => compare(a.to, b.to) || compare(a.from, b.from));
  const first = links[0] ?? { from: null, to: null };
  if (kind === "beyond") {
    const one = mostly(network, members, counts);
    return one === null
      ? { from: first.from, to: null, place: "beyond", name: called(first.from) }
      : { ...one, place: "bundle", name: called(one.to ?? one.from) };
  }
  if (kind === "link" || kind === "silent") {
    const place = extent === "share" ? "bundle" : first.to === null ? "beyond" : "link";
    return { ...first, place, name: called(first.to ?? first.from) };
  }
  const sources = new Set(links.map(({ from }) => from));
  const own = new Set(hops.map((id) => network.hops[id]?.address ?? null));
  if (kind === "aliases" && sources.size === 1 && !own.has(first.from)) {
    return { ...first, place: "link", name: called(first.to) };
  }
  const lowest = [...own].sort(compare)[0] ?? null;
  // A link out of it to a hop that answers says most, then one into it.
  const rank = ({ from, to }: VisibleLink): number =>
    own.has(from) && to !== null ? 0 : to !== null ? 1 : 2;
  const [link = first] = links.sort(
    (a, b) => rank(a) - rank(b) || compare(a.from, b.from) || compare(a.to, b.to),
  );
  return { ...link, place: "router", name: called(lowest) };
}

/** The link that has most of the failures behind a hop; null where none has. */
function mostly(
  network: Network,
  members: readonly Member[],
  counts: readonly Counts[],
): VisibleLink | null {
  const byName = new Map<string, { link: VisibleLink; failures: number }>();
  let all = 0;
  for (const { flow, weight, link } of members) {
    const { failures: lost = 0, alike = 1 } = counts[flow] ?? {};
    const failures = weight * alike * Math.max(0, lost - 0.5);
    if (link && failures > 0) {
      const shown = visible(network, link);
      const key = `${shown.from} ${shown.to}`;
      byName.set(key, { link: shown, failures: failures + (byName.get(key)?.failures ?? 0) });
      all += failures;
    }
  }
  const [most] = [...byName.values()].sort(
    (a, b) =>
      b.failures - a.failures || compare(a.link.to, b.link.to) || compare(a.link.from, b.link.from),
  );
  return most !== undefined && most.failures > MOST_OF_THEM * all ? most.link : null;
}

/** Orders addresses as text, the missing one last: an order that holds on every exporter. */
function compare(one: string | null, other: string | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}
