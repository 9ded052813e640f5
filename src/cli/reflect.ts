import { systemClock } from "../clock.ts";
import { Reflector } from "../daemon/reflector.ts";
import { createLog } from "../log.ts";
import type { Command } from "./arguments.ts";
import type { BuildInfo } from "./build-info.ts";

/**
 * Runs the reflector until SIGTERM or SIGINT.
 * @returns when it has stopped
 * @throws what {@link Reflector.start} throws
 */
export async function reflect(
  command: Extract<Command, { kind: "reflect" }>,
  build: BuildInfo,
): Promise<void> {
  const log = createLog({
    level: command.logLevel,
    format: command.logFormat,
    clock: systemClock,
    write: (line) => process.stderr.write(line),
  });
  const reflector = await Reflector.start({ ...command, build, clock: systemClock, log });
  log.info("reflecting", {
    listen: command.listen.join(" "),
    allow: command.allow.join(" "),
    metrics: `${reflector.url}${command.telemetryPath}`,
    version: build.version,
  });
  const signal = await new Promise<string>((stop) => {
    process.once("SIGTERM", () => stop("SIGTERM"));
    process.once("SIGINT", () => stop("SIGINT"));
  });
  log.info("stopping", { signal });
  await reflector.stop();
}
