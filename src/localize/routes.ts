import type { HopAddress, LocalizeCase } from "./case.ts";
import {
  type AheadLink,
  type Beyond,
  type Link,
  type Place,
  type Route,
  straight,
} from "./crossing.ts";
import { ENOUGH_OWN, likelyNext } from "./likely-next.ts";
import { Network, SOURCE, TARGET } from "./network.ts";
import { rejectingHops } from "./rejecting-hops.ts";
import { NOTHING_SHARED, type SharedKnowledge } from "./shared-fault.ts";
import { connectSiblings } from "./sibling-links.ts";
import { fillGaps } from "./silent-hops.ts";
import { readTrail, type Trail } from "./sweep-end.ts";
import { weightOfFailing } from "./tracing-bias.ts";

/** Farthest that an unknown path is followed, in places. */
const MAX_GUESSED_PLACES = 30;
/** Branches less likely than this are not followed. */
const MIN_WEIGHT = 0.004;

// Set by hand beside `npm run bench:localize` (2026-11).
/** Share of answers that hops usually fail to give, and the questions that this belief is worth; bounds of what is measured. */
const USUAL_GAP = 0.1;
const GAP_PROBES = 30;
const LEAST_GAP = 0.05;
const MOST_GAP = 0.35;

/** Flows whose unknown paths are followed between two pauses, about a millisecond's work. */
const FLOWS_A_STEP = 4;

/**
 * Lays the flows of a case over one network; routes stand in the order of the flows. Pauses every now and then.
 * @param shared what other targets' flows have shown: ways, which those of this one may take as well, and faults
 */
export function* layRoutes(
  input: LocalizeCase,
  shared: SharedKnowledge = NOTHING_SHARED,
): Generator<undefined, { network: Network; routes: Route[]; gap: number }> {
  const network = new Network(input.target, shared.faults.length > 0);
  const trails = input.flows.map((flow) => readTrail(flow, input.target));
  for (const [from, to] of input.known_links) {
    if (from !== input.target) {
      network.connect(network.answering(from), network.answering(to), 0);
    }
  }
  const works = input.flows.map(({ failures }) => failures === 0);
  const failing = weightOfFailing(input.flows, trails);
  const traceroutes = trails.map((trail, at) => ({
    places: placesOf(network, trail.hops),
    learnt: trail.learnt,
    alike: trail.alike,
    unbiased: works[at] ? 1 : failing,
  }));
  for (const { hops, complete } of trails) {
    if (complete) {
      network.noteEnd(hops.length - 1);
    }
  }
  yield;
  const laid = fillGaps(network, traceroutes);
  if (trails.some(({ complete }) => !complete)) {
    connectShared(network, shared.paths);
    connectFirst(network, input.known_links);
    connectSiblings(network, input.routers ?? {});
  }
  yield;
  const quiet = rejectingHops(network, input);
  const routes: Route[] = [];
  /** Flows of which the same is known take the same ways. */
  const alike = new Map<string, Route>();
  for (const [i, trail] of trails.entries()) {
    const places = traceroutes[i]?.places ?? [];
    const known = laid[i] ?? [];
    if (trail.complete) {
      routes.push(completeRoute(network, trail, places, known, quiet));
      continue;
    }
    const { uplink } = input.flows[i] ?? {};
    const isWorking = works[i] === true;
    const key = `${isWorking} ${trail.end} ${trail.refused} ${trail.hops.join(" ")} ${uplink}`;
    const route =
      alike.get(key) ?? guessedRoute(network, trail, places, known, quiet, isWorking, uplink);
    routes.push(route);
    if (!alike.has(key) && alike.set(key, route).size % FLOWS_A_STEP === 0) {
      yield;
    }
  }
  return { network, routes, gap: gapRate(trails) };
}

/** Where no flow shows how ways begin, as after a rotation, they begin with what no known link leads to. */
function connectFirst(network: Network, links: LocalizeCase["known_links"]): void {
  if (network.next(SOURCE).size > 0) return;
  const behind = new Set(links.map(([, to]) => to));
  for (const [from] of links) {
    if (!behind.has(from)) network.connect(SOURCE, network.answering(from), 0);
  }
}

/** Adds the ways of other targets' flows where too few of this one's own have shown where they go on. */
function connectShared(network: Network, paths: SharedKnowledge["paths"]): void {
  const ways = paths.map((hops) => placesOf(network, hops));
  const own = new Map<number, number>();
  for (const id of new Set(ways.flat().map((place) => place.id))) {
    own.set(
      id,
      [...network.next(id).values()].reduce((sum, flows) => sum + flows, 0),
    );
  }
  for (const { from, to } of ways.flatMap(straight)) {
    if ((own.get(from) ?? 0) < ENOUGH_OWN) network.borrow(from, to);
  }
}

/**
 * Share of answers that hops on this network fail to give to the sweeps of failing flows, from the hops that a sweep
 * got past: what is missing at its end may be the fault.
 */
function gapRate(trails: readonly Trail[]): number {
  let missing = USUAL_GAP * GAP_PROBES;
  let asked = GAP_PROBES;
  for (const { learnt, end, hops, answered, alike } of trails) {
    for (let at = 0; learnt && end !== null && at < end; at++) {
      if (hops[at] !== null) {
        asked += alike;
        missing += answered[at] ? 0 : alike;
      }
    }
  }
  return Math.min(MOST_GAP, Math.max(LEAST_GAP, missing / asked));
}

