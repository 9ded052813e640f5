import { TRACE_FLAGS } from "./trace-arguments.ts";
import { UsageError } from "./usage-error.ts";

/** The commands that take a flag; one that is not here belongs to all. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "config.file": ["serve", "check-config", "doctor"],
  "web.listen-address": ["serve", "reflect"],
  "web.telemetry-path": ["serve", "reflect"],
  "web.config.file": ["serve", "reflect"],
  receiver: ["serve", "trace"],
  listen: ["reflect"],
  allow: ["reflect"],
  rate: ["reflect"],
  ...Object.fromEntries(Object.keys(TRACE_FLAGS).map((flag) => [flag, ["trace"]])),
};

/**
 * Refuses flags of other commands, which would do nothing.
 * @param given names of the flags on the command line
 * @throws {UsageError} naming the flag and whose it is
 */
export function refuseStrayFlags(command: string, given: Iterable<string>): void {
  for (const flag of given) {
    const owners = OWNERS[flag];
    if (owners === undefined || owners.includes(command)) continue;
    const last = owners.at(-1);
    const others = owners.slice(0, -1).join(", ");
    throw new UsageError(
      `--${flag} is a flag of ${others === "" ? last : `${others} and ${last}`}`,
    );
  }
}
