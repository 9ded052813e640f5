import type { LocalizeCase } from "./case.ts";
import type { Effect } from "./effect.ts";
import { type FaultLocation, forkOf } from "./fault-location.ts";
import { CROSSES, type LocationLink, type Member } from "./member.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";
import type { Scene } from "./scene.ts";
import type { SuspectPlace, VisibleLink } from "./suspect-place.ts";

/**
 * The link as answers show it: packets that die at or before a silent hop are last seen before it. Where several silent places
 * lie behind that hop, what answers behind each of them tells them apart, and the link is told as leading there, unless it is to
 * be told widely: as whatever is behind that hop.
 */
export function visible(network: Network, { from, to }: LocationLink, wide: boolean): VisibleLink {
  const silent = network.answers(from) ? (network.answers(to) ? null : to) : from;
  if (silent === null) return { from: addressOf(network, from), to: addressOf(network, to) };
  const start = silent === from ? (network.hops[from]?.before ?? SOURCE) : from;
  const after = network.hops[silent]?.after;
  const isTold =
    !wide && after !== undefined && (start === SOURCE || silentBranches(network, start) > 1);
  return { from: addressOf(network, start), to: isTold ? addressOf(network, after) : null };
}

function addressOf(network: Network, id: number): string | null {
  return network.hops[id]?.address ?? null;
}

/** How many next answering hops flows have been seen to reach from a hop through silence. */
function silentBranches(network: Network, from: number): number {
  const after = [...network.next(from).keys()].map((id) => network.hops[id]?.after);
  return new Set(after.filter((id) => id !== undefined)).size;
}

/**
 * Share of the failures behind a hop that one link must have to be named: a router that answers with an address for each
 * member of a bundle shows them as several links.
 */
const MOST_OF_THEM = 0.25;
/** A larger share on links to other routers: what these flows have in common is the hop before. Set by hand (2026-11). */
const MOST_APART = 0.5;

/**
 * Names a location on the way there.
 * @param hit the members that show the fault
 * @param wide whether several silent places behind one hop are to be told as one
 */
export function placeOf(
  { input, network, counts, kinship }: Pick<Scene, "input" | "network" | "counts" | "kinship">,
  location: FaultLocation,
  effect: Effect,
  hit: readonly Member[],
  wide: boolean,
): Omit<SuspectPlace, "segment"> {
  const { extent } = effect;
  const { kind, members, hops } = location;
  const called = (address: string | null): string =>
    (address === null ? undefined : input.routers?.[address]) ?? address ?? "source";
  const fork = forkOf(location) ?? beforeBorrowed(network, hit);
  if (fork !== null) {
    const from = addressOf(network, fork);
    return { from, to: null, place: "beyond", name: called(from) };
  }
  const likely = hit.filter(({ weight }) => weight > 0.5);
  const shown = [likely, hit, members].find((list) => list.length > 0) ?? members;
  const own = new Set(hops.map((id) => addressOf(network, id)).filter((hop) => hop !== null));
  const has = (hop: string | null): boolean => hop !== null && own.has(hop);
  const isRouter = !["link", "silent", "bundle", "beyond"].includes(kind) && own.size > 0;
  const links = shown
    .flatMap(({ link }) => (link ? [visible(network, link, wide || isRouter)] : []))
    .sort((a, b) => compare(a.to, b.to) || compare(a.from, b.from));
  // Of what nobody has seen, behind several hops, it is told behind the one that has most of the failures.
  const isUnseen = kind === "silent" && hops.every((id) => network.isUnknown(id));
  const most = isUnseen ? mostly({ network, kinship, counts }, members, wide)?.link : undefined;
  const nearest = most ?? links[0] ?? { from: null, to: null };
  // Silent places that lead on to several hops may be one router: it lies behind the hop before.
  const isSplit = kind === "silent" && links.some(({ to }) => to !== nearest.to);
  const first = isSplit ? { ...nearest, to: null } : nearest;
  if (kind === "bundle") {
    const { link } = mostly({ network, kinship, counts }, members, wide) ?? { link: first };
    return { ...link, place: partOf(link), name: called(link.to ?? link.from) };
  }
  if (kind === "beyond") {
    const most = mostly({ network, kinship, counts }, members, wide);
    if (most === null || most.part <= MOST_OF_THEM || most.apart > MOST_APART)
      return { from: first.from, to: null, place: "beyond", name: called(first.from) };
    return { ...most.link, place: partOf(most.link), name: called(most.link.to ?? most.link.from) };
  }
  const rejecter = extent === "all" ? rejecterOf(input, network, location) : null;
  if (rejecter !== null) return { ...rejecter, place: "router", name: called(rejecter.from) };
  const entry = entryOf({ network, kinship }, location, effect);
  if (entry !== null) return { ...entry, place: "link", name: called(entry.to) };
  const isGuess = ({ link }: Member): boolean =>
    link?.to === TARGET && !network.next(link.from).has(TARGET);
  // That the target comes next is no more than likely where nobody has been seen to get there.
  if (kind === "link" && extent === "all" && shown.every(isGuess))
    return { from: first.from, to: null, place: "beyond", name: called(first.from) };
  if (kind === "link" || kind === "silent") {
    const place = extent === "share" || first.to === null ? partOf(first) : "link";
    return { ...first, place, name: called(first.to ?? first.from) };
  }
  const sources = new Set(links.map(({ from }) => from));
  const isOut = kind === "aliases" && sources.size === 1 && !has(first.from);
  if (isOut && (location.isLink === true || !kinship.areParallel(hops))) {
    const place = first.to === null ? "beyond" : "link";
    return { ...first, place, name: called(first.to ?? first.from) };
  }
  const isOneLink = links.every(({ to }) => to !== null && to === first.to && !has(to));
  const leadsOn = (id: number): boolean =>
    [...network.next(id).keys()].some((next) => addressOf(network, next) !== first.to);
  if (kind === "aliases" && isOneLink && hops.some(leadsOn)) {
    // An address that is met behind several of a router's own is one link's; what the router passes on elsewhere works.
    return { ...first, place: "link", name: called(first.to) };
  }
  const lowest = [...own].sort(compare)[0] ?? first.to ?? first.from;
  // A link out of it to a hop that answers says most, then one into it.
  const rank = ({ from, to }: VisibleLink): number =>
    has(from) && to !== null ? 0 : to !== null ? 1 : 2;
  const [link = first] = links.sort(
    (a, b) => rank(a) - rank(b) || compare(a.from, b.from) || compare(a.to, b.to),
  );
  return { ...link, place: "router", name: called(lowest) };
}

