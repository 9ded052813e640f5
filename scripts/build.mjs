// Compiles src to dist, copies what the compiler does not (the page), and writes which build it is.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (path) => `${root}${path}`;

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

rmSync(at("dist"), { recursive: true, force: true });
execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.json")], {
  cwd: root,
  stdio: "inherit",
});
cpSync(at("src/http/page"), at("dist/http/page"), { recursive: true });
const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));
writeFileSync(
  at("dist/build-info.json"),
  `${JSON.stringify({ version, revision: revision() }, null, 2)}\n`,
);
chmodSync(at("dist/cli.js"), 0o755);
