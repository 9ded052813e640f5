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
 * Chance that the sweep of a dead flow ends 0, 1, 2 … answering hops before its fault. Routers limit the ICMP errors
 * they send, so the last hop is missed now and then.
 */
const SWEEP_ENDS = [0.87, 0.11, 0.012, 0.003, 0.001];
/** Chance that it ends beyond the fault: a path that moved, or a fault that came and went. */
const SWEEP_BEYOND = 0.0008;
/** Nothing is impossible: no flow's evidence counts more than this many nats against an explanation. */
const MOST_NATS = 32;

/** Cost, in nats, of where a dead flow's sweep ended. */
export function deadSweepCost(short: number | null): number {
  if (short === null) {
    return 0;
  }
  return -Math.log(short < 0 ? SWEEP_BEYOND : (SWEEP_ENDS[short] ?? 0.0005));
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
    return all ? 0.8 : 0.3 + 0.4 * loss;
  }
  return all ? 0.6 - 0.35 * loss : shortOfEnd === 1 ? 0.08 : 0.03;
}

/** Chance of a sweep's end where nothing but noise took the probe before it. */
function noiseSweepChance(shortOfEnd: number | null): number {
  return shortOfEnd === null ? 1 : shortOfEnd <= 0 ? 0.8 : 0.08;
}

/**
 * Price, in nats, of one flow's counts and sweep under the causes that may meet it, in the order of their depth.
 * `noise` is the share of probes lost without a cause.
 */
export function flowPrice(
  counts: Counts,
  shortOfEnd: number | null,
  hits: readonly Hit[],
  noise: number,
): number {
  let alive = 1;
  let sum = 0;
  for (const hit of hits) {
    if (hit.loss >= 1) {
      sum += alive * hit.chance * Math.exp(-counts.deadCost - deadSweepCost(hit.short));
      alive *= 1 - hit.chance;
    }
  }
  if (alive > 0) {
    const ends = noise * noiseSweepChance(shortOfEnd);
    sum += alive * living(counts, shortOfEnd, hits, 0, 1 - noise, ends, noise);
  }
  const price = -Math.log(sum);
  return price < MOST_NATS ? price : MOST_NATS;
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
  pass: number,
  ends: number,
  losses: number,
): number {
  for (; i < hits.length; i++) {
    const hit = hits[i];
    if (hit === undefined || hit.loss >= 1) {
      continue;
    }
    const { chance, loss, short } = hit;
    const swept = ends + loss * lossSweepChance(short, shortOfEnd, loss);
    const both = losses + loss;
    const met =
      chance * living(counts, shortOfEnd, hits, i + 1, pass * (1 - loss), swept, both);
    return chance >= 1
      ? met
      : met + (1 - chance) * living(counts, shortOfEnd, hits, i + 1, pass, ends, losses);
  }
  const { probes, failures } = counts;
  const scatter = failures * Math.log(1 - pass) + (probes - failures) * Math.log(pass);
  return (failures > 0 ? ends / losses : 1) * Math.exp(scatter);
}
