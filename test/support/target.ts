import type { Target } from "../../src/flow/target.ts";
import { address } from "./address.ts";

/** Documentation addresses of a target, of this host and of a router between them, by family. */
export const ENDS = {
  4: { to: "198.51.100.2", from: "192.0.2.1", router: "203.0.113.7" },
  6: { to: "2001:db8:2::2", from: "2001:db8::1", router: "2001:db8:7::7" },
} as const;

/** A TCP target on documentation addresses, eight flows every second, changed by `settings`. */
export function makeTarget(
  settings: Partial<Target> & { to?: string; from?: string } = {},
): Target {
  const { to = ENDS[4].to, from = ENDS[4].from, ...rest } = settings;
  return {
    name: "service",
    host: to,
    resolve: "first",
    port: rest.protocol === "icmp" ? 0 : 3306,
    protocol: "tcp",
    family: "auto",
    labels: {},
    intervalMs: 1000,
    timeoutMs: 500,
    flowBuckets: 8,
    sourcePorts: { first: 61_000, last: 65_535 },
    rotation: "0 */10 * * * *",
    rotationHoldMs: 60_000,
    dscp: 0,
    flowLabel: "port",
    method: "raw",
    series: "full",
    address: address(to),
    source: address(from),
    ...rest,
  };
}
