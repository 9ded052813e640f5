import type { Family } from "../packet/address.ts";
import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { RouterNames } from "../topology/router-names.ts";
import type { Topology } from "../topology/topology.ts";
import { ANSWERED_WITHIN_MS, type AskTold } from "../trace/single-asks.ts";

/** The ways of a target are checked anew after so long. */
const EVERY_MS = 60_000;
/** From one packet of a check to the next: routers have answers for failing flows as well. */
const STEP_MS = 150;
/** Packets of one check. Where a third of the flows have moved, nineteen in twenty checks of so many meet two that have. */
const MOST_ASKED = 12;
/** So many flows that meet another hop than before have moved; one may have an own reason. */
const LEAST_MOVED = 2;
/** Targets that are checked at once, and of each address family in a minute: hops have answers to give to failing flows. */
const AT_ONCE = 2;
const MOST_TARGETS = 4;
/** So many flows that meet the same hop as before, and none that has moved, end a check. */
const ENOUGH_SAME = 8;

/** How hops are asked, and who is told what was found. */
export interface WayChecksOptions {
  readonly topology: (target: ProbedTarget) => Topology;
  /** Which addresses are one router's. */
  readonly routers: RouterNames;
  /** Sends one TTL-limited packet of a flow. @returns false where it could not be sent */
  readonly ask: (flow: ProbedFlow, ttl: number, now: number, told: AskTold) => boolean;
  /** Flows take other ways than those learnt before this time. */
  readonly onMoved: (target: ProbedTarget, before: number) => void;
}

/** A flow, the TTL that it is asked at, and who answered there when its way was learnt. */
interface Check {
  readonly flow: ProbedFlow;
  readonly ttl: number;
  readonly hop: string;
}

/** The check of one target's ways. */
interface Running {
  readonly begunAt: number;
  readonly checks: Check[];
  nextAt: number;
  /** Flows that met another hop than before, and the same. */
  moved: number;
  same: number;
}

/**
 * Finds out, as flows of a target begin to fail, whether those that work still take the ways that are known: where a router joins, leaves or begins to
 * hash in another way, flows move, and the ways of before say nothing of where packets die now. A few flows that work are asked one hop each.
 * Routers give one asker few answers, so that of many targets some learn nothing: for these it counts what others of their address family have shown.
 */
export class WayChecks {
  readonly #options: WayChecksOptions;
  readonly #begunAt: WeakMap<ProbedTarget, number> = new WeakMap();
  readonly #running: Map<ProbedTarget, Running> = new Map();
  /** Targets whose check has shown nothing, and when it began. */
  readonly #unsure: Map<ProbedTarget, number> = new Map();
  /** By address family: when flows of a target were last found to have moved. */
  readonly #movedAt: Map<Family, number> = new Map();
  /** Likewise when targets were checked last. */
  readonly #checkedAt: Map<Family, readonly number[]> = new Map();

  constructor(options: WayChecksOptions) {
    this.#options = options;
  }

