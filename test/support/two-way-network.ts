import type { Random } from "./random.ts";
import { LinuxRateLimit, type Met, spread } from "./simulated-routers.ts";

/** The host that probes, and the one that is probed. */
export const SOURCE = "src";
export const DESTINATION = "dst";

/** A cable between two nodes, each with an address of its own there. */
export interface Cable {
  readonly ends: readonly [string, string];
  readonly addresses: readonly [string, string];
}

/** Where routers are, and by which cables packets leave them. */
export interface TwoWayPlan {
  readonly cables: readonly Cable[];
  /** By node, the cables towards the destination and those towards the source, each equal-cost. */
  readonly there: ReadonlyMap<string, readonly number[]>;
  readonly back: ReadonlyMap<string, readonly number[]>;
  /** Which address ICMP errors carry: of the interface that the packet came in by, that the answer leaves by, or the router's own. */
  readonly answersFrom: "incoming" | "outgoing" | "loopback";
  /** Whether routers on the way back hash ICMP errors by what they quote, or by the addresses outside, as Linux does. */
  readonly hashesQuoted: boolean;
  /** Whether routers answer at the pace of Linux' limit. */
  readonly limited: boolean;
}

/** What drops packets. */
export type Impairment =
  /** Everything that comes to a router, what it is asked itself as well. */
  | { readonly kind: "dead"; readonly router: string }
  /** What a router should forward, towards one side or both. */
  | {
      readonly kind: "forwarding";
      readonly router: string;
      readonly towards?: "there" | "back";
      readonly loss: number;
    }
  /** What goes over a cable, towards one of its ends or both. */
  | {
      readonly kind: "cable";
      readonly cable: number;
      readonly into?: string;
      readonly loss: number;
    }
  /** What comes to a router by a cable and is to be forwarded: what its TTL ends at is answered. */
  | { readonly kind: "entry"; readonly cable: number; readonly router: string }
  /** What the destination gets. */
  | { readonly kind: "destination"; readonly loss: number };

/** The routers and cables that a packet crosses. */
export interface Crossing {
  readonly node: string;
  /** The cable by which it came. */
  readonly cable: number;
}

/** Addresses of routers: 10.255.x.y their own, 10.1.x.y those of cables. */
export function addressOf(net: 1 | 255, number: number): string {
  return `10.${net}.${number >> 8}.${number & 255}`;
}

/** A network in which answers cross routers as well, so that what is dead takes answers with it. */
export class TwoWayNetwork {
  readonly plan: TwoWayPlan;
  readonly impairments: Impairment[] = [];
  readonly routers: readonly string[];
  readonly #random: Random;
  readonly #seeds: Map<string, number> = new Map();
  readonly #limits: Map<string, LinuxRateLimit> = new Map();
  readonly #owners: Map<string, string> = new Map();

  constructor(plan: TwoWayPlan, random: Random) {
    this.plan = plan;
    this.#random = random;
    const nodes = new Set(plan.cables.flatMap(({ ends }) => [...ends]));
    this.routers = [...nodes].filter((node) => node !== SOURCE && node !== DESTINATION);
    for (const node of nodes) {
      this.#seeds.set(node, random.between(0, 2 ** 31));
      this.#limits.set(node, new LinuxRateLimit());
    }
    for (const { ends, addresses } of plan.cables) {
      ends.forEach((end, at) => {
        this.#owners.set(addresses[at] ?? "", end);
      });
    }
    for (const router of this.routers) this.#owners.set(this.#ownOf(router), router);
  }

  /** The node that has an address. */
  ownerOf(address: string | null): string | undefined {
    return address === null ? undefined : this.#owners.get(address);
  }

  /** What a port's packets cross on the way there, the destination last. */
  way(port: number, to: string): Crossing[] {
    return this.#follow("there", SOURCE, DESTINATION, (at) => spread(port, this.#seedOf(at, to)));
  }

  /** What an answer of the destination crosses. */
  wayBack(port: number, to: string): Crossing[] {
    return this.#follow("back", DESTINATION, SOURCE, (at) => spread(port, ~this.#seedOf(at, to)));
  }

