import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { RouterNames } from "../topology/router-names.ts";
import type { Topology } from "../topology/topology.ts";
import { ANSWERED_WITHIN_MS } from "../trace/single-asks.ts";
import { AliasTest, type Reached } from "./alias-test.ts";
import { type Siblings, siblingsIn } from "./siblings.ts";

/** A test begins when nothing has been traced for so long: routers have answers to give again. */
const QUIET_MS = 1000;
/** From one look at a target to the next; after a round without any to test, later. */
const LOOK_MS = 500;
const NOTHING_MS = 10_000;
/** What was found of two addresses stands for so long; what could not be found is tried again sooner. */
const SETTLED_MS = 6 * 3_600_000;
const UNLIMITED_MS = 3_600_000;
const AGAIN_MS = 120_000;
/** More addresses than these behind one hop are not tested: it would take too long. */
const MOST_SIBLINGS = 48;
/** Pairs of addresses that are remembered. */
const MOST_PAIRS = 16_384;
/** A pivot is asked this often, and no hop more often than the configuration allows. */
const LEAST_TURN_MS = 100;
/** A pivot must be asked so much more often than a stock Linux router answers, or its limit is not used up. */
const MOST_TURN_MS = 250;

/** How addresses are asked and what is told of them. */
export interface AliasResolutionOptions {
  readonly hopPacketsPerSecond: () => number;
  readonly targets: () => Iterable<ProbedTarget>;
  readonly topology: (target: ProbedTarget) => Topology;
  readonly routers: RouterNames;
  /**
   * Sends one TTL-limited packet of a flow.
   * @param told who answered in time, null for silence
   * @returns false where it could not be sent
   */
  readonly ask: (
    flow: ProbedFlow,
    ttl: number,
    now: number,
    told: (responder: string | null) => void,
  ) => boolean;
  /** Whether nothing is being traced. */
  readonly isIdle: () => boolean;
}

/** A test under way. */
interface Running {
  readonly test: AliasTest;
  readonly siblings: Siblings;
  readonly pivot: Reached;
  readonly others: readonly Reached[];
}

/**
 * Finds out, while nothing else is traced, which addresses behind one hop are one router's, where it answers with several: by the rate
 * limit that they share. One pivot's limit after the other is used up; whatever is traced meanwhile ends the tests.
 */
export class AliasResolution {
  readonly #options: AliasResolutionOptions;
  /** Until when nothing is to be found out of a pair. */
  readonly #settled: Map<string, number> = new Map();
  /** At most the last one still uses up a limit. */
  #running: Running[] = [];
  #targets: ProbedTarget[] = [];
  #hasFound = false;
  #nextAt = 0;
  #looksAt = 0;

  constructor(options: AliasResolutionOptions) {
    this.#options = options;
  }

  /** Whether a test is under way. */
  get isTesting(): boolean {
    return this.#running.length > 0;
  }

