import type { Counts } from "./counts.ts";

/** What one supposed cause does to one flow. */
export interface Hit {
  /** Chance, 0 to 1, that the flow meets the cause. */
  readonly chance: number;
  /** Loss the cause brings, above 0; 1 is death. */
  readonly loss: number;
  readonly depth: number;
  readonly short: number | null;
}

/**
 * Costs, in nats, of a dead flow's sweep that ends 0, 1, 2 … answering hops before its fault. Routers limit the ICMP errors
 * they send, so the last hop is missed now and then.
 */
const SWEEP_ENDS = [0.87, 0.11, 0.012, 0.003, 0.001].map((chance) => -Math.log(chance));
/** Cost of an end still farther before it. */
const SWEEP_LOST = 7.6;
/** Cost of an end beyond the fault: a path that moved, or a fault that came and went. */
const SWEEP_BEYOND = 7.1;
/** Chance that loss of everything ends a sweep, for want of a better figure. */
const EARLY_END = 0.5;
/** From this chance on a flow is held to meet a lossy cause. */
const SURE = 0.99;
/** Lossy causes that a flow may or may not meet; of more of them the mean is taken. */
const MOST_BRANCHES = 2;
/** Nothing is impossible: no flow's evidence counts more than this many nats against an explanation. */
const MOST_NATS = 32;

/** Cost, in nats, of where a dead flow's sweep ended. */
export function deadSweepCost(short: number | null): number {
  if (short === null) {
    return 0;
  }
  return short < 0 ? SWEEP_BEYOND : (SWEEP_ENDS[short] ?? SWEEP_LOST);
}

/**
 * Chance of where the sweep of a flow that loses `loss` ended. Each TTL is asked a few times, so that it often gets
 * past the fault and then as a rule to the end; what it tells is little, but it parts links that the same flows cross.
 */
function lossSweepChance(short: number | null, shortOfEnd: number | null, loss: number): number {
  if (short === null) {
    return 1;
  }
  if (short > 0) {
    return short === 1 ? 0.1 : 0.02;
  }
  const all = (shortOfEnd ?? 0) <= 0;
  if (short === 0) {
    return all ? 0.6 : 0.3 + 0.3 * loss;
  }
  return all ? 0.6 : shortOfEnd === 1 ? 0.15 : 0.08;
}

/** Chance of a sweep's end where nothing but noise took the probe before it. */
function noiseSweepChance(shortOfEnd: number | null): number {
  return shortOfEnd === null ? 1 : shortOfEnd <= 0 ? 0.8 : 0.08;
}

/**
 * Price, in nats, of one flow's counts and sweep under the causes that may meet it, in the order of their depth.
 * `noise` is the share of probes lost without a cause; `more` is one more cause, wherever it stands.
 */
export function flowPrice(
  counts: Counts,
  shortOfEnd: number | null,
  hits: readonly Hit[],
  more: Hit | null,
  noise: number,
): number {
  let alive = 1;
  let sum = 0;
  let lossy = 0;
  let last: Hit | null = null;
  // Loss nearer to the source ends the sweep of a dead flow as well.
  let early = 0;
  for (let i = 0, next = more; i < hits.length || next !== null; ) {
    const hit = hits[i];
    const first: Hit | undefined = next && !(hit && hit.depth <= next.depth) ? next : hit;
    if (first === next) {
      next = null;
    } else {
      i += 1;
    }
    if (first && first.loss >= 1) {
      const ends = Math.max(early, Math.exp(-deadSweepCost(first.short)));
      sum += alive * first.chance * Math.exp(-counts.deadCost) * ends;
      alive *= 1 - first.chance;
    } else if (first) {
      lossy += 1;
      last = first;
      early = Math.max(early, first.short === 0 ? EARLY_END * first.chance * first.loss : 0);
    }
  }
  if (alive > 0) {
    const ends = noise * noiseSweepChance(shortOfEnd);
    const clean = 1 - noise;
    if (lossy === 0) {
      sum += alive * scatter(counts, clean, ends, noise);
    } else if (lossy === 1 && last) {
      sum += alive * living(counts, shortOfEnd, [last], 0, 0, clean, ends, noise);
    } else {
      const all = more ? [...hits, more] : hits;
      sum += alive * living(counts, shortOfEnd, all, 0, 0, clean, ends, noise);
    }
  }
  return Math.min(MOST_NATS, -Math.log(sum));
}

/**
 * Sums over which of the lossy causes from `i` on the flow meets. The sweep followed one lost probe: `ends` gathers the
 * chances of its end under each cause met so far, `losses` their weights, the losses.
 */
function living(
  counts: Counts,
  shortOfEnd: number | null,
  hits: readonly Hit[],
  i: number,
  branches: number,
  pass: number,
  ends: number,
  losses: number,
): number {
  for (; i < hits.length; i++) {
    const hit = hits[i];
    if (hit === undefined || hit.loss >= 1) {
      continue;
    }
    const mean = branches === MOST_BRANCHES;
    const loss = mean ? hit.loss * hit.chance : hit.loss;
    const chance = mean || hit.chance >= SURE ? 1 : hit.chance;
    const swept = ends + loss * lossSweepChance(hit.short, shortOfEnd, hit.loss);
    if (chance === 1) {
      pass *= 1 - loss;
      ends = swept;
      losses += loss;
      continue;
    }
    const next = branches + 1;
    const passed = pass * (1 - loss);
    return (
      chance * living(counts, shortOfEnd, hits, i + 1, next, passed, swept, losses + loss) +
      (1 - chance) * living(counts, shortOfEnd, hits, i + 1, next, pass, ends, losses)
    );
  }
  return scatter(counts, pass, ends, losses);
}

/** Likelihood of the counts where each probe passes with the chance `pass`, and of where the sweep ended. */
function scatter({ probes, failures }: Counts, pass: number, ends: number, losses: number): number {
  const answered = (probes - failures) * Math.log(pass);
  return failures === 0
    ? Math.exp(answered)
    : (ends / losses) * Math.exp(failures * Math.log(1 - pass) + answered);
}
