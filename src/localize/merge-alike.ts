import type { FlowEvidence } from "./case.ts";
import { isDead } from "./counts.ts";

/** Flows that showed the same, and what they showed together. */
interface Row {
  readonly first: FlowEvidence;
  readonly state: FlowState;
  probes: number;
  failures: number;
  flows: number;
  /** When the last of them was probed, the first of them began to fail, and the first failure was, as far as it is known. */
  probedAt: number | undefined;
  failingSince: number | undefined;
  firstFailure: number | undefined;
}

/** Flows that died in unlike stretches of so many milliseconds may have died of two faults. */
const ONSET_MS = 5000;

/** Whether a flow answers always, never by now, or in part. */
export type FlowState = "clean" | "dead" | "lossy";

/**
 * Makes one row of flows that showed the same: the same way, the same sweep, and all of them work or all are dead since about the same time, so that a
 * hundred flows cost no more to explain than the few ways that they take. Counts are those of one flow in the mean.
 * Flows that lose a part stay rows of their own, as do those of which the target itself has shown a direction.
 */
export function mergeAlike(flows: readonly FlowEvidence[]): FlowEvidence[] {
  return merge(flows, false);
}

/** The same, with flows that lose a part on the same way as one row: its counts are their sum, as if they were one flow. */
export function mergeAll(flows: readonly FlowEvidence[]): FlowEvidence[] {
  return merge(flows, true);
}

function merge(flows: readonly FlowEvidence[], lossy: boolean): FlowEvidence[] {
  const rows = new Map<string, Row>();
  flows.forEach((flow, index) => {
    const { alike = 1 } = flow;
    const state = stateOf(flow);
    const { probes, failures } = sizeOf(flow, state);
    const isOwn = (state === "lossy" && !lossy) || flow.one_way !== undefined;
    const key = isOwn ? String(index) : keyOf(flow, state);
    const row = rows.get(key);
    if (row === undefined) {
      const sum = { probes: alike * probes, failures: alike * failures, flows: alike };
      const { probed_at: probedAt, failing_since: failingSince } = flow;
      const { first_failure: firstFailure } = flow;
      rows.set(key, { first: flow, state, ...sum, probedAt, failingSince, firstFailure });
      return;
    }
    row.probedAt = outermost(Math.max, row.probedAt, flow.probed_at);
    row.failingSince = outermost(Math.min, row.failingSince, flow.failing_since);
    row.firstFailure = outermost(Math.min, row.firstFailure, flow.first_failure);
    row.probes += alike * probes;
    row.failures += alike * failures;
    row.flows += alike;
  });
  return [...rows.values()].map((row) =>
    (row.first.alike ?? 1) === row.flows ? row.first : merged(row),
  );
}

function stateOf(flow: FlowEvidence): FlowState {
  if (flow.failures === 0) return "clean";
  return isDead(flow) ? "dead" : "lossy";
}

/** A dead flow may have answered before it died; that says nothing. */
function sizeOf(
  { probes, failures, streak }: FlowEvidence,
  state: FlowState,
): Pick<Row, "probes" | "failures"> {
  const size = streak ?? failures;
  return state === "dead" ? { probes: size, failures: size } : { probes, failures };
}

function keyOf(
  { path, seen, last_hop, refused, unfinished, uplink, failing_since }: FlowEvidence,
  state: FlowState,
): string {
  const onset = state === "dead" ? Math.floor((failing_since ?? 0) / ONSET_MS) : 0;
  return `${state}|${refused ?? false}|${unfinished ?? false}|${path?.join(" ")}|${seen.join(" ")}|${last_hop}|${uplink}|${onset}`;
}

function merged({ first, state, probedAt, failingSince, firstFailure, ...sum }: Row): FlowEvidence {
  const times = {
    ...(probedAt !== undefined && { probed_at: probedAt }),
    ...(failingSince !== undefined && { failing_since: failingSince }),
    ...(firstFailure !== undefined && { first_failure: firstFailure }),
  };
  if (state === "lossy") {
    const { probes, failures } = sum;
    return { ...first, ...times, probes, failures, streak: 0, alike: 1 };
  }
  const probes = Math.max(1, Math.round(sum.probes / sum.flows));
  const failures = state === "dead" ? probes : 0;
  return { ...first, ...times, probes, failures, streak: failures, alike: sum.flows };
}

/** The later or the earlier of two times of which either may not be known; undefined where neither is. */
export function outermost(
  of: (one: number, other: number) => number,
  one: number | undefined,
  other: number | undefined,
): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return of(one, other);
}
