import { existsSync, readFileSync } from "node:fs";
import type { Address, Family } from "../packet/address.ts";
import type { Libc } from "./libc.ts";
import { Netlink } from "./netlink.ts";
import {
  countNextHops,
  type Link,
  linkQuestion,
  lookAtPorts,
  type NextHop,
  neighbourQuestion,
  type RouteQuestion,
  readLink,
  readLinkAddress,
  readNextHop,
  routeQuestion,
  rulesQuestion,
} from "./route-message.ts";

/** What the kernel says about this host's routes: the seam to it, tests put tables in memory there. */
export interface KernelRoutes {
  /** The way of a flow, or the errno that a connection would get; 0 where the kernel says neither. */
  nextHop(question: RouteQuestion): NextHop | number;
  /** How many next hops the flow's route has, as it stands in its table. */
  countNextHops(question: RouteQuestion): number;
  /** Whether a rule of `ip rule` looks at protocol or ports. */
  rulesLookAtPorts(family: Family): boolean;
  /** `fib_multipath_hash_policy`; 0 for addresses alone. */
  hashPolicy(family: Family): number;
  /** The link address of a neighbour; undefined where it is not known. */
  linkAddress(device: number, neighbour: Address): Uint8Array | undefined;
  link(device: number): Link | undefined;
  /** Whether connections are tracked here, so that there may be a NAT. */
  tracksConnections(): boolean;
  /** Whether any of this may have changed since the last call. */
  hasChanged(): boolean;
  close(): void;
}

/** Asks by netlink; rules and routes need no privilege. @returns the errno's name where that cannot be done */
export function openKernelRoutes(libc: Libc): KernelRoutes | string {
  const netlink = Netlink.open(libc);
  if (typeof netlink === "string") return netlink;
  return {
    nextHop: (question) => readNextHop(netlink.ask(routeQuestion(question))),
    countNextHops: (question) => countNextHops(netlink.ask(routeQuestion(question, true))),
    rulesLookAtPorts: (family) => lookAtPorts(netlink.ask(rulesQuestion(family))),
    hashPolicy: (family) => numberIn(`/proc/sys/net/ipv${family}/fib_multipath_hash_policy`) ?? 0,
    linkAddress: (device, neighbour) =>
      readLinkAddress(netlink.ask(neighbourQuestion(device, neighbour))),
    link: (device: number) => readLink(netlink.ask(linkQuestion(device))),
    tracksConnections,
    hasChanged: () => netlink.hasChanged(),
    close: () => netlink.close(),
  };
}

/** Every connection that is tracked, and what looks like one, leaves an entry for half a minute or more. */
function tracksConnections(): boolean {
  const entries = numberIn("/proc/sys/net/netfilter/nf_conntrack_count");
  // Without the file nothing can track, if such files can be seen at all.
  return entries === undefined ? !existsSync("/proc/sys/net/ipv4") : entries > 0;
}

/** The number in a file; undefined where there is none. */
function numberIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
