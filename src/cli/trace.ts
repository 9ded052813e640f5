import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../clock.ts";
import { SETTINGS } from "../config/schema.ts";
import type { EngineSettings } from "../engine/engine-options.ts";
import { readableLines } from "../view/readable-text.ts";
import type { TargetView } from "../view/target-view.ts";
import { ticketText } from "../view/ticket.ts";
import type { Command } from "./arguments.ts";
import { commandLog } from "./running.ts";
import { SingleRun } from "./single-run.ts";
import { showsColours } from "./terminal.ts";
import type { TraceFormat } from "./trace-arguments.ts";
import { traceDot } from "./trace-dot.ts";
import { SURVEYED, TraceEnd } from "./trace-end.ts";
import { Progress } from "./trace-progress.ts";
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
  const { target, format } = command;
  const began = systemClock.wall();
  const run = await SingleRun.start({
    ...command,
    settings: defaultSettings(),
    sample: SURVEYED,
    clock: systemClock,
    log: commandLog(command),
  });
  let view: TargetView;
  try {
    await untilEnough(run, new TraceEnd({ ...target, rounds: command.rounds }));
    view = run.conclude();
  } finally {
    run.stop();
  }
  if (view.flows.every(({ state }) => state === "unknown")) {
    throw new Error(`no probe of ${target.name} was valid: ${view.reason}`);
  }
  process.stdout.write(printed(view, format, began));
  const failing = view.flows.some(({ state }) => state === "failing");
  return view.verdict === "healthy" || (view.verdict === "indeterminate" && !failing)
    ? HEALTHY
    : FAULTY;
}

async function untilEnough(run: SingleRun, end: TraceEnd): Promise<void> {
  const start = performance.now();
  const progress = new Progress(process.stderr);
  for (;;) {
    await sleep(LOOK_MS);
    const view = run.view();
    const wait = end.wait(view, performance.now() - start);
    if (wait === undefined) break;
    progress.show({ ...wait, flows: view.flows, packets: run.packetsSent });
  }
  progress.clear();
}

/** What was found, as it was asked for. @param began when probing began, milliseconds since the Unix epoch */
function printed(view: TargetView, format: TraceFormat, began: number): string {
  switch (format) {
    case "json":
      return readableLines(`${JSON.stringify(view, null, 2)}\n`);
    case "dot":
      return traceDot(view);
    case "ticket":
      return (
        ticketText(view, systemClock.wall(), began) ??
        `Nothing to report: ${view.verdict}: ${view.reason}\n`
      );
    case "report":
    case "full":
      return traceReport(view, { all: format === "full", colour: showsColours(process.stdout) });
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
