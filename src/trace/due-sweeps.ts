import type { ProbedTarget } from "../probe/probed-flow.ts";
import type { Trace } from "./trace.ts";

/** Sweeps of failing flows and controls under way at once, over all targets and for one of them: the budget then serves each within seconds. */
const MAX_SWEEPS = 96;
const MAX_SWEEPS_A_TARGET = 32;
/** Later than any time of a first sweep, milliseconds. */
const AFTER_ALL_FIRST = 1e15;

/**
 * The sweeps of failing flows and controls to begin now, in this order: one of each target in turn, the target first
 * that was served longest ago; of a target flows without a last hop first, in the order in which they began to fail.
 * @param active traces with a sweep under way, surveys included
 * @param servedAt grows from sweep to sweep that is begun of a target
 */
export function dueSweeps(
  traces: Iterable<Trace>,
  active: Iterable<Trace>,
  servedAt: (target: ProbedTarget) => number,
  now: number,
): Trace[] {
  let room = MAX_SWEEPS;
  const underWay = new Map<ProbedTarget, number>();
  for (const { purpose, flow } of active) {
    if (purpose === "survey") continue;
    room -= 1;
    underWay.set(flow.target, (underWay.get(flow.target) ?? 0) + 1);
  }
  if (room <= 0) return [];
  const due = new Map<ProbedTarget, Trace[]>();
  for (const trace of traces) {
    if (trace.sweep !== undefined || now < trace.nextSweepAt) continue;
    const waiting = due.get(trace.flow.target);
    if (waiting === undefined) due.set(trace.flow.target, [trace]);
    else waiting.push(trace);
  }
  const queues = [...due].sort(([a], [b]) => servedAt(a) - servedAt(b));
  // The next one of each is at the end.
  for (const [, waiting] of queues) waiting.sort((a, b) => urgency(b) - urgency(a));
  const begin: Trace[] = [];
  for (let before = -1; begin.length > before && begin.length < room; ) {
    before = begin.length;
    for (const [target, waiting] of queues) {
      const own = underWay.get(target) ?? 0;
      if (begin.length >= room) break;
      const trace = own < MAX_SWEEPS_A_TARGET ? waiting.pop() : undefined;
      if (trace === undefined) continue;
      underWay.set(target, own + 1);
      begin.push(trace);
    }
  }
  return begin;
}

function urgency({ result, startedAt, nextSweepAt }: Trace): number {
  return result === undefined ? startedAt : AFTER_ALL_FIRST + nextSweepAt;
}
