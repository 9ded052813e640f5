/**
 * What a lab network looks like: nodes, links, addresses. Pure data; nothing here touches the system.
 *
 * Nodes and links have the addresses of address-plan.ts; services, which probes are meant for, such as a virtual
 * address, have those declared.
 */
import { ADDRESS_PLANS, type AddressPlan } from "./address-plan.ts";

/** A node as declared. */
export interface NodeSpec {
  /** Forwards packets of others. Hosts do not, so that no path leads through them. */
  readonly router?: boolean;
  /** Service addresses on this node, such as 192.0.2.10; faults and truth sets look at packets to them. */
  readonly services?: readonly string[];
}

/** A link as declared. `cost` (default 1) decides the routes, `weight` (default 1) the share of equal ones. */
export type LinkSpec = readonly [
  from: string,
  to: string,
  options?: { readonly cost?: number; readonly weight?: number },
];

/** A lab as declared. */
export interface LabSpec {
  readonly name: string;
  /** IP version of everything in the lab; 4 if absent. */
  readonly family?: 4 | 6;
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly links: readonly LinkSpec[];
  /**
   * Which address a router answers an expired TTL from: the one on `lo`, the same for every flow (default); that of the
   * interface the packet came in by, as most hardware does; or, as Linux does by itself, that of the interface the answer
   * leaves by, of several equal ones by the flow's hash. In IPv6 Linux has no such choice: `interface` is `outgoing` there.
   */
  readonly answersFrom?: "loopback" | "interface" | "outgoing";
  /** Nodes that the machine itself can reach, each over a link of its own in 10.255.0.0/16. */
  readonly hostAccess?: readonly string[];
  /**
   * What routers hash of a packet: `fib_multipath_hash_fields`. Addresses, protocol and ports (0x37) if absent; 0x0f is
   * addresses, protocol and IPv6 flow label.
   */
  readonly hashFields?: number;
  /** Changes every router's hash; the same number gives the same paths again. */
  readonly seed?: number;
}

/** One end of a link. */
export interface Interface {
  readonly node: string;
  readonly name: string;
  readonly address: string;
  readonly peer: string;
  readonly peerAddress: string;
  readonly cost: number;
  readonly weight: number;
}

/** A node with its addresses and interfaces. */
export interface LabNode {
  readonly name: string;
  readonly router: boolean;
  /** The address on `lo`, source of everything the node sends by itself. */
  readonly address: string;
  /** What its routes name as the source; undefined where the kernel is to take that of the interface. */
  readonly routeSource: string | undefined;
  readonly services: readonly string[];
  readonly interfaces: readonly Interface[];
  /** `net.ipv4.fib_multipath_hash_seed`, never 0 (0 lets the kernel choose). */
  readonly hashSeed: number;
}

/** A lab laid out: every node by name. */
export interface Topology {
  readonly spec: LabSpec;
  readonly plan: AddressPlan;
  readonly nodes: ReadonlyMap<string, LabNode>;
  /** All service addresses of the lab. */
  readonly services: readonly string[];
}

const FIRST_HOST = 201;
/** Interface names hold 15 characters: `to-` and, on parallel links, `-2`. */
const LONGEST_NAME = 10;

/**
 * Numbers nodes and links.
 * @throws Error on unknown, too long or too many names
 */
export function defineLab(spec: LabSpec): Topology {
  const plan = ADDRESS_PLANS[spec.family ?? 4];
  const interfaces = new Map<string, Interface[]>();
  for (const name of Object.keys(spec.nodes)) {
    if (!new RegExp(`^[a-z][a-z0-9]{0,${LONGEST_NAME - 1}}$`).test(name)) {
      throw new Error(
        `lab ${spec.name}: "${name}" is no node name (a-z, 0-9, at most ${LONGEST_NAME})`,
      );
    }
    interfaces.set(name, []);
  }
  spec.links.forEach((link, index) => {
    const [near, far] = linkEnds(link, index, plan);
    for (const end of [near, far]) {
      const own = interfaces.get(end.node);
      if (own === undefined) throw new Error(`lab ${spec.name}: link to unknown node ${end.node}`);
      const parallel = own.filter((other) => other.peer === end.peer).length;
      own.push(parallel === 0 ? end : { ...end, name: `${end.name}-${parallel + 1}` });
    }
  });

  // With inbound addresses (IPv4 only) what a route names as source does not matter.
  const byRoute =
    spec.answersFrom === "outgoing" || (spec.answersFrom === "interface" && plan.family === 6);
  let routers = 0;
  let hosts = 0;
  const nodes = new Map<string, LabNode>();
  for (const [name, own] of interfaces) {
    const node = spec.nodes[name] ?? {};
    const router = node.router === true;
    const number = router ? ++routers : FIRST_HOST - 1 + ++hosts;
    if (routers >= FIRST_HOST || number > 254) throw new Error(`lab ${spec.name}: too many nodes`);
    nodes.set(name, {
      name,
      router,
      address: plan.node(number),
      routeSource: byRoute && router ? undefined : plan.node(number),
      services: node.services ?? [],
      interfaces: own,
      hashSeed: scramble((spec.seed ?? 1) * 1000 + number),
    });
  }
  return { spec, plan, nodes, services: [...nodes.values()].flatMap((node) => node.services) };
}

/** The node of this name. @throws Error if there is none */
export function nodeOf(topology: Topology, name: string): LabNode {
  const node = topology.nodes.get(name);
  if (node === undefined) throw new Error(`lab ${topology.spec.name}: no node ${name}`);
  return node;
}

/** The first interface of `name` that leads to `peer`. @throws Error if there is none */
export function interfaceTo(topology: Topology, name: string, peer: string): Interface {
  const found = nodeOf(topology, name).interfaces.find((end) => end.peer === peer);
  if (found === undefined) throw new Error(`lab ${topology.spec.name}: no link ${name} - ${peer}`);
  return found;
}

function linkEnds(link: LinkSpec, index: number, plan: AddressPlan): [Interface, Interface] {
  const [from, to, options] = link;
  const cost = options?.cost ?? 1;
  const weight = options?.weight ?? 1;
  const end = (node: string, peer: string, own: number) => ({
    node,
    name: `to-${peer}`,
    address: plan.link(index, own),
    peer,
    peerAddress: plan.link(index, 1 - own),
    cost,
    weight,
  });
  return [end(from, to, 0), end(to, from, 1)];
}

/** Spreads small numbers over 1 … 2^32 - 1 (the finaliser of MurmurHash3, public domain). */
function scramble(number: number): number {
  let h = number >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) | 1) >>> 0;
}
