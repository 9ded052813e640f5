import type { FlowWindow } from "./flow-window.ts";

/** So many flows that begin to fail within one round of probes have one cause, if they are more than half of those that fail. */
const LEAST_FLOWS = 3;

/** A fault that many flows met at once. */
export interface CommonOnset {
  /** When the first of them began to fail. */
  readonly at: number;
  /** How many began to within a round. */
  readonly flows: number;
  /** How many of these have answered since. */
  readonly answered: number;
}

/**
 * When a fault began that takes most packets, but not all: most of the flows that failed began to within one round, and one of
 * them has answered since. A flow that it spared once in between looks as if it lost a part, and the others dead, which no place
 * explains together as long as answers of before the fault count. Undefined where nothing says so; where none has answered, each
 * flow's own row of failures says more.
 * @param windows what flows did, whether they failed or not
 * @param roundMs in which each flow is probed once
 */
export function commonOnset(
  windows: Iterable<FlowWindow>,
  roundMs: number,
  now: number,
): CommonOnset | undefined {
  const failing = [...windows]
    .filter(({ failures }) => failures > 0)
    .sort((a, b) => a.failingSince - b.failingSince);
  for (const [index, { failingSince: onset }] of failing.entries()) {
    const together = failing
      .slice(index)
      .filter(({ failingSince }) => failingSince - onset <= roundMs);
    if (together.length < LEAST_FLOWS || 2 * together.length <= failing.length) continue;
    const answered = together.filter((window) => window.isIntermittent(now)).length;
    return answered > 0 ? { at: onset, flows: together.length, answered } : undefined;
  }
  return undefined;
}

/** Answers of one flow that was lost to noise at the same time say nothing; of several, and so large a part of the flows, they do. */
const LEAST_ANSWERED = 2;
const LEAST_SHARE = 0.25;

/**
 * Whether enough flows of those that began to fail at once have answered since that they are not dead: it takes most packets, not all.
 * @param longAgo of what began before this time one answer is enough: by then dead flows have shown that they are
 */
export function isHeavyLoss(
  onset: CommonOnset | undefined,
  longAgo: number = Number.NEGATIVE_INFINITY,
): boolean {
  if (onset === undefined) return false;
  const { at, flows, answered } = onset;
  return at < longAgo || (answered >= LEAST_ANSWERED && answered >= LEAST_SHARE * flows);
}

/** What a flow's counts are since the onset of a fault, failures of before left as they are. */
export function countsSince<T extends { readonly probes: number; readonly failures: number }>(
  counts: T,
  window: FlowWindow,
  onset: number,
  now: number,
): T {
  if (counts.failures > 0 && window.failingSince < onset) return counts;
  const answers = counts.probes - counts.failures;
  const since = Math.round(window.probesBetween(onset, now)) - counts.failures;
  const least = window.isIntermittent(now) ? 1 : 0;
  const kept = Math.min(answers, Math.max(least, since));
  return { ...counts, probes: counts.failures + kept };
}

/** Flows that are counted since times no further apart than this are counted over the same time. */
const LIKE_START_MS = 30_000;

/**
 * Since when all of some flows have been counted; undefined where that is about the same time for each.
 * @param latest no later than that
 */
export function commonStart(windows: Iterable<FlowWindow>, latest: number): number | undefined {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { from } of windows) {
    first = Math.min(first, from);
    last = Math.max(last, from);
  }
  const start = Math.min(last, latest);
  return start - first > LIKE_START_MS ? start : undefined;
}
