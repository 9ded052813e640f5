import { type Link, type Place, straight } from "./crossing.ts";
import { type Network, SOURCE, TARGET } from "./network.ts";

// The chances below were set by hand while looking at the gaps of the first generator of `npm run bench:localize` (2026-11).

/** Share of answers that a hop which does answer fails to give while a path is learnt. */
const GAP_RATE = 0.04;
/** The same in the sweep of a failing flow, which loses packets for other reasons as well. */
const FAILING_GAP_RATE = 0.25;
/** Chance beforehand that one more router stands between two hops and never answers. */
const SILENT_PRIOR = 0.2;
/** Flows that a link known from before, but crossed by none now, counts for. */
const FORMER = 0.3;
/** Flows that a link which nobody ever saw counts for. */
const UNSEEN = 0.05;
/** Longest run of silent hops that is looked into, and least chance of a way through it. */
const MAX_RUN = 4;
const LEAST_CHANCE = 1e-4;

/** The places of one flow. */
export interface Traceroute {
  readonly places: readonly Place[];
  /** Whether they were learnt while the flow was healthy. */
  readonly learnt: boolean;
  /** How many flows alike they are those of. */
  readonly alike: number;
  /** How many flows each of them counts for, 0 to 1, where flows that fail were traced more often than others. */
  readonly unbiased: number;
}

/** One way through a gap, as links, with its chance. */
interface Filling {
  readonly places: readonly Place[];
  readonly chance: number;
}

/**
 * Turns traceroutes of places into crossed links. A run of silent TTLs may be routers that never answer, or known ones
 * whose answers were lost when the path was learnt; how many flows show the gap decides, and the flow is spread over
 * what remains possible. Notes all links in the network.
 */
export function fillGaps(network: Network, traceroutes: readonly Traceroute[]): Link[][] {
  const flowsAt = new Map<number, number>();
  let flows = 0;
  for (const { places, learnt, alike, unbiased } of traceroutes) {
    flows += alike;
    for (const link of learnt ? straight(places) : []) {
      network.connect(link.from, link.to, alike, alike * unbiased);
      flowsAt.set(link.to, (flowsAt.get(link.to) ?? 0) + alike);
    }
  }
  const cache = new Map<string, Filling[]>();
  return traceroutes.map(({ places, learnt }) => {
    const links: Link[] = [];
    for (let i = 1; i < places.length; i++) {
      const from = places[i - 1];
      const gap = places[i];
      const to = places[i + 1];
      if (!from || !gap) {
        continue;
      }
      if (!to || network.answers(gap.id)) {
        links.push(...straight([from, gap]));
        continue;
      }
      const passing = from.id === SOURCE ? flows : (flowsAt.get(from.id) ?? 1);
      const key = `${gap.id} ${learnt}`;
      const known = cache.get(key) ?? fill(network, learnt, passing, flowsAt, from, gap, to);
      cache.set(key, known);
      for (const { places: way, chance } of known) {
        links.push(...straight([from, ...way, to]).map((link) => ({ ...link, weight: chance })));
      }
      i += 1;
    }
    return links;
  });
}

/** What a gap may be, with the chance of each. */
function fill(
  network: Network,
  learnt: boolean,
  passing: number,
  flowsAt: ReadonlyMap<number, number>,
  from: Place,
  gap: Place,
  to: Place,
): Filling[] {
  const ways =
    to.at - gap.at > MAX_RUN
      ? []
      : waysBetween(network, learnt ? GAP_RATE : FAILING_GAP_RATE, from, to, gap.id);
  const sum = ways.reduce((total, { chance }) => total + chance, 0);
  if (sum === 0) {
    return [{ places: [gap], chance: 1 }];
  }
  const share = shareLost(network, learnt, passing, passing * sum, flowsAt, from, gap, to);
  const fillings = [
    { places: [gap], chance: 1 - share },
    ...ways.map(({ places, chance }) => ({ places, chance: (share * chance) / sum })),
  ];
  const likely = fillings.filter(({ chance }) => chance > 0.005);
  const rest = likely.reduce((total, { chance }) => total + chance, 0);
  return likely.length === 0
    ? [{ places: [gap], chance: 1 }]
    : likely.map(({ places, chance }) => ({ places, chance: chance / rest }));
}

/** Chance that a gap is lost answers of known hops rather than routers that never answer. */
function shareLost(
  network: Network,
  learnt: boolean,
  passing: number,
  lost: number,
  flowsAt: ReadonlyMap<number, number>,
  from: Place,
  gap: Place,
  to: Place,
): number {
  const gaps = flowsAt.get(gap.id) ?? 0;
  if (!learnt) {
    return lost / (lost + Math.max(gaps, SILENT_PRIOR));
  }
  const silent = Math.max(1, passing / network.next(from.id).size);
  const none = poisson(lost, gaps) * (1 - SILENT_PRIOR);
  const some = poisson(lost + silent, gaps) * SILENT_PRIOR ** (to.at - gap.at);
  // Where a silent router stands, a flow may all the same have passed beside it and lost an answer.
  return (none + (some * lost) / (lost + silent)) / (none + some);
}

/** Known ways of the right length through a gap, each with the chance that a flow took it and all of it kept silent. */
function waysBetween(
  network: Network,
  gapRate: number,
  from: Place,
  to: Place,
  gap: number,
): Filling[] {
  const found: Filling[] = [];
  const open: { id: number; at: number; places: Place[]; chance: number }[] = [
    { id: from.id, at: from.at, places: [], chance: 1 },
  ];
  for (let way = open.pop(); way; way = open.pop()) {
    const at = way.at + (network.hops[way.id]?.ttls ?? 1);
    const choices = new Map(network.next(way.id));
    let total = 0;
    for (const [id, flows] of choices) {
      choices.set(id, flows + FORMER);
      total += flows + FORMER;
    }
    if (way.id !== from.id && at < to.at && network.answers(way.id)) {
      choices.set(network.silent(way.id, to.at - at, to.id, at), UNSEEN);
    }
    if (at === to.at && network.answers(way.id) && !choices.has(to.id)) {
      choices.set(to.id, UNSEEN);
    }
    for (const [id, flows] of choices) {
      const share = (way.chance * flows) / total;
      if (id === to.id && at === to.at && way.places.length > 0) {
        found.push({ places: way.places, chance: share });
      } else if (id !== gap && id > TARGET && at < to.at) {
        const chance = share * (network.answers(id) ? gapRate : 1);
        if (chance > LEAST_CHANCE) {
          open.push({ id, at, places: [...way.places, { id, at }], chance });
        }
      }
    }
  }
  return found;
}

/** Poisson weight without the factorial, which cancels. */
function poisson(mean: number, events: number): number {
  return Math.exp(events * Math.log(mean) - mean);
}
