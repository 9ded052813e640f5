import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../test/lab/command.ts";
import type { Lab } from "../test/lab/lab.ts";
import { packageRoot } from "../test/lab/services.ts";
import type { Load } from "./exporter.ts";
import { FIRST_PORT, SERVICE } from "./probing-network.ts";

/** The plain C probers of `bench/baseline`. */
export const BASELINES = ["sendto", "ring"] as const;
/** Name of one of them. */
export type Baseline = (typeof BASELINES)[number];

/** What a C prober did. */
export interface BaselineResult {
  /** Processor time of a completed probe, microseconds. */
  readonly cpuMicros: number;
  /** Completed probes a second. */
  readonly perSecond: number;
}

/** The C probers, compiled with `cc -O2` into a directory that ends with the process. @throws Error with what cc said */
export async function buildBaselines(): Promise<Readonly<Record<Baseline, string>>> {
  const directory = mkdtempSync(join(tmpdir(), "ecmp-bench-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  for (const name of BASELINES) {
    const source = join(packageRoot(), `bench/baseline/${name}.c`);
    await run("cc", ["-O2", "-Wall", "-Wextra", "-o", join(directory, name), source]);
  }
  return { sendto: join(directory, "sendto"), ring: join(directory, "ring") };
}

/**
 * Lets a C prober probe.
 * @param rate probes a second; 0: as fast as it can
 * @param wrapper comes before its command, such as taskset
 */
export async function runBaseline(
  lab: Lab,
  program: string,
  { targets, flows, rate }: Pick<Load, "targets" | "flows" | "rate">,
  seconds: number,
  wrapper: readonly string[] = [],
): Promise<BaselineResult> {
  const numbers = [FIRST_PORT, targets, flows, rate, seconds].map(String);
  const command = [...wrapper, program, lab.address("client"), SERVICE, ...numbers];
  const text = await lab.exec("client", command);
  const told = JSON.parse(text) as Partial<Record<string, number>>;
  const { answered, seconds: took, cpu_seconds: cpu } = told;
  if (answered === undefined || took === undefined || cpu === undefined) {
    throw new Error(`${program} printed ${text}`);
  }
  return { cpuMicros: (cpu / answered) * 1e6, perSecond: answered / took };
}
