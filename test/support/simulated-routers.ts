import type { SentPacket } from "../../src/probe/observer.ts";
import { identify } from "../../src/probe/probe-id.ts";
import type { ProbedFlow } from "../../src/probe/probed-flow.ts";
import type { SweepAnswer } from "../../src/probe/reply/match.ts";
import { address } from "./address.ts";
import { type Random, seeded } from "./random.ts";

/** How a router answers a packet whose TTL ran out, or that it rejects. */
export type Answering =
  /** As Linux does: a bucket of six tokens for each asker, one more a second. */
  | "linux"
  | "always"
  | "never"
  /** One packet in five, at random. */
  | "one in five";

/** What happens to packets at a router. */
export type Fault =
  /** Dropped before the TTL is looked at: the router is silent too. */
  | "drops before"
  /** Dropped after the TTL was looked at: the router answers, and passes nothing on. */
  | "drops after"
  /** Passed on to nobody, with an ICMP error that says so. */
  | "rejects";

/** One router: where packets go behind it, and how it answers. */
export interface RouterPlan {
  /** Addresses of the next routers, equal-cost; none for the destination itself. */
  readonly next: readonly string[];
  readonly answering?: Answering;
  /** It takes the next of the next routers for each packet, whatever its flow. */
  readonly byPacket?: boolean;
  /**
   * Addresses it answers from, one by flow: Linux takes that of the interface by which the answer leaves, and rate-limits
   * all of them together; or, by the router before it, that of the interface that the packet came in by. Its own where
   * left out.
   */
  readonly addresses?: readonly string[] | ReadonlyMap<string, string>;
}