  #follow(
    side: "there" | "back",
    start: string,
    end: string,
    hash: (at: string) => number,
  ): Crossing[] {
    const way: Crossing[] = [];
    for (let at = start; at !== end; ) {
      const cable = this.#choose(side, at, hash(at));
      at = this.#otherEnd(cable, at);
      way.push({ node: at, cable });
    }
    return way;
  }

  meet(port: number, to: string, ttl: number, now: number): Met {
    let left = ttl;
    for (const { node, cable } of this.way(port, to)) {
      if (this.#diesOn(cable, node)) return {};
      if (node === DESTINATION) break;
      if (this.#isDead(node)) return {};
      left -= 1;
      if (left <= 0) return this.#expired(node, cable, port, to, now);
      if (this.#diesIn(node, "there") || this.#diesAtEntry(node, cable)) return {};
    }
    if (this.#takes(({ kind }) => kind === "destination")) return {};
    if (!this.#comesBack(DESTINATION, (at) => spread(port, ~this.#seedOf(at, to)))) return {};
    return { who: to, answer: { kind: "destination", from: to } };
  }

  #expired(node: string, cable: number, port: number, to: string, now: number): Met {
    if (this.plan.limited && !(this.#limits.get(node)?.take(now) ?? true)) return { who: node };
    const byFlow = (at: string): number => spread(port, ~this.#seedOf(at, to));
    // Linux hashes the packet that it answers where the answer leaves, and the answer's own addresses on its way.
    const first = this.#choose("back", node, byFlow(node));
    const from = {
      loopback: this.#ownOf(node),
      incoming: this.#addressAt(cable, node),
      outgoing: this.#addressAt(first, node),
    }[this.plan.answersFrom];
    const byAddress = (at: string): number => spread(numberOf(from), ~this.#seedOf(at, ""));
    const hash = (at: string): number =>
      at === node || this.plan.hashesQuoted ? byFlow(at) : byAddress(at);
    if (!this.#comesBack(node, hash)) return { who: node };
    return { who: node, answer: { kind: "hop", from } };
  }

  #comesBack(start: string, hash: (at: string) => number): boolean {
    for (let at = start; at !== SOURCE; ) {
      if (at !== start && this.#diesIn(at, "back")) return false;
      const cable = this.#choose("back", at, hash(at));
      at = this.#otherEnd(cable, at);
      if (this.#diesOn(cable, at) || this.#isDead(at)) return false;
    }
    return true;
  }

  #choose(side: "there" | "back", at: string, hash: number): number {
    const cables = this.plan[side].get(at) ?? [];
    const cable = cables[hash % cables.length];
    if (cable === undefined) throw new Error(`no way ${side} from ${at}`);
    return cable;
  }

  #otherEnd(cable: number, at: string): string {
    const [a, b] = this.plan.cables[cable]?.ends ?? ["", ""];
    return a === at ? b : a;
  }

  #addressAt(cable: number, node: string): string {
    const { ends, addresses } = this.plan.cables[cable] as Cable;
    return ends[0] === node ? addresses[0] : addresses[1];
  }

  #ownOf(router: string): string {
    return addressOf(255, this.routers.indexOf(router) + 1);
  }

  #seedOf(node: string, to: string): number {
    return (this.#seeds.get(node) ?? 0) ^ numberOf(to);
  }

  #isDead(node: string): boolean {
    return this.#takes((one) => one.kind === "dead" && one.router === node);
  }

  #diesIn(node: string, side: "there" | "back"): boolean {
    return this.#takes(
      (one) => one.kind === "forwarding" && one.router === node && (one.towards ?? side) === side,
    );
  }

  #diesAtEntry(node: string, by: number): boolean {
    return this.#takes((one) => one.kind === "entry" && one.router === node && one.cable === by);
  }

  #diesOn(cable: number, into: string): boolean {
    return this.#takes(
      (one) => one.kind === "cable" && one.cable === cable && (one.into ?? into) === into,
    );
  }

  /** Whether something takes a packet that meets it. */
  #takes(meets: (one: Impairment) => boolean): boolean {
    return this.impairments.some(
      (one) => meets(one) && ("loss" in one ? this.#random.chance(one.loss) : true),
    );
  }
}

/** An IPv4 address as a number, well mixed. */
function numberOf(address: string): number {
  return address.split(".").reduce((hash, octet) => Math.imul(hash, 0x01000193) ^ Number(octet), 7);
}
