import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError } from "../../../src/config/problem.ts";
import { loadAll } from "../../../src/daemon/configuration.ts";
import { load } from "../../../src/daemon/loading/load.ts";
import {
  loadInThread,
  reloadFilesInThread,
  type StartLoading,
} from "../../../src/daemon/loading/loading-thread.ts";

/** A thread that is none: what goes in and out is cloned as between threads. */
const here: StartLoading = (loading) => {
  const thread = new EventEmitter();
  const cloned = structuredClone(loading);
  void load(cloned).then((result) => {
    thread.emit("message", structuredClone(result));
    thread.emit("exit", 0);
  });
  return thread;
};

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "loading-"));
  file = join(directory, "exporter.yml");
  writeFileSync(
    file,
    `targets:
  - { name: web, host: 192.0.2.1, port: 443, protocol: tcp, labels: { site: a } }
  - { name: time, host: 192.0.2.2, port: 123, protocol: udp, payload: hex, hex: "e3 00" }
  - { name: up, host: "2001:db8::1", protocol: icmp }
target_files: [more.yml]
routers: { files: [routers.yml] }
`,
  );
  writeFileSync(join(directory, "more.yml"), "- targets: [192.0.2.3:80]\n");
  writeFileSync(join(directory, "routers.yml"), "- { name: r1, addresses: [10.0.0.1] }\n");
});

afterEach(() => rmSync(directory, { recursive: true }));

test("what a thread has read is what would have been read here", async () => {
  const source = { file, env: { ECMP_EXPORTER_PROBE_INTERVAL: "20s" } };
  const loaded = await loadInThread(source, here);
  expect(loaded).toEqual(await loadAll(source));
  expect(loaded.specs.map(({ name, intervalMs }) => [name, intervalMs])).toEqual([
    ["web", 20_000],
    ["time", 20_000],
    ["up", 20_000],
    ["192.0.2.3:80", 20_000],
  ]);
});

test("a configuration that a thread refuses is refused with every problem", async () => {
  writeFileSync(
    file,
    "targets:\n  - { name: a, host: 192.0.2.1, port: 0, protocol: tcp }\nno_key: 1\n",
  );
  const source = { file, env: {} };
  const refused = await loadAll(source).catch((error: unknown) => error);
  const inThread = await loadInThread(source, here).catch((error: unknown) => error);
  expect(inThread).toBeInstanceOf(ConfigError);
  expect(inThread).toEqual(refused);
  expect((inThread as ConfigError).problems).toHaveLength(2);
});

test("target files that a thread has read again change what they hold, and a bad one keeps what it had", async () => {
  const before = await loadInThread({ file, env: {} }, here);
  writeFileSync(join(directory, "more.yml"), "- targets: [192.0.2.4:80]\n");
  const changed = await reloadFilesInThread(before, here);
  expect(changed.problem).toBeUndefined();
  expect(changed.loaded.specs.map(({ name }) => name)).toEqual([
    "web",
    "time",
    "up",
    "192.0.2.4:80",
  ]);
  expect(changed.loaded.config).toBe(before.config);
  expect(changed.loaded.config.text).not.toBe("");
  writeFileSync(join(directory, "more.yml"), "- targets: [192.0.2.4]\n");
  const bad = await reloadFilesInThread(changed.loaded, here);
  expect(bad.problem?.problems).toHaveLength(1);
  expect(bad.loaded.specs.map(({ name }) => name)).toEqual(["web", "time", "up", "192.0.2.4:80"]);
});

test("a thread that ends without a word, or throws, is an error", async () => {
  const mute: StartLoading = () => {
    const thread = new EventEmitter();
    setImmediate(() => thread.emit("exit", 7));
    return thread;
  };
  await expect(loadInThread({ file, env: {} }, mute)).rejects.toThrow("ended with exit code 7");
  const throwing: StartLoading = () => {
    const thread = new EventEmitter();
    setImmediate(() => thread.emit("error", new Error("out of memory")));
    return thread;
  };
  await expect(loadInThread({ file, env: {} }, throwing)).rejects.toThrow("out of memory");
});
