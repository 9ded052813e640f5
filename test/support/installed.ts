import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where scripts/newer-prometheus.sh puts the tools of Prometheus 3 and of the Alertmanager of its time. */
const NEWER = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "ecmp-exporter/newer-prometheus",
);

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

/**
 * A tool of Prometheus in the versions that there are here: of Debian's stable release, and of its testing release. One that
 * is missing is said once, and with CI=true its absence shows as a failure.
 */
export function versionsOf(
  tool: "promtool" | "amtool",
  debianPackage: string,
): { readonly release: string; readonly command: string }[] {
  const newer = join(NEWER, tool);
  const versions = [];
  if (!isMissing(tool, debianPackage)) versions.push({ release: "stable", command: tool });
  if (existsSync(newer) || process.env["CI"] === "true") {
    versions.push({ release: "testing", command: newer });
  } else {
    console.info(
      `${newer} is not there (scripts/newer-prometheus.sh fetches it): its tests are skipped`,
    );
  }
  return versions;
}
