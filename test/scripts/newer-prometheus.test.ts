import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/newer-prometheus.sh", import.meta.url));

it("says in one line that the newer tools cannot be had, lets the tests run, and leaves nothing behind", () => {
  const directory = mkdtempSync(join(tmpdir(), "ecmp-newer-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "apt-get"), "#!/bin/sh\nexit 100\n", { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync("/bin/bash", [SCRIPT], {
    env: { PATH: `${directory}:/usr/bin:/bin`, XDG_CACHE_HOME: directory, TMPDIR: directory },
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).toMatch(
    /^newer-prometheus: .+, so tests with Prometheus 3's promtool are skipped$/m,
  );
  expect(existsSync(join(directory, "ecmp-exporter"))).toBe(false);
});
