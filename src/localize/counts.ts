import type { FlowEvidence } from "./case.ts";
import type { Route } from "./crossing.ts";
import { logChoose } from "./log-choose.ts";

/** Probes of one flow as the search weighs them. */
export interface Counts {
  readonly probes: number;
  readonly failures: number;
  /** Cost, in nats, of these counts when every probe dies. */
  readonly deadCost: number;
  /** Logarithm of the ways in which so many of the probes may have failed: what makes costs of many and of few probes comparable. */
  readonly logWays: number;
  /** How many flows alike this stands for. */
  readonly alike: number;
}

/** Whether any probe of a flow failed. @param flow its place among them */
export function hasFailures(counts: readonly Counts[], flow: number): boolean {
  return (counts[flow]?.failures ?? 0) > 0;
}

/** Whether every probe of a row that counts failed. */
export function allFailed({ failures, probes }: Pick<Counts, "failures" | "probes">): boolean {
  return failures > 0 && failures === probes;
}

// The costs and counts below were set by hand beside `npm run bench:localize` (2026-11).

/** Cost of each answer, in nats, for a flow held to be dead. */
const ANSWER_OF_THE_DEAD = 12;
/** The most a flow's answers cost for one held to be dead. */
const MAX_DEAD_COST = 40;
/** Failures in a row that look like death rather than loss. */
export const DEAD_STREAK = 3;
/** Fewer failures than this are alike by chance. */
const LEAST_ONSET = 5;
/** Nats by which a common beginning must explain failures better than loss does. */
const ONSET_EVIDENCE = 6;

/**
 * Counts of every flow, in the order of the flows. A fault that began within the window leaves answers from before on
 * its flows: where the streak tells, or where many flows share the same number of failures as loss would not leave
 * them, those answers are dropped.
 */
export function readCounts(flows: readonly FlowEvidence[], routes: readonly Route[]): Counts[] {
  const onset = commonOnset(flows, routes);
  return flows.map(({ probes, failures, streak, alike = 1 }) => {
    const recent =
      streak !== undefined
        ? isFreshlyDead(failures, streak)
        : onset !== null && failures < probes && Math.abs(failures - onset) <= 1;
    const size = recent ? (streak ?? failures) : probes;
    const lost = recent ? size : failures;
    return {
      probes: size,
      failures: lost,
      alike,
      logWays: logChoose(size, lost),
      deadCost: Math.min(MAX_DEAD_COST, 0.02 + ANSWER_OF_THE_DEAD * (size - lost)),
    };
  });
}

/** How many flows rows of them stand for. */
export function flowsOf(rows: readonly Pick<FlowEvidence, "alike">[]): number {
  return rows.reduce((sum, { alike = 1 }) => sum + alike, 0);
}

/** Whether a flow fails for good by now, whatever was answered before. */
export function isDead({ probes, failures, streak }: FlowEvidence): boolean {
  return failures === probes || (streak !== undefined && isFreshlyDead(failures, streak));
}

function isFreshlyDead(failures: number, streak: number): boolean {
  return streak >= DEAD_STREAK && failures - streak <= 1;
}

/**
 * Number of probes since a fault began, judged from how alike the flows' failures are: loss scatters them as the
 * binomial distribution does, a common beginning leaves them within one of each other. Null when nothing says so.
 */
function commonOnset(flows: readonly FlowEvidence[], routes: readonly Route[]): number | null {
  const partly = flows.filter(
    ({ probes, failures, streak }, i) =>
      streak === undefined && failures >= 2 && failures < probes && routes[i]?.end != null,
  );
  const sorted = partly.map(({ failures }) => failures).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  if (median === undefined || median < LEAST_ONSET) {
    return null;
  }
  let evidence = 0;
  for (const { failures, probes } of partly) {
    const p = median / probes;
    const deviation = Math.sqrt(2 * Math.PI * probes * p * (1 - p));
    const scattered = Math.min(1, 1 / deviation);
    const off = Math.abs(failures - median);
    evidence += off > 1 ? -4 : Math.log((off === 0 ? 0.6 : 0.2) / scattered);
  }
  return evidence >= ONSET_EVIDENCE ? median : null;
}