function placesOf(network: Network, hops: readonly HopAddress[]): Place[] {
  const places: Place[] = [{ id: SOURCE, at: -1 }];
  let before = SOURCE;
  let silentFrom = 0;
  hops.forEach((address, at) => {
    if (address === null) {
      return;
    }
    const id = network.answering(address);
    if (at > silentFrom) {
      places.push({ id: network.silent(before, at - silentFrom, id, silentFrom), at: silentFrom });
    }
    places.push({ id, at });
    before = id;
    silentFrom = at + 1;
  });
  return places;
}

/** @param quiet hops whose silence says nothing */
function completeRoute(
  network: Network,
  trail: Trail,
  places: readonly Place[],
  known: readonly Link[],
  quiet: ReadonlySet<number>,
): Route {
  const answering = places.filter(({ id }) => id !== SOURCE && network.answers(id));
  const { end, answered } = trail;
  const telling = answering.filter(({ at, id }) => answered[at] || !quiet.has(id));
  const swept = end === null ? [] : telling.filter(({ id }) => id !== TARGET);
  const trailing = telling.filter(({ at }) => end !== null && at > end).length;
  const beyond = (depth: number): Beyond | null => {
    if (end === null) {
      return null;
    }
    const behind = telling.filter(({ at }) => at >= depth);
    const heard = behind.filter(({ at }) => answered[at]).length;
    return { answered: heard, missing: behind.length - heard, trailing };
  };
  return {
    crossings: known.map((link) => ({ ...link, beyond: beyond(link.depth) })),
    beyondLast: beyond(answering.at(-1)?.at ?? 0),
    lastRouter: answering.at(-2)?.id ?? null,
    end: end === null ? null : (places.find(({ at }) => at === end)?.id ?? SOURCE),
    heard: swept.filter(({ at }) => answered[at]).map(({ id }) => id),
    unheard: swept.filter(({ at }) => !answered[at]).map(({ id }) => id),
    ahead: [],
  };
}

/**
 * Follows every known continuation of the hops that a flow's sweep showed.
 * @param quiet hops whose silence says nothing
 * @param works whether the flow works
 * @param uplink where it begins, if that is known although no hop answered
 */
function guessedRoute(
  network: Network,
  trail: Trail,
  places: readonly Place[],
  known: readonly Link[],
  quiet: ReadonlySet<number>,
  works: boolean,
  uplink: string | undefined,
): Route {
  const begins = uplink === undefined ? undefined : new Map([[network.answering(uplink), 1]]);
  const { refused } = trail;
  const swept = trail.end !== null || refused;
  const last = places.at(-1) ?? { id: SOURCE, at: -1 };
  const ahead: (AheadLink & { depth: number; passed: number })[] = [];
  let front = new Map([[last.id, { weight: 1, at: last.at, passed: 0 }]]);
  let whole = { weight: 0, passed: 0 };
  for (let step = 0; step < MAX_GUESSED_PLACES && front.size > 0; step++) {
    const next = new Map<number, { weight: number; at: number; passed: number }>();
    for (const [from, { weight, at, passed }] of front) {
      const depth = at + (network.hops[from]?.ttls ?? 1);
      const nexts = from === SOURCE ? begins : undefined;
      for (const [to, chance] of nexts ?? likelyNext(network, from, depth, works)) {
        const share = weight * chance;
        ahead.push({ from, to, weight: share, depth, passed, step });
        if (to === TARGET) {
          whole = share > whole.weight ? { weight: share, passed } : whole;
        } else if (share >= MIN_WEIGHT) {
          const sum = share + (next.get(to)?.weight ?? 0);
          next.set(to, {
            weight: sum,
            at: depth,
            passed: passed + (network.mayAnswer(to) && !quiet.has(to) ? 1 : 0),
          });
        }
      }
    }
    front = next;
  }
  // Hops behind the end of the sweep, the destination included, on the likeliest way there.
  const rest = whole.passed + 1;
  const heardFrom = (depth: number): number =>
    trail.hops.filter((hop, at) => hop !== null && at >= depth).length;
  // What the destination has answered got past all of them.
  const beyond = (answered: number, left: number): Beyond | null => {
    if (refused) return { answered: answered + left, missing: 0, trailing: 0 };
    return swept ? { answered, missing: left, trailing: rest } : null;
  };
  return {
    crossings: [
      ...known.map((link) => ({ ...link, beyond: beyond(heardFrom(link.depth), rest) })),
      ...ahead.map(({ passed, step: _, ...link }) => ({
        ...link,
        beyond: beyond(0, Math.max(1, rest - passed)),
      })),
    ],
    beyondLast: beyond(0, 1),
    lastRouter: null,
    end: refused ? TARGET : swept ? last.id : null,
    heard: places.map(({ id }) => id).filter((id) => id > TARGET && network.answers(id)),
    unheard:
      swept && !refused
        ? lastAhead(network, ahead, last.at + (network.hops[last.id]?.ttls ?? 1))
        : [],
    ahead: swept && !refused ? ahead : [],
  };
}

/**
 * The routers in a row before the destination, the first by the likeliest of its addresses, where a sweep ended just before them; none elsewhere.
 * @param ahead the links that may come after the sweep's end
 * @param depth the index of the first place behind it
 */
function lastAhead(network: Network, ahead: readonly Link[], depth: number): number[] {
  const row: number[] = [];
  for (let at = depth; !network.endsAt(at); at += 1) {
    const links = ahead.filter(
      ({ depth: its, to }) => its === at && to !== TARGET && network.answers(to),
    );
    const hops = new Set(links.map(({ to }) => to));
    if (hops.size === 0 || (at > depth && hops.size > 1)) return [];
    const [best] = links.sort((a, b) => b.weight - a.weight);
    if (best !== undefined) row.push(best.to);
  }
  return row;
}
