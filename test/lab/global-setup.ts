import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { run, runSync } from "./command.ts";
import { sweepLeftovers } from "./namespaces.ts";
import { packageRoot } from "./services.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Why labs cannot run here; empty if they can. Lab tests skip themselves by it. */
    labMissing: string;
  }
}

/** Commands the labs need, each with the Debian package that brings it. */
const COMMANDS = {
  ip: "iproute2",
  nft: "nftables",
  ss: "iproute2",
  ping: "iputils-ping",
  nc: "netcat-openbsd",
  traceroute: "traceroute",
  tcpdump: "tcpdump",
  prometheus: "prometheus",
  promtool: "prometheus",
  setpriv: "util-linux",
  unshare: "util-linux",
} as const;

/**
 * Runs once before the lab tests: says whether this machine can hold a lab, cleans up after killed runs, builds
 * `dist` if the sources are newer.
 * @throws Error where labs cannot run although `CI=true` promises that they do, or the build fails
 */
export async function setup(project: TestProject): Promise<void> {
  const missing = whatIsMissing();
  project.provide("labMissing", missing);
  if (missing !== "") {
    if (process.env["CI"] === "true") throw new Error(`labs must run in CI: ${missing}`);
    console.warn(`labs are skipped: ${missing}`);
    return;
  }
  sweepLeftovers();
  await buildIfStale();
}

/** Removes what workers that were killed left behind. */
export function teardown(): void {
  if (process.getuid?.() === 0) sweepLeftovers();
}

function whatIsMissing(): string {
  if (process.getuid?.() !== 0) return "they need root, for network namespaces";
  for (const [command, debianPackage] of Object.entries(COMMANDS)) {
    const found = (process.env["PATH"] ?? "")
      .split(":")
      .some((directory) => existsSync(join(directory, command)));
    if (!found) return `${command} is not installed (Debian package ${debianPackage})`;
  }
  return tryNamespace();
}

/** Whether the kernel has everything a router of ours needs; an old one lacks the hash seed (Linux 6.11). */
function tryNamespace(): string {
  const script = [
    "echo 3 > /proc/sys/net/ipv4/fib_multipath_hash_policy",
    "echo 55 > /proc/sys/net/ipv4/fib_multipath_hash_fields",
    "echo 1 > /proc/sys/net/ipv4/fib_multipath_hash_seed",
    "ip link add name veth0 type veth peer name veth1",
    "nft add table ip t",
  ].join("\n");
  try {
    runSync("unshare", ["--net", "sh", "-e"], script);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function buildIfStale(): Promise<void> {
  const root = packageRoot();
  const built = join(root, "dist/cli.js");
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(root, "src"))) return;
  await run("npm", ["--prefix", root, "run", "--silent", "build"]);
}

/** Time of the latest change below a directory, milliseconds since the epoch. */
function newest(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Math.max(
    0,
    ...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}
