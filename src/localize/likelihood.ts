import type { Counts } from "./counts.ts";
import type { Beyond } from "./crossing.ts";
import { type LocationLink, linksOf, type Member } from "./member.ts";

/** What one supposed fault does to one flow. */
export interface Hit {
  /** Chance, 0 to 1, that the flow meets the fault. */
  readonly chance: number;
  /** Share of packets that the fault takes, above 0; 1 is death. */
  readonly loss: number;
  /** Position on the flow's way: packets that die there get past this many TTLs. Orders the hits of one flow. */
  readonly depth: number;
  /** What the sweep after a failure showed behind the fault; null without a sweep. */
  readonly beyond: Beyond | null;
  /** The links on which the flow may meet it, where it takes all flows of its place; left out else. */
  readonly links?: readonly LocationLink[];
}

/**
 * How often a TTL is asked before its hop counts as silent. Tracers differ, and one that retries all night looks, to a
 * sweep of its own, like one that gave up: shares of sweeps that ask three times, once, and that fail wherever a probe does.
 * Not fitted: the tracer asks three times, and cases recorded by others may have been swept otherwise.
 */
const TRIES: readonly (readonly [share: number, attempts: number])[] = [
  [0.8, 3],
  [0.12, 1],
  [0.08, 0],
];
/** Depth of a fault behind the last router. */
export const BEHIND: number = Number.MAX_SAFE_INTEGER;
/**
 * Share of dead flows whose sweep is not answered by the destination either, where its answers to probes do not come
 * back. A host keeps silent to all of them or, where it only refuses a service, to none, so silence is not discounted.
 */
const MUTE_TARGET = 0.75;
/**
 * Chance of a sweep that gets past a fault that takes everything: a path that has moved, a fault that came and went. Set by hand
 * beside `npm run bench:localize` (2026-11), as is the share of mute targets.
 */
const MOVED = 8e-4;
/** More hops than this that keep silent behind a fault say no more: one sweep that was given up early silences several. */
export const MOST_MISSING: number = 5;
/**
 * Share of sweeps that are given up before their end, whatever keeps silent there: for want of budget, or because the routers
 * at the end answer nobody just now. It bounds what the end of one sweep can say; chosen among 0 to 0.05 by networks of the first and
 * third generator of `npm run bench:localize` (2026-11).
 */
const GIVEN_UP = 0.03;
/** From this chance on a flow is held to meet a fault. */
const SURE = 0.99;
/** Faults that a flow may or may not meet; of more of them the mean is taken. */
const MOST_BRANCHES = 2;
/** Nothing is impossible: no flow's evidence counts more than this many nats against a set of hypotheses. */
const MOST_NATS = 32;

/**
 * Cost, in nats (a negative log-likelihood), of one flow's counts and sweep under the faults that may meet it, in the order of their depth.
 * The sweep's part is relative to a flow that meets no fault, so that it may be negative.
 * @param noise share of probes lost without a fault
 * @param gap share of answers that a hop which does answer fails to give to a sweep
 * @param more one more fault, wherever it stands
 */
export function flowCost(
  counts: Counts,
  hits: readonly Hit[],
  more: Hit | null,
  noise: number,
  gap: number,
): number {
  const all = more === null ? hits : withHit(hits, more);
  const sum = branch(counts, all, 0, 0, 1 - noise, [], gap);
  return Math.min(MOST_NATS, -Math.log(sum));
}

/** Adds a hit in the order of depth. */
export function withHit(hits: readonly Hit[], hit: Hit): Hit[] {
  const at = hits.findIndex(({ depth }) => depth > hit.depth);
  return at < 0 ? [...hits, hit] : [...hits.slice(0, at), hit, ...hits.slice(at)];
}

/**
 * Chance that a flow whose way is not certain passes a location, given that it meets none of the dead places supposed so far.
 * Of two links in a row a flow passes both or none, so that the second explains nothing more; of two side by side it passes
 * one only.
 */
