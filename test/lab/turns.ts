import { join } from "node:path";
import type { Daemon } from "./daemon.ts";
import { until } from "./processes.ts";
import { packageRoot } from "./services.ts";

/** A spread of times, milliseconds. */
export type Spread = Readonly<Record<"p50" | "p99" | "p999" | "worst", number>>;

/** The turns of the probing thread over a while. */
export interface Turns {
  readonly turns: number;
  /** How late they came. */
  readonly delay: Spread;
  /** How long the thread was on a processor from one to the next. */
  readonly held: Spread;
}

/** What comes before `node` so that the daemon counts its turns (bench/programs/turn-delays.mjs). */
export const COUNTING_TURNS: readonly string[] = [
  "env",
  `NODE_OPTIONS=--import=${join(packageRoot(), "bench/programs/turn-delays.mjs")}`,
];

/** The turns since this was last asked. @throws Error if they are not told in 10 s */
export async function turnsSoFar(daemon: Daemon): Promise<Turns> {
  const lines = () => daemon.process.stdout.match(/^turn-delays .*$/gm) ?? [];
  const before = lines().length;
  process.kill(daemon.process.pid, "SIGUSR2");
  await until(() => lines().length > before, { limitMs: 10_000, what: "the turns are told" });
  return JSON.parse((lines().at(-1) ?? "").slice("turn-delays ".length)) as Turns;
}
