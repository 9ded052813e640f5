// Compiles src to dist, copies what the compiler does not (the page), and writes which build it is. The result replaces
// dist at the end in one step, so that a daemon can be started from it at any time.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}dist.${process.pid}.new`;
const old = `${root}dist.${process.pid}.old`;

// Ctrl-C is heard once the build is done, a second or two later, so that nothing half done is left; the compiler, in a
// session of its own, does not hear it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

function revision() {
  try {
    return execFileSync("git", ["rev-parse", "--short=12", "HEAD"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return process.env.ECMP_EXPORTER_REVISION ?? "unknown";
  }
}

try {
  const compiler = `${root}node_modules/typescript/bin/tsc`;
  const args = [compiler, "-p", `${root}tsconfig.json`, "--outDir", out];
  execFileSync(process.execPath, args, { cwd: root, stdio: "inherit", detached: true });
  cpSync(`${root}src/http/page`, `${out}/http/page`, { recursive: true });
  cpSync(`${root}docs/runbook.md`, `${out}/http/page/runbook.md`);
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const info = `${JSON.stringify({ version, revision: revision() }, null, 2)}\n`;
  writeFileSync(`${out}/build-info.json`, info);
  chmodSync(`${out}/cli.js`, 0o755);
  try {
    renameSync(`${root}dist`, old);
  } catch {
    // The first build has nothing to replace.
  }
  renameSync(out, `${root}dist`);
} finally {
  rmSync(out, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}
// A signal that came meanwhile is delivered once the event loop turns.
await setTimeout(10);
