import { systemClock } from "../clock.ts";
import { createLog, type Log, type LogFormat, type LogLevel } from "../log.ts";
import { StandardError } from "./standard-error.ts";

/** The log of a command, on standard error. */
export function commandLog(
  command: { readonly logLevel: LogLevel; readonly logFormat: LogFormat },
  output: StandardError = new StandardError(),
): Log {
  return createLog({
    level: command.logLevel,
    format: command.logFormat,
    clock: systemClock,
    write: (text) => output.write(text),
  });
}

/**
 * The signal that ends the command, SIGTERM or SIGINT, when it comes. Ask before anything is started: process 1 of a
 * container has no signal that ends it but those it handles. Further ones change nothing: a terminal and npm both pass Ctrl-C
 * on, and what is being ended takes a few seconds at most.
 */
export function stopSignal(): Promise<string> {
  return new Promise((stop) => {
    process.on("SIGTERM", () => stop("SIGTERM"));
    process.on("SIGINT", () => stop("SIGINT"));
  });
}
