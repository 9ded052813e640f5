import { SimulatedClock, SimulatedExporter } from "./simulated-exporter.ts";
import { median, quantile } from "./statistics.ts";
import { threadTime } from "./thread-time.ts";

/**
 * What the probing thread itself costs: engine, counters and history of a real exporter over a wire that costs next to
 * nothing, in time that is not waited for. Processor time is all that counts, so a busy machine and its kernel hardly show.
 * Arguments: targets (1000), seconds to measure (60), `outage` to drop everything behind the router then.
 */
const [targetCount, seconds] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 60)];
/** Every flow has begun by then, and the code is compiled. */
const WARM_MS = 12_000;
const AFTER_OUTAGE_MS = 25_000;
const PARTS = 6;

/** Within so many milliseconds of a turn the clock that costs least is good enough. */
const SHORT_MS = 2;

/** Time within a turn as this thread has it: what a busy machine does meanwhile delays none. */
let since = performance.now();
let sinceOwn = threadTime();
const clock = new SimulatedClock(
  () => {
    const wall = performance.now() - since;
    return wall < SHORT_MS ? wall : Math.min(wall, threadTime() - sinceOwn);
  },
  () => {
    since = performance.now();
    sinceOwn = threadTime();
  },
);
const exporter = new SimulatedExporter(clock, targetCount);
const { engine, telemetry, wire } = exporter;

/** Takes turns and returns how long this thread was on a processor in each, milliseconds. */
function measured(turns: (around: (turn: () => void) => void) => void): number[] {
  const times: number[] = [];
  turns((turn) => {
    const before = threadTime();
    turn();
    times.push(threadTime() - before);
  });
  return times;
}

function told(what: string, turns: readonly number[]): void {
  const at = (share: number) => quantile(turns, share).toFixed(2);
  console.log(`${what}: p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, longest ${at(1)} ms`);
}

const began = clock.monotonic();
const starting = measured((around) => {
  exporter.begin(around);
  exporter.run(WARM_MS - (clock.monotonic() - began), around);
});
told(`turns of the first ${WARM_MS / 1000} s`, starting);

const share: number[] = [];
for (let part = 0; part < PARTS; part += 1) {
  const [probes, cpu, from] = [wire.probes, process.cpuUsage(), clock.monotonic()];
  exporter.run((seconds * 1000) / PARTS);
  const { user, system } = process.cpuUsage(cpu);
  const passed = clock.monotonic() - from;
  const each = user / (wire.probes - probes);
  share.push(user / passed / 10);
  console.log(
    `user ${each.toFixed(2)} us a probe, ${(user / passed / 10).toFixed(2)} % of a core, ` +
      `system ${(system / passed / 10).toFixed(2)} %, ${Math.round((1000 * (wire.probes - probes)) / passed)} probes/s`,
  );
}
console.log(
  `median ${median(share).toFixed(2)} % of a core; heap ${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`,
);

if (process.argv[4] === "outage") {
  wire.broken = true;
  const turns = measured((around) => exporter.run(AFTER_OUTAGE_MS, around));
  told(`turns of the ${AFTER_OUTAGE_MS / 1000} s after the outage`, turns);
}
console.log(
  [...telemetry.engine.modes.reduced()],
  "skipped",
  [...engine.prober.counters.skipped],
  "ignored",
  [...engine.prober.counters.ignored],
);
process.exit(0);
