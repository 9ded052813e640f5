import type { Address, Family } from "../packet/address.ts";
import { IP_PROTOCOL } from "../packet/ip.ts";
import type { KernelRoutes } from "./kernel-routes.ts";
import type { NextHop, RouteQuestion } from "./route-message.ts";

/** How a packet has to be sent to leave this host as a connection of its 5-tuple would. */
export type Way =
  /** As any packet of a raw socket; undefined where that may be any of several, or this host itself. */
  | { readonly how: "usual"; readonly hop: NextHop | undefined }
  /** By a raw socket that is tied to an interface. */
  | { readonly how: "device"; readonly hop: NextHop }
  /** By no raw socket: only by the interface itself. */
  | { readonly how: "link"; readonly hop: NextHop }
  /** The kernel would refuse the connection. */
  | { readonly how: "refused"; readonly errno: number };

/** A flow, as the kernel is asked for its route. */
export type Tuple = Omit<RouteQuestion, "device" | "source"> & { readonly source: Address };

const USUAL: Way = { how: "usual", hop: undefined };
/** The kernel looks the route of a raw packet up without its ports, and by a protocol that is none of these. */
const STAND_INS = [IP_PROTOCOL.tcp, IP_PROTOCOL.udp] as const;
const FAMILIES: readonly Family[] = [4, 6];

/**
 * Finds out which way a connection would go, and how a packet is made to go it. The kernel routes raw packets by address alone.
 * Connections go otherwise where a rule looks at protocol or ports, and where a route has several next hops: there the kernel
 * hashes protocol and ports as well (IPv4 with a hash policy other than 0, IPv6 always).
 *
 *     5-tuple ──▶ its next hop ──▶ would a raw packet go there? ── yes ─▶ usual
 *                                          │ no
 *                                  and one that is tied to the interface? ── yes ─▶ device
 *                                          │ no
 *                                          └─▶ link
 */
export class ConnectionWays {
  readonly #kernel: KernelRoutes;
  readonly #byRule: Map<Family, boolean> = new Map();
  readonly #hashesPorts: Map<Family, boolean> = new Map();
  /** Every packet asks. */
  readonly #mayDiffer: Record<Family, boolean> = { 4: true, 6: true };
  /** By source, destination and next hop: what holds for all flows that have these. */
  readonly #found: Map<string, Way> = new Map();

  constructor(kernel: KernelRoutes) {
    this.#kernel = kernel;
    this.refresh();
  }

  /** Forgets what was found: rules or routes have changed. */
  refresh(): void {
    this.#found.clear();
    for (const family of FAMILIES) {
      this.#byRule.set(family, this.#kernel.rulesLookAtPorts(family));
      this.#hashesPorts.set(family, this.#kernel.hashPolicy(family) !== 0);
      this.#mayDiffer[family] = this.#byRule.get(family) === true || this.#hashesMore(family);
    }
  }

  /** Whether flows of the family may go otherwise than raw packets at all. */
  mayDiffer(family: Family): boolean {
    return this.#mayDiffer[family];
  }

  /** The source address that connections to a port have, where they may have another than what is sent to other ports. */
  sourceFor(destination: Address, protocol: number, destinationPort: number): Address | undefined {
    const { family } = destination;
    if (!this.#byRule.get(family) && !this.#hashesPorts.get(family)) return undefined;
    const question = { source: undefined, destination, protocol, sourcePort: 0, device: 0 };
    const hop = this.#kernel.nextHop({ ...question, destinationPort });
    return typeof hop === "number" ? undefined : hop.source;
  }

  /** Whether flows between the addresses may: else nothing needs to be asked for any of them. */
  mayDifferBetween(tuple: Tuple): boolean {
    const { family } = tuple.destination;
    return this.#byRule.get(family) === true || this.#isSpread(tuple);
  }

  /** The way of one flow. */
  of(tuple: Tuple): Way {
    const hop = this.#kernel.nextHop({ ...tuple, device: 0 });
    if (typeof hop === "number") return hop === 0 ? USUAL : { how: "refused", errno: hop };
    if (hop.local) return USUAL;
    const { source, destination } = tuple;
    const key = `${source.text} ${destination.text} ${hop.device} ${hop.gateway?.text ?? ""}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const way = this.#find(tuple, hop);
    this.#found.set(key, way);
    return way;
  }

  /** Why packets of our own cannot be sent by a way; undefined where they can. */
  obstacle(way: Way): string | undefined {
    if (way.how !== "link") return undefined;
    if (way.hop.encapsulated) return "that route puts packets into others";
    return this.#kernel.tracksConnections()
      ? "no route of raw packets leads there, and what is handed to the interface passes by the NAT that this host may have"
      : undefined;
  }

  /** The way's next hop in words: its address and interface. */
  words({ device, gateway }: NextHop): string {
    const name = this.#kernel.link(device)?.name ?? `interface ${device}`;
    return gateway === undefined ? name : `${gateway.text} on ${name}`;
  }

  #find(tuple: Tuple, hop: NextHop): Way {
    // Which of several next hops a raw packet takes cannot be asked: the kernel answers for no such protocol.
    if (!this.#isSpread(tuple) && this.#leadsBy(tuple, hop, 0)) return { how: "usual", hop };
    return { how: this.#leadsBy(tuple, hop, hop.device) ? "device" : "link", hop };
  }

  /** Whether the route has several next hops, and the kernel chooses by more than addresses. */
  #isSpread(tuple: Tuple): boolean {
    return (
      this.#hashesMore(tuple.destination.family) &&
      this.#kernel.countNextHops({ ...tuple, sourcePort: 0, destinationPort: 0, device: 0 }) > 1
    );
  }

  /** Whether of several next hops one is chosen by more than addresses. */
  #hashesMore(family: Family): boolean {
    return family === 6 || this.#hashesPorts.get(family) === true;
  }

  /** Whether a packet without ports gets to the next hop, whatever its protocol. */
  #leadsBy(tuple: Tuple, hop: NextHop, device: number): boolean {
    return STAND_INS.every((protocol) => {
      const question = { ...tuple, protocol, sourcePort: 0, destinationPort: 0, device };
      const found = this.#kernel.nextHop(question);
      return (
        typeof found !== "number" &&
        found.device === hop.device &&
        found.gateway?.text === hop.gateway?.text
      );
    });
  }
}
