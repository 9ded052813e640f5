// The machine's own routes, as `ip route get` has them.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseAddress } from "../../src/packet/address.ts";
import { openKernelRoutes } from "../../src/wire/kernel-routes.ts";
import { loadLibc } from "../../src/wire/libc.ts";

const libc = await loadLibc();
if (typeof libc === "string") throw new Error(libc);
const opened = openKernelRoutes(libc);
if (typeof opened === "string") throw new Error(opened);
const kernel = opened;

function ip(...args: string[]): Record<string, unknown>[] {
  try {
    return JSON.parse(
      execFileSync("ip", ["-j", ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
    );
  } catch {
    return [];
  }
}

function address(text: string) {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

test.each(["127.0.0.1", "127.9.9.9", "192.0.2.1", "198.51.100.7"])("the way to %s", (to) => {
  const flow = ["ipproto", "tcp", "sport", "61000", "dport", "80"];
  const [said] = ip("route", "get", to, ...flow);
  const source = address(String(said?.["prefsrc"] ?? "127.0.0.1"));
  const question = { source, destination: address(to), protocol: 6, device: 0 };
  const found = kernel.nextHop({ ...question, sourcePort: 61_000, destinationPort: 80 });
  if (said === undefined) {
    expect(found).toBeGreaterThan(0);
    return;
  }
  expect(found).toMatchObject({ local: said["type"] === "local" });
  if (typeof found === "number") return;
  expect(found.gateway?.text).toBe(said["gateway"]);
  expect(kernel.link(found.device)?.name).toBe(said["dev"]);
  const free = { ...question, source: undefined, sourcePort: 61_000, destinationPort: 80 };
  expect(kernel.nextHop(free)).toMatchObject({ source });
});

test.each([4, 6] as const)("the rules of IPv%i", (family) => {
  const rules = ip(`-${family}`, "rule", "show");
  const byPort = rules.some((rule) => "ipproto" in rule || "sport" in rule || "dport" in rule);
  expect(kernel.rulesLookAtPorts(family)).toBe(byPort);
});

test("nothing has changed since it was looked at last, and unknown interfaces have no name", () => {
  kernel.hasChanged();
  expect([0, 4].includes(kernel.hashPolicy(4)) || kernel.hashPolicy(4) > 0).toBe(true);
  expect(kernel.link(2 ** 30)).toBeUndefined();
  expect(kernel.linkAddress(1, address("127.0.0.1"))).toBeUndefined();
});
