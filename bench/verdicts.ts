import { PerformanceObserver, performance } from "node:perf_hooks";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { ProbedFlow, ProbedTarget } from "../src/probe/probed-flow.ts";
import type { TraceResult } from "../src/trace/trace.ts";
import { Assessor } from "../src/verdict/assessor.ts";
import { FAULT_KINDS, type FaultKind, generateCase } from "../test/support/generated-case.ts";
import { makeFlowOf, makeProbed } from "../test/support/probed-flow.ts";
import { seeded } from "../test/support/random.ts";

/**
 * Prints how long a full update of topology and verdict holds the event loop: targets of 64 flows, each with a generated
 * network of its own, nothing broken, a tenth of them broken, or all of them in every way.
 * Arguments: targets (1000), seed (the clock's).
 */
const count = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const random = seeded(seed);
const traced = new Map<ProbedFlow, TraceResult>();
const told = new Map<ProbedTarget, string>();
const assessor = new Assessor({
  clock: () => performance.now(),
  traced: (flow) => traced.get(flow),
  onVerdict: (target, { verdict }) => told.set(target, verdict),
  onTooFewBuckets: () => undefined,
  onBrokenOff: (_, error) => {
    throw error;
  },
});

/** Hands a generated case to the assessor, as surveys and probes would */
function add(kind: FaultKind, index: number, now: number): ProbedTarget {
  const { input } = generateCase(kind, random, 0.5);
  const target = makeProbed({ name: `t${index}`, to: input.target, flowBuckets: 64 });
  const { topology, evidence } = assessor.of(target);
  for (const { bucket, source_port, path, probes, failures, seen, last_hop } of input.flows) {
    const flow = makeFlowOf(target, bucket, source_port);
    target.flows.push(flow);
    const since = now - 10_000 * probes;
    if (path !== null) topology.learn(flow, path, now);
    for (let probe = 0; probe < probes; probe += 1) {
      const failed =
        Math.floor(((probe + 1) * failures) / probes) > Math.floor((probe * failures) / probes);
      flow.state = failed ? "failing" : "up";
      evidence.add(flow, failed, since + 10_000 * probe);
    }
    if (failures === 0) continue;
    const result = { seen, lastHop: last_hop, lastHopTtl: seen.length, reached: false, way: [] };
    traced.set(flow, { ...result, wholeAt: 0, destinationTtl: undefined });
  }
  return target;
}

/** The times' maximum and quantiles, in milliseconds. */
function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  return `turns ${sorted.length}, median ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, longest ${at(1)} ms`;
}

/** Garbage collections since the last look. */
let collections: { readonly from: number; readonly to: number }[] = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) {
    collections.push({ from: startTime, to: startTime + duration });
  }
}).observe({ entryTypes: ["gc"] });

/** How long a turn took without what the garbage collector took of it. */
function net({ from, to }: { readonly from: number; readonly to: number }): number {
  const collected = collections.reduce(
    (sum, other) => sum + Math.max(0, Math.min(to, other.to) - Math.max(from, other.from)),
    0,
  );
  return to - from - collected;
}

console.log(`${count} targets of 64 flows, seed ${seed}`);
const broken = FAULT_KINDS.filter((kind) => kind !== "nothing wrong");
for (const [name, every] of [
  ["nothing broken", Number.POSITIVE_INFINITY],
  ["a tenth broken", 10],
  ["all broken", 1],
] as const) {
  const begun = performance.now();
  const targets = Array.from({ length: count }, (_, index) => {
    const fails = index % every === every - 1;
    const kind = fails ? broken[Math.floor(index / every) % broken.length] : undefined;
    return add(kind ?? "nothing wrong", index, begun);
  });
  // All fall due at once.
  const due = begun + 60_000;
  const turns: { from: number; to: number }[] = [];
  await setImmediate();
  collections = [];
  const start = performance.now();
  const looked = () => targets.every((target) => assessor.of(target).found !== undefined);
  for (let turn = 0; turn % 50 !== 0 || !looked(); turn += 1) {
    const from = performance.now();
    assessor.turn(due);
    turns.push({ from, to: performance.now() });
    await setImmediate();
  }
  const total = performance.now() - start;
  // Collections are told of a while later.
  await sleep(100);
  const gross = turns.map(({ from, to }) => to - from);
  console.log(
    `${name}: ${(total / 1000).toFixed(2)} s in all; ${spread(gross)}; without garbage collection longest ${Math.max(...turns.map(net)).toFixed(2)} ms`,
  );
  for (const target of targets) assessor.forget(target);
  traced.clear();
}
