import type { Counts } from "./counts.ts";
import type { Member } from "./member.ts";

// These bounds were chosen on one half of generated networks and shown on the other (docs/accuracy.md).
/** Nats by which the failures of a place's flows speak for loss before it is picked. */
const LEAST_LOSS = 1.5;
/** Loss that noise brings at most. */
const NOISE = 0.012;
/** A flow whose death costs less than this, in nats, is held to be dead. */
const DEAD = 5;
/** Nats by which it may be likelier that some flows are spared before a place does not count as losing of all. */
const LEAST_SPARED = 1;

/** Whether every flow that is likely to cross a place is dead. */
export function isDeadPlace(members: readonly Member[], counts: readonly Counts[]): boolean {
  const sure = members.filter(({ weight }) => weight > 0.5);
  return sure.length > 0 && sure.every(({ flow }) => (counts[flow]?.deadCost ?? 0) < DEAD);
}

/**
 * Whether all flows that are likely to cross a place and are not dead lose about the same part of their packets, more than noise
 * takes. One of which some flows lose much and others nothing is crossed by what suffers elsewhere.
 */
export function isLossyPlace(members: readonly Member[], counts: readonly Counts[]): boolean {
  const rows = members.flatMap(({ flow, weight }) => {
    const row = counts[flow];
    return row === undefined || weight <= 0.5 || row.deadCost < DEAD ? [] : [row];
  });
  const loss = lossOf(rows);
  if (loss <= NOISE) return false;
  const failing = lossOf(rows.filter(({ failures }) => failures > 0));
  let gain = 0;
  let spared = 0;
  for (const row of rows) {
    const noise = logLikelihood(row, NOISE);
    const met = logLikelihood(row, loss);
    gain += row.alike * (met - noise);
    const mixed = logSum(logLikelihood(row, failing), noise) - Math.LN2;
    spared += row.alike * (mixed - met);
  }
  return gain > LEAST_LOSS && spared < LEAST_SPARED;
}

function lossOf(rows: readonly Counts[]): number {
  let probes = 0;
  let failures = 0;
  for (const row of rows) {
    probes += row.alike * row.probes;
    failures += row.alike * row.failures;
  }
  return failures / Math.max(1, probes);
}

/** The ways to choose the failures cancel wherever this is used. */
function logLikelihood({ probes, failures }: Counts, loss: number): number {
  const lost = Math.min(1 - 1e-6, Math.max(1e-6, loss));
  return failures * Math.log(lost) + (probes - failures) * Math.log(1 - lost);
}

function logSum(one: number, other: number): number {
  const most = Math.max(one, other);
  return most + Math.log(Math.exp(one - most) + Math.exp(other - most));
}
