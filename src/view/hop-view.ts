import type { HopFacts, NatFacts } from "../topology/hop-facts.ts";
import type { TargetPaths } from "../verdict/target-paths.ts";

/** One entry of an MPLS label stack (RFC 3032), as a hop received it. */
export interface MplsView {
  readonly label: number;
  readonly traffic_class: number;
  readonly bottom: boolean;
  readonly ttl: number;
}

/** An interface that a hop has named (RFC 5837); null for what it did not say. */
export interface InterfaceView {
  /** What it was to the packet: `incoming`, `sub_ip`, `outgoing` or `next_hop`, whose address is the next router's. */
  readonly role: string;
  readonly index: number | null;
  readonly address: string | null;
  readonly name: string | null;
  /** Bytes. */
  readonly mtu: number | null;
}

/** One hop with what its answers showed; null for what they have not. */
export interface HopView {
  readonly address: string;
  /** From reverse DNS, with `hops.resolve`. */
  readonly name: string | null;
  /** Its router, where its identity is known. */
  readonly router: string | null;
  /** The lowest TTL at which it answered. */
  readonly ttl: number | null;
  /** TTL that packets arrived with: 1 as a rule. */
  readonly quoted_ttl: number | null;
  /** Code point that packets arrived with. */
  readonly dscp: number | null;
  /** Packets arrived with other addresses or ports than they were sent with. */
  readonly translated: boolean | null;
  /** The latest distinct label stacks that packets arrived with, outermost label first. */
  readonly mpls: readonly (readonly MplsView[])[];
  readonly interfaces: readonly InterfaceView[];
}

/** An address and port that a NAT put in the place of those sent. */
export interface EndView {
  readonly address: string;
  readonly port: number;
}

/** A NAT on the way: what packets had become behind it. */
export interface NatView {
  /** Quotes of translated packets. */
  readonly replies: number;
  /** The lowest TTL behind it. */
  readonly from_ttl: number | null;
  /** Null where that end is as it was sent. Both null: only the checksum showed it. */
  readonly source: EndView | null;
  readonly destination: EndView | null;
}

/** A code point that was changed on the way. */
export interface DscpView {
  readonly sent: number;
  /** What the nearest hop that saw another received. */
  readonly received: number;
  readonly from_ttl: number | null;
}

/** What routers on the way have shown. */
export interface OnPathView {
  readonly nat: NatView | null;
  readonly dscp_change: DscpView | null;
  readonly hops: readonly HopView[];
}

/** What hops are called. */
export interface HopNaming {
  /** By reverse DNS. */
  readonly nameOf: (address: string) => string | undefined;
  /** The router of an address, where its identity is known. */
  readonly routerOf: (address: string) => string | undefined;
}

/**
 * What is known of the hops towards a target.
 * @param dscp the code point that its packets are sent with
 */
export function onPathView(
  { onPath, topology }: Pick<TargetPaths, "onPath" | "topology">,
  dscp: number,
  names: HopNaming,
): OnPathView {
  const facts = onPath.hops();
  const known = new Set(facts.map(({ address }) => address));
  // Hops that all flows share are asked by a few of them only, and one may be known from before it was last asked.
  const others = new Set(topology.paths().flatMap(({ hops }) => hops));
  const blank = [...others].flatMap((hop) => (hop === null || known.has(hop) ? [] : [hop]));
  const change = onPath.dscpChange(dscp);
  return {
    nat: natView(onPath.nat),
    dscp_change:
      change === undefined ? null : { sent: dscp, received: change.dscp, from_ttl: change.ttl },
    hops: [
      ...facts.map((hop) => ({ ...called(hop.address, names), ...hopView(hop) })),
      ...blank.map((address) => ({ ...called(address, names), ...UNHEARD })),
    ],
  };
}

const UNHEARD = {
  ttl: null,
  quoted_ttl: null,
  dscp: null,
  translated: null,
  mpls: [],
  interfaces: [],
} as const;

function called(address: string, names: HopNaming): Pick<HopView, "address" | "name" | "router"> {
  return { address, name: names.nameOf(address) ?? null, router: names.routerOf(address) ?? null };
}

function hopView(hop: HopFacts): Omit<HopView, "address" | "name" | "router"> {
  const { ttl, quotedTtl, dscp, translated, stacks } = hop;
  const mpls = stacks.map((stack) =>
    stack.map(({ label, trafficClass, bottom, ttl: left }) => ({
      label,
      traffic_class: trafficClass,
      bottom,
      ttl: left,
    })),
  );
  const interfaces = hop.interfaces.map(({ role, index, address, name, mtu }) => ({
    role,
    index: index ?? null,
    address: address?.text ?? null,
    name: name ?? null,
    mtu: mtu ?? null,
  }));
  return { ttl, quoted_ttl: quotedTtl, dscp, translated, mpls, interfaces };
}

function natView(nat: NatFacts | undefined): NatView | null {
  if (nat === undefined) return null;
  const { replies, fromTtl, translation } = nat;
  const end = (changed: NatFacts["translation"]["source"]): EndView | null =>
    changed === undefined ? null : { address: changed.address.text, port: changed.port };
  return {
    replies,
    from_ttl: fromTtl,
    source: end(translation.source),
    destination: end(translation.destination),
  };
}
