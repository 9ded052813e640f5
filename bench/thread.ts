import { readFileSync } from "node:fs";
import { Recorder } from "../src/daemon/recorder.ts";
import { Telemetry } from "../src/daemon/telemetry.ts";
import { Engine } from "../src/engine/engine.ts";
import { ENGINE_TURN_MS } from "../src/engine/turn-pause.ts";
import type { ProbedTarget } from "../src/probe/probed-flow.ts";
import { RouterIdentity } from "../src/topology/router-identity.ts";
import { makeTarget } from "../test/support/target.ts";
import { InstantNetwork } from "./instant-network.ts";

/**
 * What the probing thread itself costs: engine, counters and history of a real exporter over a wire that costs next to
 * nothing, in time that is not waited for. Processor time is all that counts, so a busy machine and its kernel hardly show.
 * Arguments: targets (1000), seconds to measure (60), `outage` to drop everything behind the router then.
 */
const [targetCount, seconds] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 60)];
const FLOWS = 64;
const INTERVAL_MS = 10_000;
/** Every flow has begun by then, and the code is compiled. */
const WARM_MS = 12_000;
const AFTER_OUTAGE_MS = 25_000;

/** Time as it is in a turn, which takes less than there is from one turn to the next: a machine that is busy delays none. */
const clock = {
  turnBegan: 10_000,
  since: performance.now(),
  monotonic: () =>
    clock.turnBegan + Math.min(performance.now() - clock.since, 0.99 * ENGINE_TURN_MS),
  wall: () => 1_700_000_000_000 + clock.monotonic(),
};
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const wire = new InstantNetwork(clock);
const engine = new Engine({
  wire: { sender: wire, receiver: wire },
  clock,
  routers: new RouterIdentity({ changes: 0, nameOf: () => undefined }),
  settings: {
    packetsPerSecond: 20_000,
    trace: { maxHops: 30, attempts: 3, packetsPerSecond: 200, hopPacketsPerSecond: 10 },
  },
});
const probed = new Map<string, ProbedTarget>();
const telemetry = new Telemetry({
  clock,
  log: silent,
  series: 1_000_000,
  probed: (name) => probed.get(name),
  view: engine,
});
const recorder = new Recorder(engine, engine.prober.counters, clock, silent);
for (const observer of [telemetry.engine, ...recorder.observers]) engine.observe(observer);

/** Time of this thread on a processor, milliseconds (Documentation/scheduler/sched-stats.rst of Linux). */
function ownTime(): number {
  return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
}

/** One turn as the daemon takes it. @returns how long this thread was on a processor, milliseconds, where it is asked */
function turn(measured: boolean): number {
  clock.turnBegan += ENGINE_TURN_MS;
  clock.since = performance.now();
  const before = measured ? ownTime() : 0;
  const began = clock.monotonic();
  recorder.turn(began);
  engine.turn();
  telemetry.turn(began);
  return measured ? ownTime() - before : 0;
}

function run(ms: number, measured = false): number[] {
  const turns: number[] = [];
  for (const end = clock.monotonic() + ms; clock.monotonic() < end; ) turns.push(turn(measured));
  return turns;
}

function told(what: string, turns: readonly number[]): void {
  const sorted = turns.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(2);
  console.log(`${what}: p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, longest ${at(1)} ms`);
}

const specs = Array.from({ length: targetCount }, (_, at) =>
  makeTarget({
    name: `t-${at}`,
    to: `198.51.${100 + Math.floor(at / 250)}.${(at % 250) + 1}`,
    flowBuckets: FLOWS,
    intervalMs: INTERVAL_MS,
    timeoutMs: 1000,
  }),
);
telemetry.engine.setTargets(specs, 16);
// One a turn of the event loop, as in the program.
const starting: number[] = [];
for (const spec of specs) {
  const before = ownTime();
  const target = engine.prober.add(spec);
  if (typeof target === "string") throw new Error(target);
  probed.set(spec.name, target);
  engine.begin(target);
  starting.push(ownTime() - before + turn(true));
}
starting.push(...run(WARM_MS - 5 * starting.length, true));
told(`turns of the first ${WARM_MS / 1000} s`, starting);

const share: number[] = [];
for (let part = 0; part < 6; part += 1) {
  const [probes, cpu, began] = [wire.probes, process.cpuUsage(), clock.monotonic()];
  run((seconds * 1000) / 6);
  const { user, system } = process.cpuUsage(cpu);
  const passed = clock.monotonic() - began;
  const each = user / (wire.probes - probes);
  share.push(user / passed / 10);
  console.log(
    `user ${each.toFixed(2)} us a probe, ${(user / passed / 10).toFixed(2)} % of a core, ` +
      `system ${(system / passed / 10).toFixed(2)} %, ${Math.round((1000 * (wire.probes - probes)) / passed)} probes/s`,
  );
}
share.sort((a, b) => a - b);
console.log(
  `median ${share[3]?.toFixed(2)} % of a core; heap ${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`,
);

if (process.argv[4] === "outage") {
  wire.broken = true;
  told(`turns of the ${AFTER_OUTAGE_MS / 1000} s after the outage`, run(AFTER_OUTAGE_MS, true));
}
console.log(
  [...telemetry.engine.modes.reduced()],
  "skipped",
  [...engine.prober.counters.skipped],
  "ignored",
  [...engine.prober.counters.ignored],
);
process.exit(0);