  /** A flow of the target has failed: its ways may have changed. */
  doubt(target: ProbedTarget, now: number): void {
    if (now - (this.#begunAt.get(target) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    this.#begunAt.set(target, now);
    const { family } = target.target.address;
    const lately = (this.#checkedAt.get(family) ?? []).filter((at) => now - at < EVERY_MS);
    const isOne = lately.length < MOST_TARGETS;
    this.#checkedAt.set(family, isOne ? [...lately, now] : lately);
    const checks = isOne ? checksOf(target, this.#options.topology(target)) : [];
    this.#running.set(target, { begunAt: now, checks, nextAt: now, moved: 0, same: 0 });
  }

  /** The target is no longer probed. */
  forget(target: ProbedTarget): void {
    this.#running.delete(target);
    this.#unsure.delete(target);
  }

  /** One turn: asks what is due. */
  turn(now: number): void {
    let open = AT_ONCE;
    for (const [target, running] of this.#running) {
      const { checks, nextAt, moved, same } = running;
      if (now < nextAt) {
        open -= 1;
      } else if (
        checks.length === 0 ||
        moved >= LEAST_MOVED ||
        (moved === 0 && same >= ENOUGH_SAME)
      ) {
        this.#end(target, running, now);
      } else {
        open -= 1;
        this.#askNext(running, now);
      }
      if (open === 0) return;
    }
  }

  #askNext(running: Running, now: number): void {
    const check = running.checks.shift();
    if (check === undefined) return;
    // The last answer is waited for.
    running.nextAt = now + (running.checks.length === 0 ? ANSWERED_WITHIN_MS : STEP_MS);
    if (check.flow.state !== "up" || !check.flow.active) return;
    const told = (responder: string | null): void => this.#told(running, check, responder);
    this.#options.ask(check.flow, check.ttl, now, told);
  }

  #told(running: Running, { flow, hop }: Check, responder: string | null): void {
    // An answer under the target's address may be anybody's.
    if (responder === null || responder === flow.target.target.address.text) return;
    const nameOf = (address: string): string =>
      this.#options.routers.routerOf(address)?.router ?? address;
    if (nameOf(responder) === nameOf(hop)) running.same += 1;
    else running.moved += 1;
  }

  #end(target: ProbedTarget, { begunAt, moved, same }: Running, now: number): void {
    this.#running.delete(target);
    this.#unsure.delete(target);
    const { family } = target.target.address;
    const isRecent = (at: number | undefined): boolean => at !== undefined && now - at < EVERY_MS;
    if (moved >= LEAST_MOVED) {
      this.#movedAt.set(family, now);
      this.#options.onMoved(target, begunAt);
      for (const [other, since] of this.#unsure) {
        if (other.target.address.family !== family) continue;
        this.#unsure.delete(other);
        if (isRecent(since)) this.#options.onMoved(other, since);
      }
    } else if (moved > 0 || same < ENOUGH_SAME) {
      if (isRecent(this.#movedAt.get(family))) this.#options.onMoved(target, begunAt);
      else this.#unsure.set(target, begunAt);
    }
  }
}

/** Which flows to ask at which TTLs: where their ways part first and last, flows that met unlike hops there in turn. */
function checksOf({ flows }: ProbedTarget, topology: Topology): Check[] {
  const ways = flows.flatMap((flow) => {
    const hops = flow?.state === "up" ? topology.of(flow)?.hops : undefined;
    return flow === undefined || hops === undefined ? [] : [{ flow, hops }];
  });
  const parting = partingTtls(ways.map(({ hops }) => hops));
  const ttls = [...new Set([parting.at(-1), parting[0]])].filter((ttl) => ttl !== undefined);
  const checks: Check[] = [];
  const asked = new Map<string, number>();
  for (let at = 0; checks.length < MOST_ASKED && ttls.length > 0; at += 1) {
    const ttl = ttls[at % ttls.length] ?? 0;
    const timesAsked = (hop: string): number => asked.get(`${ttl} ${hop}`) ?? 0;
    let best: Check | undefined;
    for (const { flow, hops } of ways) {
      const hop = hops[ttl - 1] ?? null;
      if (hop === null || checks.some((check) => check.flow === flow)) continue;
      if (best === undefined || timesAsked(hop) < timesAsked(best.hop)) best = { flow, ttl, hop };
    }
    if (best === undefined) break;
    asked.set(`${ttl} ${best.hop}`, timesAsked(best.hop) + 1);
    checks.push(best);
  }
  return checks;
}

/** TTLs, in order, at which flows are known to meet unlike hops, the destination left out. */
function partingTtls(ways: readonly (readonly (string | null)[])[]): number[] {
  const met = new Map<number, Set<string>>();
  for (const hops of ways) {
    hops.slice(0, -1).forEach((hop, index) => {
      if (hop !== null) met.set(index + 1, (met.get(index + 1) ?? new Set()).add(hop));
    });
  }
  return [...met]
    .filter(([, hops]) => hops.size > 1)
    .map(([ttl]) => ttl)
    .sort((a, b) => a - b);
}
