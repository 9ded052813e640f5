import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/check-raw-socket.mjs", import.meta.url));

describe("check-raw-socket.mjs", () => {
  /** Holds the script, outside the project, so that raw-socket is only there where a test puts it. */
  let project = "";
  /** Stands for the whole PATH. */
  let bin = "";

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "ecmp-check-"));
    bin = join(project, "bin");
    mkdirSync(bin);
    cpSync(SCRIPT, join(project, "check.mjs"));
  });
  afterEach(() => rmSync(project, { recursive: true }));

  const command = (name: string): void => {
    writeFileSync(join(bin, name), "#!/bin/sh\n");
    chmodSync(join(bin, name), 0o755);
  };
  const check = (env: NodeJS.ProcessEnv = {}): { status: number | null; said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(project, "check.mjs")], {
      env: { PATH: bin, ...env },
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  };

  it("says nothing where raw-socket can be loaded, compiler or not", () => {
    mkdirSync(join(project, "node_modules/raw-socket"), { recursive: true });
    writeFileSync(join(project, "node_modules/raw-socket/index.js"), "");
    expect(check()).toEqual({ status: 0, said: "" });
  });

  it("says nothing to somebody who leaves optional packages out", () => {
    expect(check({ npm_config_omit: "dev optional" })).toEqual({ status: 0, said: "" });
    expect(check({ npm_config_omit: "dev" }).status).toBe(1);
  });

  it.each([
    ["apt-get", "apt-get install build-essential python3"],
    ["dnf", "dnf install gcc-c++ make python3"],
    ["apk", "apk add build-base python3"],
  ])("says in one sentence what is missing and how %s brings it", (manager, brings) => {
    command(manager);
    expect(check()).toEqual({
      status: 1,
      said: `raw-socket could not be compiled because this machine lacks a C++ compiler, make and Python 3: run "${brings}", then "npm ci" again.\n`,
    });
  });

  it("names only what is missing", () => {
    command("g++");
    command("python3");
    expect(check().said).toMatch(/^raw-socket could not be compiled because .* lacks make: run "/);
  });

  it("takes the compiler and Python that the environment names", () => {
    command("make");
    const env = { CXX: process.execPath, NODE_GYP_FORCE_PYTHON: process.execPath };
    expect(check(env)).toEqual({
      status: 1,
      said: 'raw-socket could not be compiled although a C++ compiler, make and Python 3 are there: "npm ci --foreground-scripts" shows why.\n',
    });
  });
});
