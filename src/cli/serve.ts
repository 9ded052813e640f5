import { systemClock } from "../clock.ts";
import { Daemon } from "../daemon/daemon.ts";
import { createLog } from "../log.ts";
import type { Command } from "./arguments.ts";
import type { BuildInfo } from "./build-info.ts";

/**
 * Runs the daemon until SIGTERM or SIGINT; SIGHUP reloads.
 * @returns when it has stopped
 * @throws what {@link Daemon.start} throws
 */
export async function serve(
  command: Extract<Command, { kind: "serve" }>,
  build: BuildInfo,
): Promise<void> {
  const log = createLog({
    level: command.logLevel,
    format: command.logFormat,
    clock: systemClock,
    write: (line) => process.stderr.write(line),
  });
  // Until there is something to reload the signal asks for what is under way; left alone it would end the process.
  let reload = (): void => {};
  process.on("SIGHUP", () => reload());
  // From here on, not from when it runs: process 1 of a container has no signal that ends it but those it handles.
  const stopped = new Promise<string>((stop) => {
    process.once("SIGTERM", () => stop("SIGTERM"));
    process.once("SIGINT", () => stop("SIGINT"));
  });
  const daemon = await Daemon.start({
    ...command,
    env: process.env,
    build,
    clock: systemClock,
    log,
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