  /** One turn: asks what is due. */
  turn(now: number): void {
    if (now < this.#nextAt) return;
    const turnMs = Math.max(LEAST_TURN_MS, 1000 / this.#options.hopPacketsPerSecond());
    this.#nextAt = now + turnMs;
    if (turnMs > MOST_TURN_MS) return;
    if (!this.#options.isIdle()) {
      this.#giveUp(now);
      return;
    }
    const isDraining = this.#running.some(({ test }) => test.isDraining);
    if (!isDraining && now >= this.#looksAt) this.#begin(turnMs, now);
    for (const running of [...this.#running]) this.#step(running, now);
  }

  #giveUp(now: number): void {
    this.#running = [];
    this.#nextAt = now + QUIET_MS;
  }

  #step(running: Running, now: number): void {
    const { test } = running;
    const wasDraining = test.isDraining;
    const wanted = test.stands ? test.next() : undefined;
    if (wanted === undefined) {
      this.#running = this.#running.filter((other) => other !== running);
      if (test.stands) this.#end(running, now);
      return;
    }
    // Who is another router is known by then; the next test need not ask again.
    if (wasDraining && !test.isDraining) this.#settleApart(running, now);
    for (const reached of wanted) {
      const told = (responder: string | null): void => test.told(reached, responder);
      if (this.#options.ask(reached.flow, reached.ttl, now, told)) continue;
      this.#giveUp(now);
      return;
    }
  }

  #begin(turnMs: number, now: number): void {
    this.#looksAt = now + LOOK_MS;
    const [target] = this.#targets;
    if (target === undefined) {
      if (!this.#hasFound) this.#looksAt = now + NOTHING_MS;
      this.#hasFound = false;
      this.#targets = [...this.#options.targets()];
      return;
    }
    const found = this.#candidate(target, now);
    if (found === undefined) {
      this.#targets.shift();
      return;
    }
    this.#hasFound = true;
    const { siblings, pivot, others } = found;
    const witness = siblings.witnessOf(pivot);
    const times = { turnMs, answeredWithinMs: ANSWERED_WITHIN_MS };
    this.#running.push({ ...found, test: new AliasTest(pivot, others, witness, times) });
  }

  #settleApart({ test, pivot }: Running, now: number): void {
    for (const address of test.findings().apart) {
      this.#settle(pivot.address, address, now + SETTLED_MS);
    }
  }

  #end(running: Running, now: number): void {
    const { test, pivot, others, siblings } = running;
    const { same, apart, isUnlimited } = test.findings();
    for (const address of same) this.#options.routers.sharesLimit?.(pivot.address, address, now);
    this.#settleApart(running, now);
    for (const { address } of others) {
      if (same.includes(address) || apart.includes(address)) continue;
      this.#settle(pivot.address, address, now + AGAIN_MS);
    }
    if (!isUnlimited) return;
    const all = [...siblings.routers.values()].flat();
    for (const one of all) {
      for (const two of all) this.#settle(one.address, two.address, now + UNLIMITED_MS);
    }
  }

  /** A pivot of which most is to be found out, and what. Addresses of which a test is not over yet are left alone. */
  #candidate(target: ProbedTarget, now: number): Omit<Running, "test"> | undefined {
    const topology = this.#options.topology(target);
    const { routers } = this.#options;
    const ways = target.flows.flatMap((flow) => {
      const way = flow?.active === true && flow.state === "up" ? topology.of(flow) : undefined;
      return flow === undefined || way?.path === undefined ? [] : [{ flow, hops: way.hops }];
    });
    const open = new Set(this.#running.flatMap(({ test }) => test.open));
    for (const siblings of siblingsIn(ways, (address) => routers.routerOf(address)?.router)) {
      if (siblings.routers.size > MOST_SIBLINGS) continue;
      const free = [...siblings.routers.values()].filter(
        (group) => !group.some(({ address }) => open.has(address)),
      );
      const asked = mostOpen(free, (one, two) => this.#isSettled(one, two, now));
      if (asked !== undefined) return { siblings, ...asked };
    }
    return undefined;
  }

  #isSettled(one: Reached, two: Reached, now: number): boolean {
    if (this.#isListed(one) && this.#isListed(two)) return true;
    return now < (this.#settled.get(pairOf(one.address, two.address)) ?? 0);
  }

  /** Whether a person says whose an address is. */
  #isListed({ address }: Reached): boolean {
    const { source = "" } = this.#options.routers.routerOf(address) ?? {};
    return source === "inventory" || source === "name";
  }

  #settle(one: string, two: string, until: number): void {
    const pair = pairOf(one, two);
    this.#settled.delete(pair);
    this.#settled.set(pair, until);
    const [oldest] = this.#settled.keys();
    if (this.#settled.size > MOST_PAIRS && oldest !== undefined) this.#settled.delete(oldest);
  }
}

/** What one test is about. */
type Asked = Pick<Running, "pivot" | "others">;

/** Of groups of which each is one router's addresses, the address that most others are to be told apart from, and those. */
function mostOpen(
  groups: readonly (readonly Reached[])[],
  isSettled: (one: Reached, two: Reached) => boolean,
): Asked | undefined {
  let most: Asked | undefined;
  for (const [index, mine] of groups.entries()) {
    const [pivot] = mine;
    const open = groups.filter(
      (theirs, at) =>
        at !== index && !mine.some((one) => theirs.some((two) => isSettled(one, two))),
    );
    const others = open.flatMap(([first]) => (first === undefined ? [] : [first]));
    if (pivot !== undefined && others.length > (most?.others.length ?? 0)) most = { pivot, others };
  }
  return most;
}

function pairOf(one: string, two: string): string {
  return one < two ? `${one} ${two}` : `${two} ${one}`;
}
