import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/install-test-tools.sh", import.meta.url));
const TOOLS =
  "ip nft tcpdump tshark ping nc.openbsd traceroute.db ps openssl dnsmasq chronyd gtlsserver promtool prometheus-alertmanager chromium tmux".split(
    " ",
  );

/** A cache in which the newer tools are. */
function cacheWithTools(directory: string): string {
  const cache = join(directory, "cache");
  const folder = join(cache, "ecmp-exporter/newer-prometheus");
  mkdirSync(folder, { recursive: true });
  for (const tool of ["promtool", "amtool"]) writeFileSync(join(folder, tool), "", { mode: 0o755 });
  return cache;
}

describe("install-test-tools.sh", () => {
  let directory = "";

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ecmp-tools-"));
    symlinkSync("/bin/sh", join(directory, "sh"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Puts a command into the directory that stands for the whole PATH. */
  const command = (name: string, body = "exit 0") => {
    const path = join(directory, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  };
  const runScript = () => {
    const { status, stdout, stderr } = spawnSync("/bin/bash", [SCRIPT], {
      env: { PATH: directory, XDG_CACHE_HOME: cacheWithTools(directory) },
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  };

  it("says and does nothing where everything is there", () => {
    for (const tool of [...TOOLS, "systemd-analyze"]) command(tool);
    command("id", "echo 0");
    command("apt-get", "echo called; exit 1");
    expect(runScript()).toEqual({ status: 0, said: "" });
  });

  it("says in one sentence what a user other than root goes without, and lets the tests run", () => {
    command("id", "echo 1000");
    command("apt-get", "echo called; exit 1");
    const { status, said } = runScript();
    expect(status).toBe(0);
    expect(said).toMatch(
      /^install-test-tools: not root, so [^\n]* tshark [^\n]* prometheus prometheus-alertmanager chromium tmux\n$/,
    );
  });
});
