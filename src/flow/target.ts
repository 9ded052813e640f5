import type { Address } from "../packet/address.ts";
import type { FlowLabel } from "./flow-label.ts";

/** Transport of the probes. */
export const PROTOCOLS = ["tcp", "udp", "icmp"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * How TCP is probed. `raw`: a SYN of our own, whose SYN-ACK this host's kernel resets. `connect`: a whole connection of the
 * kernel's, which needs no privilege.
 */
export const METHODS = ["raw", "connect"] as const;
export type Method = (typeof METHODS)[number];

/**
 * Which buckets of a target have series of their own. `full`: all. `failing`: those that failed in the last hour. `paths`: none,
 * paths and links have them. The others are counted together.
 */
export const SERIES_MODES = ["full", "failing", "paths"] as const;
export type SeriesMode = (typeof SERIES_MODES)[number];

/** An inclusive range of ports. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** How one target is probed; the `probe` section of the configuration gives the defaults. */
export interface ProbeSettings {
  /** Every active flow is probed once in this time. */
  readonly intervalMs: number;
  /** A reply later than this after sending is late; less than the interval. */
  readonly timeoutMs: number;
  /** Number of flow buckets, 1 to 1024; each has one active flow. */
  readonly flowBuckets: number;
  /** Source ports the flows take. */
  readonly sourcePorts: PortRange;
  /** When every bucket moves on to its next port: a node-cron expression with seconds. */
  readonly rotation: string;
  /** A failing flow keeps its port for at most this long. */
  readonly rotationHoldMs: number;
  /** Differentiated services code point, 0 to 63. */
  readonly dscp: number;
  /** IPv6 flow label of the probes; without effect in IPv4. */
  readonly flowLabel: FlowLabel;
  /** For TCP; `raw` for the others. */
  readonly method: Method;
  /** Which series there are of it, as long as `limits.series` has room for them. */
  readonly series: SeriesMode;
}

/** What the probes of a UDP target say, so that its service answers. */
export type PayloadSpec =
  /** `name`: what is asked for; "." is the root. */
  | { readonly kind: "dns"; readonly name: string }
  | { readonly kind: "ntp" | "quic" | "stamp" }
  /** Hex digits: what is sent, and what an answer begins with (nothing: any answer). */
  | { readonly kind: "hex"; readonly bytes: string; readonly expect: string };

/** A target as configured, its name not yet resolved. */
export interface TargetSpec extends ProbeSettings {
  readonly name: string;
  /** Host name or address. */
  readonly host: string;
  /** `first`: one address of the name. `all`: every address becomes a target NAME/ADDRESS. */
  readonly resolve: "first" | "all";
  /** Destination port, 1 to 65535; 0 for ICMP. */
  readonly port: number;
  readonly protocol: Protocol;
  /** Of UDP targets whose service answers; without it port-unreachable is the answer. */
  readonly payload?: PayloadSpec;
  /**
   * Networks or addresses of the target's own beside the one that is probed: who reports from there that nobody listens on
   * the port is the target. Not of ICMP targets.
   */
  readonly acceptFrom?: readonly string[];
  readonly family: "auto" | "ipv4" | "ipv6";
  /** User labels, added to every series of the target. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A target that can be probed: its address is known, and the source address the kernel would use for it. */
export interface Target extends TargetSpec {
  readonly address: Address;
  readonly source: Address;
}

/**
 * The same target as an object of the one layout that all have: objects that are put together from parts each get a layout of their own, and
 * then every look at one of their members is a search. Of a thousand targets every probe has a dozen.
 */
export function inOneLayout({ payload, acceptFrom, ...target }: Target): Target {
  const all: Required<Omit<Target, "payload" | "acceptFrom">> = {
    name: target.name,
    host: target.host,
    resolve: target.resolve,
    address: target.address,
    source: target.source,
    protocol: target.protocol,
    port: target.port,
    method: target.method,
    intervalMs: target.intervalMs,
    timeoutMs: target.timeoutMs,
    flowBuckets: target.flowBuckets,
    sourcePorts: target.sourcePorts,
    rotation: target.rotation,
    rotationHoldMs: target.rotationHoldMs,
    dscp: target.dscp,
    flowLabel: target.flowLabel,
    series: target.series,
    family: target.family,
    labels: target.labels,
  };
  const laidOut: { -readonly [Member in keyof Target]: Target[Member] } = all;
  if (payload !== undefined) laidOut.payload = payload;
  if (acceptFrom !== undefined) laidOut.acceptFrom = acceptFrom;
  return laidOut;
}
