import type { FlowEvidence, HopAddress, LocalizeCase } from "./case.ts";
import { DEAD_STREAK } from "./counts.ts";
import { withMaskedHops } from "./masked-hops.ts";
import type { Suspect } from "./suspect.ts";
import type { SuspectPlace } from "./suspect-place.ts";

/** Sweeps that must have been answered at a TTL by others before a hop that answers none of them counts as missing. */
const LEAST_SWEEPS = 6;
/** Chance that a hop which works is taken for missing, at most: it is looked at again and again. */
const MOST_CHANCE = 0.005;
/** So many of the flows that would have lost something if all lost alike must have; and of all flows at least so many. */
const MOST_FLOWS = 0.8;
const LEAST_FLOWS = 0.25;
/** How sure it is that one of several branches is dead, where all answer and the loss may as well be the endpoint's. Set by hand (2026-11). */
const UNDECIDED = 0.6;

/** By TTL, from 1: the hops over which the packets of one flow are spread there. */
type Spread = NonNullable<LocalizeCase["spread"]>;

/**
 * Treats hops as silent at TTLs at which packets of one flow are spread over several: whichever answered, the flow has no
 * path of its own there, and the next packet takes another way.
 */
export function withoutSpreadHops(input: LocalizeCase): LocalizeCase {
  const { spread = {} } = input;
  if (Object.keys(spread).length === 0) return input;
  const masked = (hops: readonly HopAddress[]): HopAddress[] =>
    hops.map((hop, index) => (spread[index + 1] === undefined ? hop : null));
  return withMaskedHops(input, masked);
}

/** A place over which packets are spread, one of them dead, and how likely that is chance. */
interface DeadBranch {
  readonly ttl: number;
  readonly hop: string;
  readonly chance: number;
  readonly sweeps: number;
}

/**
 * Where all flows lose a part and packets are spread by router over several hops, the suspect is the one of these that
 * sweeps do not meet any more, or, where a hop farther on is not met, what leads there; where each still answers, the place behind
 * the last hop that all packets meet, with each of them as an alternative. Where the flows do not lose alike, or too few have lost yet to tell, loss behind the last router
 * may as well be there.
 * @param input as it was before {@link withoutSpreadHops}
 * @param suspects as found without what is spread
 */
export function amongSpread(input: LocalizeCase, suspects: readonly Suspect[]): Suspect[] {
  const { spread = {}, flows } = input;
  const ttls = Object.keys(spread)
    .map(Number)
    .sort((a, b) => a - b);
  const [first] = ttls;
  const [surest] = suspects;
  if (first === undefined || surest === undefined) return [...suspects];
  const { ttl: near, hop: before } = lastCommon(flows, first);
  const told = noteOf(spread, first, before);
  const among: SuspectPlace = {
    ...{ from: before, to: null, segment: "forward", place: "beyond" },
    name: before === null ? "source" : (input.routers?.[before] ?? before),
  };
  if (!loseAlike(flows)) return suspects.map((suspect) => orAmong(suspect, among, told));
  const dead = deadBranch(spread, ttls);
  if (dead === null) {
    const { from, to, segment, place, name } = surest;
    const isThere = segment === "forward" && from === before && to === null;
    const branches = Object.keys(spread[first] ?? {}).map((hop) => branch(before, hop, input));
    return [
      {
        ...surest,
        ...among,
        confidence: isThere ? surest.confidence : Math.min(surest.confidence, UNDECIDED),
        reason: surest.reason + told,
        alternatives: isThere ? branches : [...branches, { from, to, segment, place, name }],
      },
    ];
  }
  const confidence = Math.min(0.99, 1 - dead.chance);
  // Farther on nothing says which of the hops before it leads there: each packet takes a way of its own.
  const isNext = dead.ttl === near + 1;
  const leading = isNext ? [] : hopsAt(input, dead.ttl - 1);
  return [
    {
      ...(isNext ? branch(before, dead.hop, input) : among),
      loss_ratio: 1,
      confidence: Number(confidence.toFixed(3)),
      reason: `all flows lose a part of their packets, and ${dead.hop} answers none of ${dead.sweeps} sweeps that others answer at its place.${told}`,
      alternatives: leading.map((hop) => branch(hop, dead.hop, input)),
    },
  ];
}

/**
 * Loss on the way back, or at the endpoint, may as well be loss among the hops that packets are spread over: what flows lose there
 * scatters over all of them alike, and no sweep tells the two apart.
 */
