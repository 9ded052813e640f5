import { systemClock } from "../clock.ts";
import { Daemon } from "../daemon/daemon.ts";
import type { Command } from "./arguments.ts";
import type { BuildInfo } from "./build-info.ts";
import { commandLog, stopSignal } from "./running.ts";
import { StandardError } from "./standard-error.ts";

/**
 * Runs the daemon until SIGTERM or SIGINT; SIGHUP reloads.
 * @returns when it has stopped
 * @throws what {@link Daemon.start} throws
 */
export async function serve(
  command: Extract<Command, { kind: "serve" }>,
  build: BuildInfo,
): Promise<void> {
  const output = new StandardError();
  const log = commandLog(command, output);
  // Until there is something to reload the signal asks for what is under way; left alone it would end the process.
  let reload = (): void => {};
  process.on("SIGHUP", () => reload());
  const stopped = stopSignal();
  const daemon = await Daemon.start({
    ...command,
    env: process.env,
    build,
    clock: systemClock,
    log,
    logLinesLost: () => output.lost,
  });
  log.info("serving", {
    page: `${daemon.url}/`,
    metrics: `${daemon.url}${command.telemetryPath}`,
    version: build.version,
    config: command.file,
  });
  reload = () => void daemon.reload();
  log.info("stopping", { signal: await stopped });
  await daemon.stop();
}
