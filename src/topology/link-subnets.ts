import { addressText, parseAddress } from "../packet/address.ts";

/** So many flows must have come to an address from one neighbour and from no other before its link proves anything. */
const ENOUGH_FLOWS = 10;
/** Addresses whose neighbours are remembered; beyond, the one not heard of for longest makes room. */
const MOST_ADDRESSES = 4096;
/** Flows that are counted of one address and neighbour; more say nothing more. */
const MOST_FLOWS = 64;

/**
 * The other addresses of the smallest subnets that an address can share with a link's other end: of IPv4 in a /31
 * (RFC 3021) and a /30, of IPv6 in a /127 (RFC 6164) and a /126.
 */
export function linkMates(address: string): string[] {
  const parsed = parseAddress(address);
  if (parsed === undefined) return [];
  const last = parsed.bytes.length - 1;
  const octet = parsed.bytes[last] ?? 0;
  const mate = (flipped: number): string => {
    const bytes = Uint8Array.from(parsed.bytes);
    bytes[last] = octet ^ flipped;
    return addressText(bytes, 0, parsed.family);
  };
  // In a /30 and a /126 hosts are .1 and .2 of four; .0 and .3 are network and broadcast.
  const inFour = octet % 4 === 1 || octet % 4 === 2;
  return inFour ? [mate(1), mate(3)] : [mate(1)];
}

/**
 * Finds addresses of one router by the subnets of links. A packet that comes from hop A by the interface B of the next
 * router has crossed the link that B is an end of; so the other end of B's subnet is an interface of A's router. That B is
 * the interface it came by must be known: a router's word (RFC 5837), for an address that merely answers may be any of the
 * router's, and those of a numbering plan look like neighbours of each other. Where flows come to B from several
 * neighbours it is no link of two ends, and nothing is concluded.
 */
export class LinkSubnets {
  /** By far end, the flows (by a text of theirs) that came from each neighbour. */
  readonly #before: Map<string, Map<string, Set<string>>> = new Map();
  /** Addresses that hops answered with or named as theirs. */
  readonly #seen: Set<string> = new Set();

  /**
   * A flow's way was learnt.
   * @param flow tells it from others
   * @param hops by TTL from 1; null for one that is not known
   * @param incomingOf the one interface that packets to a hop come in by; undefined where it is not known or not one
   * @returns pairs of addresses that are one router's by now
   */
  add(
    flow: string,
    hops: readonly (string | null)[],
    incomingOf: (hop: string) => string | undefined,
  ): [string, string][] {
    const found: [string, string][] = [];
    for (const [at, hop] of hops.entries()) {
      if (hop === null) continue;
      this.#seen.add(hop);
      const far = incomingOf(hop);
      const near = at === 0 ? null : (hops[at - 1] ?? null);
      if (far === undefined || near === null || near === hop || near === far) continue;
      this.#seen.add(far);
      this.#note(near, far, flow);
      const mate = this.#mateOf(far, near);
      if (mate !== undefined && !hops.includes(mate)) found.push([near, mate]);
    }
    if (this.#seen.size > MOST_ADDRESSES) this.#seen.clear();
    return found;
  }

  /** An address of the near router: the other end of the link, where a hop answered with it somewhere else. */
  #mateOf(far: string, near: string): string | undefined {
    const before = this.#before.get(far);
    if (before?.size !== 1 || (before.get(near)?.size ?? 0) < ENOUGH_FLOWS) return undefined;
    const mates = linkMates(far).filter((mate) => mate !== near && this.#seen.has(mate));
    return mates.length === 1 ? mates[0] : undefined;
  }

  #note(near: string, far: string, flow: string): void {
    const before = this.#before.get(far) ?? new Map<string, Set<string>>();
    const flows = before.get(near) ?? new Set<string>();
    if (flows.size < MOST_FLOWS) flows.add(flow);
    before.set(near, flows);
    this.#before.delete(far);
    this.#before.set(far, before);
    const [oldest] = this.#before.keys();
    if (this.#before.size > MOST_ADDRESSES && oldest !== undefined) this.#before.delete(oldest);
  }
}