function orAmong(suspect: Suspect, among: SuspectPlace, note: string): Suspect {
  const { segment, loss_ratio, confidence, reason, alternatives } = suspect;
  if (segment !== "return_or_endpoint" || loss_ratio === 1) return suspect;
  return {
    ...suspect,
    confidence: Math.min(confidence, UNDECIDED),
    reason: reason + note,
    alternatives: [among, ...alternatives],
  };
}

/**
 * Whether the flows lose as those do whose packets take one of several ways each: none is worse off than the others. Soon after
 * the fault some have been lucky, as many as their probes let expect, and others look dead, though few.
 */
function loseAlike(flows: readonly FlowEvidence[]): boolean {
  const sum = (of: (flow: FlowEvidence) => number): number =>
    flows.reduce((total, flow) => total + of(flow), 0);
  const loss =
    sum(({ failures }) => failures) /
    Math.max(
      1,
      sum(({ probes }) => probes),
    );
  const expected = sum(({ probes }) => 1 - (1 - loss) ** probes);
  const lossy = flows.filter(({ failures }) => failures > 0);
  const dead = lossy.filter(({ streak = 0 }) => streak >= DEAD_STREAK);
  return (
    lossy.length >= Math.max(MOST_FLOWS * expected, LEAST_FLOWS * flows.length) &&
    2 * dead.length <= lossy.length
  );
}

/** What a reason is to add where a suspect is one of the hops that packets are spread over; empty else. */
export function spreadNote(
  { spread = {}, flows }: LocalizeCase,
  suspects: readonly SuspectPlace[],
): string {
  const [first] = Object.keys(spread)
    .map(Number)
    .sort((a, b) => a - b);
  const before = first === undefined ? null : lastCommon(flows, first).hop;
  const isThere = suspects.some(
    ({ from, to }) => from === before && (to === null || isSpread(spread, to)),
  );
  return first === undefined || !isThere ? "" : noteOf(spread, first, before);
}

function isSpread(spread: Spread, hop: string): boolean {
  return Object.values(spread).some((hops) => hop in hops);
}

function noteOf(spread: Spread, ttl: number, before: string | null): string {
  const hops = Object.keys(spread[ttl] ?? {}).length;
  return ` Packets are spread one by one over ${hops} hops behind ${before ?? "the source"}, so that no flow has a path of its own there.`;
}

function branch(from: string | null, to: string, { routers }: LocalizeCase): SuspectPlace {
  return { from, to, segment: "forward", place: "link", name: routers?.[to] ?? to };
}

/** Share of the flows that meet a hop at a TTL from which on it is held to be the one there: of one or two the way was learnt wrongly. */
const NEARLY_ALL = 0.9;

/** The hops that packets meet at a TTL, whether or not it is known that they are spread there. */
function hopsAt({ spread = {}, flows }: LocalizeCase, ttl: number): string[] {
  return [
    ...new Set([
      ...Object.keys(spread[ttl] ?? {}),
      ...flows.flatMap(({ path }) => path?.[ttl - 1] ?? []),
    ]),
  ];
}

/**
 * The last hop before a TTL that nearly all flows meet, and its own TTL; null and 0 for the source. Where they differ just before it, packets are
 * spread there already.
 */
function lastCommon(
  flows: readonly FlowEvidence[],
  ttl: number,
): { readonly ttl: number; readonly hop: string | null } {
  for (let at = ttl - 2; at >= 0; at -= 1) {
    const met = new Map<string, number>();
    let all = 0;
    for (const { path } of flows) {
      const hop = path?.[at] ?? null;
      if (hop === null) continue;
      met.set(hop, (met.get(hop) ?? 0) + 1);
      all += 1;
    }
    const [most] = [...met].sort(([, a], [, b]) => b - a);
    if (most !== undefined && most[1] >= NEARLY_ALL * all) return { ttl: at + 1, hop: most[0] };
  }
  return { ttl: 0, hop: null };
}

/** The one hop that should have answered a part of the sweeps at its TTL and answers none; null where none, or several, do so. */
function deadBranch(spread: Spread, ttls: readonly number[]): DeadBranch | null {
  for (const ttl of ttls) {
    const hops = Object.entries(spread[ttl] ?? {});
    const sweeps = hops.reduce((sum, [, answers]) => sum + answers, 0);
    const missing = hops.filter(([, answers]) => answers === 0);
    const [[hop] = []] = missing;
    const chance = (1 - 1 / Math.max(2, hops.length)) ** sweeps;
    if (missing.length !== 1 || hop === undefined || hops.length < 2) continue;
    if (sweeps < LEAST_SWEEPS || chance > MOST_CHANCE) continue;
    return { ttl, hop, chance, sweeps };
  }
  return null;
}