/** The ECMP hash of a router, 32 bits: of the source port, all that differs between the flows of a target. */
export function spread(sourcePort: number, seed: number): number {
  let h = Math.imul(sourcePort ^ seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** Linux' limit on ICMP errors to one asker (icmp_ratelimit 1000 ms, XRLIM_BURST_FACTOR 6). */
export class LinuxRateLimit {
  #tokens = 6;
  #at = 0;

  take(now: number): boolean {
    this.#tokens = Math.min(6, this.#tokens + (now - this.#at) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** A packet that a router or the destination was asked to answer. */
export interface Asked {
  /** The router whose TTL it was, or the destination. */
  readonly who: string;
  readonly at: number;
  readonly flow: ProbedFlow;
}

/** What becomes of a packet. */
export interface Met {
  /** The router whose TTL it was, or the destination. */
  readonly who?: string;
  readonly answer?: { readonly kind: SweepAnswer["kind"]; readonly from: string };
}

/** What differs between destinations, for the routers' hash. */
function saltOf(destination: string): number {
  return [...destination].reduce(
    (hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193),
    7,
  );
}

/** A network of routers between this host and its destinations, in simulated time. Packets travel in no time. */
export class SimulatedRouters {
  readonly faults: Map<string, Fault> = new Map();
  /** Every packet whose TTL ran out at a router, or that got to the destination. */
  readonly asked: Asked[] = [];
  /** Whether the destination puts the timestamp option into its answers. */
  timestamps = true;
  /** The routers and how they answer; may be changed while packets flow. */
  readonly plan: Map<string, RouterPlan>;
  /** By destination: routers that stand for others on its ways. */
  readonly detours: Map<string, ReadonlyMap<string, string>> = new Map();
  /** Destinations whose flows the routers hash by addresses alone, as they mostly do with ICMP. */
  readonly hashedByAddress: Set<string> = new Set();
  readonly #first: string;
  readonly #destination: string;
  readonly #seeds: Map<string, number> = new Map();
  readonly #limits: Map<string, LinuxRateLimit> = new Map();
  readonly #random: Random;
  readonly #rttMs: number;
  readonly #onTheWay: { at: number; flow: ProbedFlow; answer: SweepAnswer }[] = [];
  #count = 0;

  /**
   * @param plan by address, the first router first
   * @param destination the one that is meant where none is named
   */
  constructor(plan: Readonly<Record<string, RouterPlan>>, destination: string, seed: number) {
    this.plan = new Map(Object.entries(plan));
    const [first] = this.plan.keys();
    if (first === undefined) throw new Error("a network has at least one router");
    this.#first = first;
    this.#destination = destination;
    this.#random = seeded(seed);
    this.#rttMs = this.#random.between(1, 20);
    for (const router of this.plan.keys()) {
      this.#seeds.set(router, this.#random.between(0, 2 ** 31));
      this.#limits.set(router, new LinuxRateLimit());
    }
  }

  /** The routers that a port's packets cross while nothing is broken, a loop cut off, then the destination. */
  route(sourcePort: number, to: string = this.#destination): string[] {
    const route: string[] = [];
    for (let at = this.#first; at !== to; at = this.#next(at, sourcePort, to)) {
      if (route.length > 40) return route;
      route.push(at);
    }
    return [...route, to];
  }

  /** Whether an end-to-end probe is answered. */
  reaches(sourcePort: number, to: string = this.#destination): boolean {
    this.#count += 1;
    const route = this.route(sourcePort, to);
    return route.at(-1) === to && !route.some((hop) => this.faults.has(hop));
  }

  /** The hop with the highest TTL that ever answers a port's packets; `none` where nobody does. */
  lastHop(sourcePort: number): string {
    const route = this.route(sourcePort);
    const broken = route.findIndex((hop) => this.faults.has(hop));
    if (broken < 0) return this.#destination;
    const alive = route.slice(
      0,
      this.faults.get(route[broken] ?? "") === "drops before" ? broken : broken + 1,
    );
    return alive.findLast((hop) => this.plan.get(hop)?.answering !== "never") ?? "none";
  }

  /** What a survey can show of a port's path: silent routers are null. */
  visiblePath(sourcePort: number): (string | null)[] {
    return this.route(sourcePort).map((hop) =>
      this.plan.get(hop)?.answering === "never" ? null : hop,
    );
  }

  /** Sends a packet of a flow; its answer, if any, comes a round trip later. */
  send(flow: ProbedFlow, ttl: number, now: number): SentPacket {
    this.#count += 1;
    const sent = {
      identification: identify(ttl, this.#count),
      timestamp: this.#count,
      sentAt: now,
    };
    const to = flow.target.target.address.text;
    const met = this.meet(flow.sourcePort, to, ttl, now);
    if (met.who !== undefined) this.asked.push({ who: met.who, at: now, flow });
    if (met.answer !== undefined) this.#answer(flow, sent, met.answer.kind, met.answer.from);
    return sent;
  }

  /** What becomes of a packet: at whom its TTL ran out or its way ended, and who answers it, if anybody does. */
  meet(sourcePort: number, to: string, ttl: number, now: number): Met {
    let at = this.#first;
    let before = "source";
    for (let left = ttl; ; left -= 1) {
      if (at === to) return { who: at, answer: { kind: "destination", from: at } };
      const fault = this.faults.get(at);
      const who = left === 1 ? { who: at } : {};
      if (fault === "drops before") return who;
      if (left === 1 || fault === "rejects") {
        const kind = left === 1 ? "hop" : "rejected";
        if (!this.#answers(at, now)) return who;
        return { ...who, answer: { kind, from: this.#seenAs(at, before, sourcePort) } };
      }
      if (fault === "drops after") return {};
      before = at;
      at = this.#next(at, sourcePort, to);
    }
  }

  /** Hands out the answers that have arrived by now. */
  deliver(now: number, each: (flow: ProbedFlow, answer: SweepAnswer) => void): void {
    while ((this.#onTheWay[0]?.at ?? Infinity) <= now) {
      const arrived = this.#onTheWay.shift();
      if (arrived !== undefined) each(arrived.flow, arrived.answer);
    }
  }

  #next(router: string, sourcePort: number, to: string): string {
    const { next = [], byPacket = false } = this.plan.get(router) ?? {};
    if (byPacket) return next[this.#count % next.length] ?? to;
    const salt = to === this.#destination ? 0 : saltOf(to);
    const told = this.hashedByAddress.has(to) ? 0 : sourcePort;
    const hash = spread(told, (this.#seeds.get(router) ?? 0) ^ salt);
    const chosen = next[hash % next.length] ?? to;
    return this.detours.get(to)?.get(chosen) ?? chosen;
  }

  #seenAs(router: string, before: string, sourcePort: number): string {
    const addresses = this.plan.get(router)?.addresses ?? [router];
    if ("get" in addresses) return addresses.get(before) ?? router;
    return (
      addresses[spread(sourcePort, ~(this.#seeds.get(router) ?? 0)) % addresses.length] ?? router
    );
  }

  #answers(router: string, now: number): boolean {
    switch (this.plan.get(router)?.answering ?? "linux") {
      case "linux":
        return this.#limits.get(router)?.take(now) ?? true;
      case "always":
        return true;
      case "never":
        return false;
      case "one in five":
        return this.#random.chance(0.2);
    }
  }

  #answer(flow: ProbedFlow, sent: SentPacket, kind: SweepAnswer["kind"], from: string): void {
    const stamped = this.timestamps ? sent.timestamp : undefined;
    this.#onTheWay.push({
      at: sent.sentAt + this.#rttMs,
      flow,
      answer: {
        // A SYN-ACK quotes nothing of the packet but its timestamp.
        identification: kind === "destination" ? undefined : sent.identification,
        timestamp: kind === "destination" ? stamped : undefined,
        kind,
        responder: address(from),
        rateLimited: false,
      },
    });
  }
}

/**
 * A first router, `width` equal ones behind it, and the last, in front of 198.51.100.2.
 * @param inbound the last router answers from the interface that a packet came in by: 10.0.1.2 behind 10.0.0.2
 */
export function parallel(width: number, seed: number, inbound = false): SimulatedRouters {
  const middle = Array.from({ length: width }, (_, at) => `10.0.0.${at + 2}`);
  const plan: Record<string, RouterPlan> = { "10.0.0.1": { next: middle } };
  for (const router of middle) plan[router] = { next: ["10.0.0.100"] };
  const facing = new Map(middle.map((router, at) => [router, `10.0.1.${at + 2}`]));
  plan["10.0.0.100"] = inbound ? { next: [], addresses: facing } : { next: [] };
  return new SimulatedRouters(plan, "198.51.100.2", seed);
}
