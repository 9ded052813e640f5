import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../test/lab/command.ts";
import { Daemon } from "../test/lab/daemon.ts";
import type { Lab } from "../test/lab/lab.ts";
import { packageRoot } from "../test/lab/services.ts";
import {
  buildNetwork,
  cpuSeconds,
  FIRST_PORT,
  residentMegabytes,
  SERVICE,
} from "./probing-network.ts";

/**
 * Processor time of a completed probe beside plain C probers (bench/baseline) at the same rates, through the same two
 * links, one after the other in each round. Prints the medians and the ratios; ends with 1 if a bound is missed.
 * Needs root and cc. Arguments: rounds (5), seconds a measurement (8).
 */
const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 8);

/** A load and what it may cost, as a multiple of the C prober with sendto and recv. */
interface Load {
  readonly rate: number;
  readonly targets: number;
  readonly flows: number;
  readonly interval: string;
  readonly most: number;
}

const LOADS: readonly Load[] = [
  { rate: 1_000, targets: 10, flows: 100, interval: "1s", most: 1 },
  { rate: 10_000, targets: 10, flows: 1_000, interval: "1s", most: 1 },
  { rate: 50_000, targets: 50, flows: 1_000, interval: "1s", most: 1 },
];

/** What a prober did in one measurement. */
interface Measured {
  /** Processor time of a completed probe, in microseconds. */
  readonly cpuMicros: number;
  /** Share of the probes sent that were answered. */
  readonly answered: number;
  /** Probes that the prober spoiled or left out. */
  readonly spoiled: number;
  /** Resident memory, in megabytes; 0 where it was not read. */
  readonly megabytes: number;
}

const directory = mkdtempSync(join(tmpdir(), "ecmp-bench-"));
const PROBERS = ["sendto", "ring"] as const;
for (const name of PROBERS) {
  const source = join(packageRoot(), `bench/baseline/${name}.c`);
  await run("cc", ["-O2", "-Wall", "-Wextra", "-o", join(directory, name), source]);
}

async function measureBaseline(lab: Lab, name: string, load: Load): Promise<Measured> {
  const { targets, flows, rate } = load;
  const numbers = [FIRST_PORT, targets, flows, rate, seconds].map(String);
  const text = await lab.exec("client", [
    join(directory, name),
    lab.address("client"),
    SERVICE,
    ...numbers,
  ]);
  const { sent, answered, cpu_seconds } = JSON.parse(text) as Record<string, number>;
  if (sent === undefined || answered === undefined || cpu_seconds === undefined) {
    throw new Error(`${name} printed ${text}`);
  }
  return {
    cpuMicros: (cpu_seconds / answered) * 1e6,
    answered: answered / sent,
    spoiled: 0,
    megabytes: 0,
  };
}

async function measureExporter(lab: Lab, load: Load): Promise<Measured> {
  const { targets, flows, rate, interval } = load;
  const daemon = await Daemon.start(lab, "client", {
    probe: { interval, timeout: "500ms", flow_buckets: flows },
    limits: { packets_per_second: Math.ceil(rate * 1.2) + 1_000 },
    targets: Array.from({ length: targets }, (_, i) => ({
      name: `target-${i}`,
      host: SERVICE,
      port: FIRST_PORT + i,
      protocol: "tcp",
    })),
  });
  try {
    // Until every flow has begun, its code is compiled and the first surveys are under way.
    await sleep(10_000);
    const before = await counted(daemon);
    // What the scrape itself cost is over by then.
    await sleep(2_000);
    const cpu = cpuSeconds(daemon.process.pid);
    await sleep(seconds * 1_000);
    const used = cpuSeconds(daemon.process.pid) - cpu;
    const megabytes = residentMegabytes(daemon.process.pid);
    const after = await counted(daemon);
    // Scrapes stand outside the time whose processor use was read, so probes are counted by their rate.
    const answered = after.answered - before.answered;
    const perSecond = (answered * 1_000) / (after.at - before.at);
    const spoiled = after.spoiled - before.spoiled;
    const tried = after.probes - before.probes + spoiled;
    return {
      cpuMicros: (used / (perSecond * seconds)) * 1e6,
      answered: answered / tried,
      spoiled,
      megabytes,
    };
  } finally {
    await daemon.stop();
  }
}

/** The exporter's own counters, and when they were read, milliseconds. */
async function counted(daemon: Daemon): Promise<{
  readonly at: number;
  readonly probes: number;
  readonly answered: number;
  readonly spoiled: number;
}> {
  const metrics = await daemon.metrics();
  const probes = metrics.sum("ecmp_probes_total");
  const invalid = metrics.sum("ecmp_probes_invalid_total");
  const skipped = metrics.sum("ecmp_exporter_probes_skipped_total");
  return {
    at: performance.now(),
    probes,
    answered: probes - metrics.sum("ecmp_probe_failures_total"),
    spoiled: invalid + skipped,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const format = (value: number) => value.toFixed(1).padStart(7);
let missed = 0;
console.log(`CPU of a completed probe in us, medians of ${rounds} runs of ${seconds} s:`);
console.log("   rate  exporter  C sendto   C ring   ratio to sendto  answered  spoiled     MB");
try {
  for (const load of LOADS) {
    const lab = await buildNetwork(load.targets);
    try {
      const runs: { sendto: Measured; ring: Measured; exporter: Measured }[] = [];
      for (let round = 0; round < rounds; round++) {
        runs.push({
          sendto: await measureBaseline(lab, "sendto", load),
          ring: await measureBaseline(lab, "ring", load),
          exporter: await measureExporter(lab, load),
        });
      }
      const cost = (who: "sendto" | "ring" | "exporter") =>
        median(runs.map((measured) => measured[who].cpuMicros));
      const ratios = runs.map(({ exporter, sendto }) => exporter.cpuMicros / sendto.cpuMicros);
      const ratio = median(ratios);
      const answered = Math.min(...runs.map(({ exporter }) => exporter.answered));
      const spoiled = Math.max(...runs.map(({ exporter }) => exporter.spoiled));
      const megabytes = Math.max(...runs.map(({ exporter }) => exporter.megabytes));
      const worst = Math.max(...ratios);
      console.log(
        `${String(load.rate).padStart(7)}  ${format(cost("exporter"))}  ${format(cost("sendto"))} ` +
          ` ${format(cost("ring"))}  ${ratio.toFixed(2)} (worst ${worst.toFixed(2)}, at most ${load.most})` +
          `  ${(100 * answered).toFixed(2)} %  ${spoiled}  ${megabytes.toFixed(0)}`,
      );
      if (ratio > load.most || spoiled > 0) missed += 1;
    } finally {
      await lab.destroy();
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
if (missed > 0) console.log(`${missed} lines miss their bound`);
process.exitCode = missed > 0 ? 1 : 0;
