import { existsSync } from "node:fs";
import { join } from "node:path";

/** Whether a command is missing, so that tests of it are skipped; with CI=true none may be, and its absence shows as a failure. */
export function isMissing(command: string, debianPackage: string): boolean {
  const directories = (process.env["PATH"] ?? "").split(":");
  if (directories.some((directory) => existsSync(join(directory, command)))) return false;
  if (process.env["CI"] === "true") return false;
  console.info(
    `${command} is not installed (Debian package ${debianPackage}): its tests are skipped`,
  );
  return true;
}
