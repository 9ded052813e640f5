import type { Random } from "./random.ts";
import { LinuxRateLimit, type Met, spread } from "./simulated-routers.ts";

/** How a router is unlike the textbook's. */
export interface Oddity {
  /** It answers with this address, which others have as well; null: never. */
  readonly answersAs?: string | null;
  /** It answers one flow in two only. */
  readonly picky?: boolean;
  /** It does not count the TTL (inside of an MPLS tunnel that hides its hops). */
  readonly hides?: boolean;
  /** It counts the TTL twice. */
  readonly twice?: boolean;
  /** It sends each packet to any of the next routers, by chance. */
  readonly byPacket?: boolean;
  /** It answers no expired TTL once something is broken. */
  readonly quietens?: boolean;
  /** Two routers behind one address of the first hop: it answers with one or the other, by flow. */
  readonly pair?: boolean;
  /** It answers at the pace of Linux' limit. */
  readonly limited?: boolean;
}

/** One router of a network in stages. */
export interface OddRouter {
  readonly id: string;
  readonly stage: number;
  readonly oddity: Oddity;
}

/** What is broken. */
export type OddFault =
  | { readonly kind: "router"; readonly at: OddRouter; readonly how: RouterFault }
  | {
      readonly kind: "link";
      readonly from: OddRouter;
      readonly to: OddRouter;
      readonly loss: number;
    }
  /** One in `of` ways back, or servers behind a balancer. */
  | {
      readonly kind: "behind";
      readonly of: number;
      readonly loss: number;
      readonly hides: boolean;
    };

/** A router drops before it looks at the TTL or after it. */
export type RouterFault = "before" | "after";

/** Stages of routers, each leading to all of the next, in front of one destination. */
export class OddNetwork {
  readonly stages: readonly (readonly OddRouter[])[];
  readonly target: string;
  /** Whether routers answer from the interface that a packet came in by. */
  readonly inbound: boolean;
  fault: OddFault | undefined;
  readonly #random: Random;
  readonly #seeds: Map<string, number> = new Map();
  readonly #limits: Map<string, LinuxRateLimit> = new Map();

  constructor(
    stages: readonly (readonly OddRouter[])[],
    options: { readonly target: string; readonly inbound: boolean; readonly random: Random },
  ) {
    this.stages = stages;
    this.target = options.target;
    this.inbound = options.inbound;
    this.#random = options.random;
    for (const { id } of stages.flat()) {
      this.#seeds.set(id, this.#random.between(0, 2 ** 31));
      this.#limits.set(id, new LinuxRateLimit());
    }
    this.#seeds.set("behind", this.#random.between(0, 2 ** 31));
  }

  /** The routers that a packet of a port crosses; another time where one balances by packet. */
  way(port: number): OddRouter[] {
    const way: OddRouter[] = [];
    let byPacket = false;
    for (const stage of this.stages) {
      const before = way.at(-1);
      const hash: number = byPacket
        ? this.#random.between(0, 2 ** 30)
        : spread(port, this.#seeds.get(before?.id ?? "behind") ?? 0);
      const next: OddRouter | undefined = stage[hash % stage.length];
      if (next === undefined) throw new Error("an empty stage");
      way.push(next);
      byPacket = next.oddity.byPacket === true;
    }
    return way;
  }

  /** The address that a router answers with to what came from another; null where it never answers. */
  addressOf(router: OddRouter, before: OddRouter | undefined, port = 0): string | null {
    const { answersAs, pair } = router.oddity;
    if (answersAs !== undefined) return answersAs;
    const number = Number(router.id.split(".")[1]);
    if (pair) return `10.${router.stage}.${number}.${250 + (spread(port, 77) % 2)}`;
    const from = this.inbound && before !== undefined ? Number(before.id.split(".")[1]) + 1 : 0;
    return `10.${router.stage}.${number}.${from + 1}`;
  }

  /** All addresses that are this router's alone. */
  addressesOf(router: OddRouter): string[] {
    if (router.oddity.answersAs !== undefined || router.oddity.hides) return [];
    const befores = this.stages[router.stage - 1] ?? [undefined];
    const all = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((port) =>
      befores.map((before) => this.addressOf(router, before, port) ?? ""),
    );
    return [...new Set(all)];
  }

  meet(port: number, _to: string, ttl: number, now: number): Met {
    const { fault } = this;
    const way = this.way(port);
    let left = ttl;
    for (const [at, router] of way.entries()) {
      const before = way[at - 1];
      if (fault?.kind === "link" && fault.to === router && fault.from === before) {
        if (this.#random.chance(fault.loss)) return {};
      }
      const how = fault?.kind === "router" && fault.at === router ? fault.how : undefined;
      if (how === "before") return {};
      const { hides, twice } = router.oddity;
      left -= hides ? 0 : twice ? 2 : 1;
      if (left <= 0) return this.#expired(router, before, port, now);
      if (how === "after") return {};
    }
    if (fault?.kind === "behind" && this.isHitBehind(port, fault.of)) {
      if (this.#random.chance(fault.loss)) return {};
    }
    return { who: this.target, answer: { kind: "destination", from: this.target } };
  }

  isHitBehind(port: number, of: number): boolean {
    return spread(port, ~(this.#seeds.get("behind") ?? 0)) % of === 0;
  }

  #expired(router: OddRouter, before: OddRouter | undefined, port: number, now: number): Met {
    const { fault } = this;
    const { picky, quietens, limited } = router.oddity;
    const from = this.addressOf(router, before, port);
    const who = { who: router.id };
    if (from === null || (quietens && fault !== undefined)) return who;
    if (picky && spread(port, 4711) % 2 === 0) return who;
    // Its answer comes back by the broken way.
    if (fault?.kind === "behind" && fault.hides) {
      if (spread(router.stage * 16 + Number(router.id.split(".")[1]), 99) % fault.of === 0) {
        if (this.#random.chance(fault.loss)) return who;
      }
    }
    if (limited && !(this.#limits.get(router.id)?.take(now) ?? true)) return who;
    return { ...who, answer: { kind: "hop", from } };
  }
}
