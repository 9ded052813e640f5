import type { PortRange, Target } from "../../flow/target.ts";
import type { NftRuleset } from "./nft-ruleset.ts";

/** Something that was read from the host, or why it could not be. */
export type Read<Value> = { readonly value: Value } | { readonly unread: string };

/** Which way the kernel would send a packet. */
export interface RouteLookup {
  readonly dev: string;
  /** Empty for a destination on the link. */
  readonly gateway: string;
}

/** The ways to one target. */
export interface TargetRoutes {
  /** Of a raw packet that is left to the kernel: it has a source address, and no ports that rules see. */
  readonly probe: Read<RouteLookup>;
  /** Of connections from some of its source ports. */
  readonly connections: readonly (Read<RouteLookup> & { readonly sourcePort: number })[];
  /** Next hops of the route that fits; more than one where this host itself spreads over several uplinks. */
  readonly nextHops: Read<number>;
  /** Why the exporter cannot send probes where connections go, in words; undefined where it can. */
  readonly obstacle: Read<string | undefined>;
}

/** A target that the doctor looks at. */
export interface LookedAt {
  readonly target: Target;
  readonly routes: TargetRoutes;
}

/** An interface other than the loopback that is up. */
export interface InterfaceFacts {
  readonly name: string;
  /** What counts of `rp_filter` there: 0 off, 1 strict, 2 loose. */
  readonly rpFilter: number;
}

/** What the doctor goes by: plain facts about the host. */
export interface HostFacts {
  /** Why raw sockets cannot be opened; undefined where they can. */
  readonly privilege: string | undefined;
  /** Why there is no packet ring; undefined where there is one. */
  readonly ring: string | undefined;
  readonly ephemeralPorts: PortRange | undefined;
  /** Ports of the ranges in use that sockets of this host are bound to. */
  readonly portsInUse: readonly number[];
  readonly ranges: readonly PortRange[];
  readonly targets: readonly LookedAt[];
  /** Targets that cannot be looked at, with why. */
  readonly unresolved: readonly { readonly name: string; readonly error: string }[];
  /** Targets that were left out, because there are so many. */
  readonly leftOut: number;
  readonly interfaces: readonly InterfaceFacts[];
  /** net.ipv4.fib_multipath_hash_policy and its IPv6 twin; undefined where it cannot be read. */
  readonly hashPolicies: { readonly 4: number | undefined; readonly 6: number | undefined };
  /** net.ipv6.auto_flowlabels: 0 off, 1 and 3 on; undefined without IPv6. */
  readonly autoFlowLabels: number | undefined;
  readonly ruleset: Read<NftRuleset>;
  /** The kernel's clock source; undefined where it cannot be read. */
  readonly clockSource: string | undefined;
}
