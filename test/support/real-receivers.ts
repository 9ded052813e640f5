import { readdirSync, readlinkSync } from "node:fs";
import { systemClock } from "../../src/clock.ts";
import { loadLibc } from "../../src/wire/libc.ts";
import { PacketRing } from "../../src/wire/packet-ring.ts";
import { RawReceiver } from "../../src/wire/raw-receiver.ts";
import type { PacketReceiver } from "../../src/wire/wire.ts";

/** A range of source ports. */
type Ports = readonly { readonly first: number; readonly last: number }[];

/** Opens the real receivers, as the daemon does. */
export const OPEN: Record<"ring" | "raw", (ports: Ports) => Promise<PacketReceiver>> = {
  async ring(ports) {
    const libc = await loadLibc();
    const ring = typeof libc === "string" ? libc : PacketRing.open(libc, systemClock, ports);
    if (typeof ring === "string") throw new Error(ring);
    return ring;
  },
  async raw(ports) {
    const libc = await loadLibc();
    return new RawReceiver(systemClock, typeof libc === "string" ? undefined : libc, ports);
  },
};

/** Descriptors of this process that are sockets. */
export function sockets(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}
