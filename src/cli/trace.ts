import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../clock.ts";
import { SETTINGS } from "../config/schema.ts";
import type { EngineSettings } from "../engine/engine.ts";
import type { TargetView } from "../view/target-view.ts";
import type { Command } from "./arguments.ts";
import { commandLog } from "./running.ts";
import { SingleRun } from "./single-run.ts";
import { SURVEYED, TraceEnd, type TraceStage } from "./trace-end.ts";
import { traceReport } from "./trace-report.ts";

/** How often it is looked whether enough is known, milliseconds. */
const LOOK_MS = 100;

/** Exit codes: every flow works; a fault was found. */
const HEALTHY = 0;
const FAULTY = 3;

/**
 * Probes one target from many source ports, traces the flows that fail and a few that work, and prints what was found.
 * @returns the exit code
 * @throws Error with one sentence where it cannot run, or where no probe was valid
 */
export async function trace(command: Extract<Command, { kind: "trace" }>): Promise<number> {
  const { target } = command;
  const log = commandLog(command);
  const run = await SingleRun.start({
    ...command,
    settings: defaultSettings(),
    sample: SURVEYED,
    clock: systemClock,
    log,
  });
  let view: TargetView;
  try {
    await untilEnough(run, new TraceEnd(target));
    view = run.conclude();
  } finally {
    run.stop();
  }
  if (view.flows.every(({ state }) => state === "unknown")) {
    throw new Error(`no probe of ${target.name} was valid: ${view.reason}`);
  }
  process.stdout.write(command.json ? `${JSON.stringify(view, null, 2)}\n` : traceReport(view));
  const failing = view.flows.some(({ state }) => state === "failing");
  return view.verdict === "healthy" || (view.verdict === "indeterminate" && !failing)
    ? HEALTHY
    : FAULTY;
}

async function untilEnough(run: SingleRun, end: TraceEnd): Promise<void> {
  const start = performance.now();
  const progress = new Progress();
  for (;;) {
    await sleep(LOOK_MS);
    const view = run.view();
    const stage = end.stage(view, performance.now() - start);
    if (stage === undefined) break;
    progress.show(stage, view);
  }
  progress.clear();
}

/** One line on standard error that is written over again and again; nothing where that is no terminal. */
class Progress {
  readonly #terminal: boolean = process.stderr.isTTY === true;

  show(stage: TraceStage, { flows }: TargetView): void {
    if (!this.#terminal) return;
    const count = (which: (flow: TargetView["flows"][number]) => boolean): number =>
      flows.filter(which).length;
    const probed = count(({ state }) => state !== "unknown");
    const failing = count(({ state }) => state === "failing");
    const traced = count(({ seen, path }) => seen !== undefined || path !== null);
    this.#write(
      `${stage}: ${probed} of ${flows.length} flows probed, ${failing} fail, ${traced} traced`,
    );
  }

  clear(): void {
    if (this.#terminal) this.#write("");
  }

  #write(text: string): void {
    process.stderr.write(`\r\u001b[K${text}`);
  }
}

/** The budgets of the configuration's defaults. */
function defaultSettings(): EngineSettings {
  const { trace: sweeps, limits } = SETTINGS;
  return {
    packetsPerSecond: limits.packets_per_second.default,
    trace: {
      maxHops: sweeps.max_hops.default,
      attempts: sweeps.attempts.default,
      packetsPerSecond: sweeps.packets_per_second.default,
      hopPacketsPerSecond: sweeps.hop_packets_per_second.default,
    },
  };
}
