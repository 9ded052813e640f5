import { LRUCache } from "lru-cache";

/** Addresses of which something is known; beyond, the ones not heard of for longest are forgotten. */
const MOST_ADDRESSES = 8192;
/** What is not heard again within this time is forgotten. */
const AGE_MS = 6 * 3_600_000;
/** All of it is walked no more often: ways are learnt many times a second. */
const PRUNE_MS = 60_000;

/** Surest first. */
const GROUNDS = ["interface", "subnet", "limit"] as const;
/**
 * Why two addresses are one router's: it said so itself (RFC 5837), a link of two addresses proves it, or their ICMP errors come out of
 * one rate limit.
 */
export type SameRouterGround = (typeof GROUNDS)[number];

interface Known {
  readonly ground: SameRouterGround;
  at: number;
}

/**
 * Pairs of addresses that are one router's, and the groups that follow from them. A group that turns out to hold two
 * routers, because one flow crosses it twice, is given up whole, and its addresses join none again: which of the pairs was
 * wrong cannot be told.
 */
export class SameRouter {
  /** By address, the addresses it was told to be one router with. */
  readonly #pairs: Map<string, Map<string, Known>> = new Map();
  readonly #refused: LRUCache<string, true> = new LRUCache({ max: MOST_ADDRESSES });
  /** Members of each address's group, in order; made anew when a pair comes or goes. */
  #groups: Map<string, readonly string[]> | undefined;
  #version = 0;
  #prunedAt = 0;

  /** Grows whenever groups may have changed. */
  get version(): number {
    return this.#version;
  }

  /** Two addresses are one router's. */
  join(a: string, b: string, ground: SameRouterGround, now: number): void {
    if (a === b || this.#refused.has(a) || this.#refused.has(b)) return;
    const known = this.#pairs.get(a)?.get(b);
    this.#note(a, b, ground, now);
    this.#note(b, a, ground, now);
    if (known === undefined) this.#changed();
  }

  /** The addresses of an address's router, itself included, the lowest first; undefined where it stands alone. */
  groupOf(address: string): readonly string[] | undefined {
    if (!this.#pairs.has(address)) return undefined;
    this.#groups ??= this.#makeGroups();
    return this.#groups.get(address);
  }

  /** Why an address is in its group. */
  groundOf(address: string): SameRouterGround | undefined {
    const grounds = [...(this.#pairs.get(address)?.values() ?? [])].map(({ ground }) => ground);
    return GROUNDS.find((ground) => grounds.includes(ground));
  }

  /** The group of an address holds two routers. @returns its addresses; empty where it stands alone */
  refuse(address: string): readonly string[] {
    const group = this.groupOf(address) ?? [];
    for (const member of group) {
      this.#refused.set(member, true);
      this.#pairs.delete(member);
    }
    if (group.length > 0) this.#changed();
    return group;
  }

  /** Forgets what has grown old. */
  prune(now: number): void {
    if (now - this.#prunedAt < PRUNE_MS) return;
    this.#prunedAt = now;
    for (const [address, others] of this.#pairs) {
      for (const [other, { at }] of others) {
        if (now - at <= AGE_MS) continue;
        others.delete(other);
        this.#changed();
      }
      if (others.size === 0) this.#pairs.delete(address);
    }
  }

  #note(a: string, b: string, ground: SameRouterGround, now: number): void {
    const others = this.#pairs.get(a) ?? new Map<string, Known>();
    const before = others.get(b);
    const surest = GROUNDS.find((each) => each === before?.ground || each === ground) ?? ground;
    others.set(b, { ground: surest, at: now });
    // Set anew, so that the order is that of hearing of them.
    this.#pairs.delete(a);
    this.#pairs.set(a, others);
    const [oldest] = this.#pairs.keys();
    if (this.#pairs.size > MOST_ADDRESSES && oldest !== undefined) this.#forget(oldest);
  }

  #forget(address: string): void {
    for (const other of this.#pairs.get(address)?.keys() ?? []) {
      this.#pairs.get(other)?.delete(address);
    }
    this.#pairs.delete(address);
    this.#changed();
  }

  #makeGroups(): Map<string, readonly string[]> {
    const groups = new Map<string, readonly string[]>();
    for (const start of this.#pairs.keys()) {
      if (groups.has(start)) continue;
      const members = new Set([start]);
      for (const member of members) {
        for (const other of this.#pairs.get(member)?.keys() ?? []) members.add(other);
      }
      const sorted = [...members].sort(byAddress);
      for (const member of sorted) groups.set(member, sorted);
    }
    return groups;
  }

  #changed(): void {
    this.#groups = undefined;
    this.#version += 1;
  }
}

/** IPv4 before IPv6; within a family by number as far as the text shows it, so that all exporters order alike. */
function byAddress(a: string, b: string): number {
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function keyOf(address: string): string {
  if (address.includes(":")) return `6${address}`;
  return `4${address
    .split(".")
    .map((part) => part.padStart(3, "0"))
    .join(".")}`;
}