export function weightBeside(hits: readonly Hit[], member: Member): number {
  const { weight, depth, link } = member;
  let chance = weight;
  if (chance >= SURE || link === null) return chance;
  for (const hit of hits) {
    if (hit.loss < 1 || hit.chance >= SURE || hit.links === undefined) continue;
    if (hit.links.some((one) => linksOf(member).some((other) => areInRow(one, other)))) {
      chance = Math.max(0, (chance - hit.chance) / (1 - hit.chance));
    } else if (hit.depth === depth) {
      chance = Math.min(SURE, chance / (1 - hit.chance));
    }
  }
  return chance;
}

function areInRow(one: LocationLink, other: LocationLink): boolean {
  return one.to === other.to || one.to === other.from || one.from === other.to;
}

/** Sums over which of the faults from `i` on the flow meets. */
function branch(
  counts: Counts,
  hits: readonly Hit[],
  i: number,
  branches: number,
  pass: number,
  met: readonly Hit[],
  gap: number,
): number {
  const hit = hits[i];
  if (hit === undefined) {
    return countsLikelihood(counts, pass) * sweepRatio(met, gap);
  }
  if (hit.chance >= SURE) {
    const spared = (1 - hit.chance) * branch(counts, hits, i + 1, MOST_BRANCHES, pass, met, gap);
    const passed = pass * (1 - hit.loss);
    return hit.chance * branch(counts, hits, i + 1, branches, passed, [...met, hit], gap) + spared;
  }
  if (branches >= MOST_BRANCHES && hit.loss < 1) {
    const mean = pass * (1 - hit.loss * hit.chance);
    return branch(counts, hits, i + 1, branches, mean, met, gap);
  }
  const passed = pass * (1 - hit.loss);
  return (
    hit.chance * branch(counts, hits, i + 1, branches + 1, passed, [...met, hit], gap) +
    (1 - hit.chance) * branch(counts, hits, i + 1, branches + 1, pass, met, gap)
  );
}

/** Likelihood of the counts where each probe passes with the chance `pass`; 0 is death. */
function countsLikelihood({ probes, failures, deadCost, logWays }: Counts, pass: number): number {
  if (pass <= 0) {
    return Math.exp(-deadCost);
  }
  const answered = (probes - failures) * Math.log(pass);
  return failures === 0
    ? Math.exp(answered)
    : Math.exp(logWays + failures * Math.log(1 - pass) + answered);
}

/**
 * How much likelier, or less likely, the faults met make what the sweep showed than no fault at all would. Behind a
 * fault a hop keeps silent when all attempts die or when it would have kept silent anyway.
 */
export function sweepRatio(met: readonly Hit[], gap: number): number {
  let sum = 0;
  let heard = 0;
  let swept = false;
  for (const [share, attempts] of TRIES) {
    let pass = 1;
    let ratio = 1;
    let passes = share;
    for (let i = 0; i < met.length; i++) {
      const hit = met[i];
      if (hit === undefined || hit.beyond === null) {
        continue;
      }
      swept = true;
      pass *= 1 - hit.loss;
      // What keeps silent behind a later fault counts there: a fault on the way back may silence hops before the others.
      let later = 0;
      for (let j = i + 1; j < met.length; j++)
        later = Math.max(later, met[j]?.beyond?.missing ?? 0);
      const answered = hit.beyond.answered - (met[i + 1]?.beyond?.answered ?? 0);
      const missing = Math.min(MOST_MISSING, hit.beyond.missing) - Math.min(MOST_MISSING, later);
      const dies = attempts === 0 ? 1 : (1 - pass) ** attempts;
      const mute = hit.depth === BEHIND ? MUTE_TARGET * dies : dies;
      passes *= (1 - mute) ** Math.max(0, answered);
      ratio *= (1 + ((1 - gap) * dies) / gap) ** Math.max(0, missing);
    }
    sum += ratio * passes;
    heard += passes;
  }
  if (!swept) return 1;
  const trailing = Math.min(
    MOST_MISSING,
    Math.max(...met.map(({ beyond }) => beyond?.trailing ?? 0)),
  );
  // How much likelier the silence at the end is where the sweep was given up before it; that of a dead flow's destination says nothing.
  const givenUp = GIVEN_UP * gap ** (1 - trailing);
  const explained = ((1 - GIVEN_UP) * sum + givenUp * heard) / (1 - GIVEN_UP + givenUp);
  return MOVED + (1 - MOVED) * explained;
}
