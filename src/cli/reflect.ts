import { systemClock } from "../clock.ts";
import { Reflector } from "../reflector/reflector.ts";
import type { Command } from "./arguments.ts";
import type { BuildInfo } from "./build-info.ts";
import { commandLog, stopSignal } from "./running.ts";

/**
 * Runs the reflector until SIGTERM or SIGINT.
 * @returns when it has stopped
 * @throws what {@link Reflector.start} throws
 */
export async function reflect(
  command: Extract<Command, { kind: "reflect" }>,
  build: BuildInfo,
): Promise<void> {
  const log = commandLog(command);
  const stopped = stopSignal();
  const reflector = await Reflector.start({ ...command, build, clock: systemClock, log });
  log.info("reflecting", {
    listen: command.listen.join(" "),
    allow: command.allow.join(" "),
    metrics: `${reflector.url}${command.telemetryPath}`,
    version: build.version,
  });
  log.info("stopping", { signal: await stopped });
  await reflector.stop();
}
