import { readFileSync } from "node:fs";
import type { PortRange } from "../flow/target.ts";

const TABLES = ["tcp", "tcp6", "udp", "udp6"] as const;

/**
 * The ports of `ranges` that sockets of this network namespace are bound to: an answer to such a port may belong to
 * somebody else, so no flow takes it.
 */
export function portsInUse(ranges: readonly PortRange[]): Set<number> {
  const used = new Set<number>();
  for (const table of TABLES) {
    let text: string;
    try {
      text = readFileSync(`/proc/net/${table}`, "utf8");
    } catch {
      // A kernel without IPv6 has no such table.
      continue;
    }
    // The second column is the local address and port in hexadecimal.
    for (const match of text.matchAll(/^\s*\d+:\s+[0-9A-F]+:([0-9A-F]{4})\s/gm)) {
      const port = Number.parseInt(match[1] ?? "0", 16);
      if (ranges.some(({ first, last }) => port >= first && port <= last)) used.add(port);
    }
  }
  return used;
}

/** The range that the kernel takes its own source ports from; undefined where it cannot be read. */
export function ephemeralPorts(): PortRange | undefined {
  try {
    const text = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
    const [first, last] = text.trim().split(/\s+/).map(Number);
    return first === undefined || last === undefined ? undefined : { first, last };
  } catch {
    return undefined;
  }
}