/** What some of the flows of a link die at: a member of it, where its far end is known. Behind an unknown hop as many routers may follow. */
function partOf({ to }: VisibleLink): SuspectPlace["place"] {
  return to === null ? "beyond" : "bundle";
}

/**
 * The link into one of several addresses that may be one router's, where a link out of that address is held to be broken: all that comes by the other addresses would
 * cross it as well. So the router drops what comes in there, after it has answered. Null elsewhere, and where only some of the flows are hit.
 */
export function entryOf(
  { network, kinship }: Pick<Scene, "network" | "kinship">,
  { kind, members }: FaultLocation,
  { extent }: Effect,
): { readonly from: string | null; readonly to: string } | null {
  const [first] = members;
  if (extent !== "all") return null;
  if (kind === "entry") {
    const ends = members.flatMap(({ link }) => (link && addressOf(network, link.to)) ?? []);
    const [to] = ends.sort(compare);
    return first?.link == null || to === undefined
      ? null
      : { from: addressOf(network, first.link.from), to };
  }
  if ((kind !== "link" && kind !== "forwarder") || first?.link == null) return null;
  const { from } = first.link;
  const isOut = ({ link }: Member): boolean =>
    link?.from === from && kinship.mayBeOneBefore(link.to);
  const address = addressOf(network, from);
  if (address === null || !members.every(isOut)) return null;
  // Silent places beside hops that answer are mostly gaps of a sweep.
  const before = kinship.answeringBefore([from]);
  // A router before it that has an address for each of its own links is met as several hops.
  if (before.length > 1 && !kinship.mayBeOneBefore(from)) return null;
  const [near] = before.map((id) => addressOf(network, id)).sort(compare);
  return near == null ? null : { from: near, to: address };
}

/** What leads on from the one router that all flows of a place cross, if that says itself that it passes nothing on; null elsewhere. */
function rejecterOf(
  { rejecting = [] }: LocalizeCase,
  network: Network,
  location: FaultLocation,
): VisibleLink | null {
  const own = (id: number): boolean => rejecting.includes(addressOf(network, id) ?? "");
  const router = [location, ...location.twins].find(
    ({ kind, hops }) => kind === "forwarder" && hops.some(own),
  );
  const [first] = (router?.members ?? [])
    .flatMap(({ link }) => (link !== null && own(link.from) ? visible(network, link, false) : []))
    .sort((a, b) => compare(a.to, b.to) || compare(a.from, b.from));
  return first ?? null;
}

/**
 * The hop before a link that only other targets' flows have shown and that no failing flow is more likely to cross than not: it may
 * as well be a link beside it. Null elsewhere.
 */
function beforeBorrowed(network: Network, hit: readonly Member[]): number | null {
  const [first] = hit;
  if (network.isPlaced || first?.link == null) return null;
  const { from } = first.link;
  const isGuess = hit.every(
    ({ link, weight }) => weight <= 0.5 && link?.from === from && network.isBorrowed(from, link.to),
  );
  return isGuess ? from : null;
}

/** The failures of a place on its links. */
interface Mostly {
  /** The link that has most of them. */
  readonly link: VisibleLink;
  /** The part of them that it has. */
  readonly part: number;
  /** The part on links that lead to other routers. */
  readonly apart: number;
}

/** The link that has most of the failures of a place; null where none is known to cross any. */
function mostly(
  { network, kinship, counts }: Pick<Scene, "network" | "kinship" | "counts">,
  members: readonly Member[],
  wide: boolean,
): Mostly | null {
  const byName = new Map<string, { link: VisibleLink; to: number; failures: number }>();
  let all = 0;
  for (const { flow, weight, link, others } of members) {
    const { failures: lost = 0, alike = 1 } = counts[flow] ?? {};
    const failures = weight * alike * Math.max(0, lost - 0.5);
    if (failures <= 0) continue;
    all += failures;
    // One that may take any of several links says nothing of which it is.
    if (link === null || others !== undefined || weight <= CROSSES) continue;
    const shown = visible(network, link, wide);
    const key = `${shown.from} ${shown.to}`;
    const { failures: before = 0 } = byName.get(key) ?? {};
    byName.set(key, { link: shown, to: link.to, failures: failures + before });
  }
  const [most, ...less] = [...byName.values()].sort(
    (a, b) =>
      b.failures - a.failures || compare(a.link.to, b.link.to) || compare(a.link.from, b.link.from),
  );
  if (most === undefined) return null;
  const elsewhere = less
    .filter(({ to }) => kinship.apart(most.to, to))
    .reduce((sum, { failures }) => sum + failures, 0);
  return { link: most.link, part: most.failures / all, apart: elsewhere / all };
}

/** Orders addresses as text, the missing one last: an order that holds on every exporter. */
function compare(one: string | null, other: string | null): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return one < other ? -1 : 1;
}
