import type { ProbedFlow } from "../probe/probed-flow.ts";
import type { Common } from "./common-knowledge.ts";
import { PerPacketBalancing } from "./per-packet.ts";
import { SharedHopInference } from "./shared-hop-inference.ts";

/** So many flows with gaps are swept at once: what the first are answered may tell the others' paths too. */
const OPEN_AT_ONCE = 3;
/** Lower than the rank of any round. */
const FIRST = -1;

/** What one round of surveys of a target has found so far. */
export interface Round {
  /** Flows whose turn is still to come. */
  readonly waiting: ProbedFlow[];
  /** What the target's `timesUp` was when none of those that wait was up; undefined where one may be. */
  noneUpAt: number | undefined;
  readonly running: Set<ProbedFlow>;
  readonly tries: Map<ProbedFlow, number>;
  /** Met a silence that is not believed: others wait for what they meet, so they go first. */
  readonly doubtful: Set<ProbedFlow>;
  /** Of those, the ones that have not been cleared up, swept once more or waiting for it. */
  readonly unsettled: Set<ProbedFlow>;
  /** Swept already, but others met a hop where these met none: once more, when nobody else waits. */
  readonly open: Set<ProbedFlow>;
  readonly sharedHops: SharedHopInference;
  /** Flows whose path was learnt, and the paths that they take. */
  learnt: number;
  readonly paths: Set<string>;
  /** An answer tells most where this is lowest. */
  rank: number;
  /** A flow's destination was reached, so that its distance is known. */
  reached: boolean;
  /** Another round was asked for meanwhile. */
  again: boolean;
  /** Flows that failed meanwhile: what others were told before need not be what these meet when they work again. */
  readonly failed: Set<ProbedFlow>;
  readonly perPacket: PerPacketBalancing;
}

/** A round in which these flows wait for their turn. */
export function newRound({ hops, steady }: Common, waiting: ProbedFlow[]): Round {
  return {
    waiting,
    noneUpAt: undefined,
    running: new Set(),
    tries: new Map(),
    doubtful: new Set(),
    unsettled: new Set(),
    open: new Set(),
    sharedHops: new SharedHopInference(hops),
    learnt: 0,
    paths: new Set(),
    rank: 0,
    reached: false,
    again: false,
    failed: new Set(),
    perPacket: new PerPacketBalancing(steady, (place) => hops.agreed(place) !== undefined),
  };
}

/** Flows wait for their turn from now on, behind those that do. */
export function wait(round: Round, ...flows: readonly ProbedFlow[]): void {
  round.waiting.push(...flows);
  if (flows.some(({ state }) => state === "up")) round.noneUpAt = undefined;
}

/** A flow met a silence that is not believed: it is swept once more. */
export function doubt({ doubtful, unsettled }: Round, flow: ProbedFlow): void {
  doubtful.add(flow);
  unsettled.add(flow);
}

/**
 * Sweeps flows again that met a silence which is not believed.
 * @param begin of a flow's sweep; false where it is being swept already
 * @returns how many sweeps it began
 */
export function beginDoubtful(
  { doubtful, running }: Round,
  begin: (flow: ProbedFlow) => boolean,
): number {
  let begun = 0;
  for (const flow of doubtful) {
    if (flow.active && (flow.state !== "up" || !begin(flow))) continue;
    doubtful.delete(flow);
    if (!flow.active) continue;
    running.add(flow);
    begun += 1;
  }
  return begun;
}

/**
 * Sweeps flows with gaps once more.
 * @param isOpen whether another sweep may tell more of a flow
 * @param begin as for {@link beginDoubtful}
 * @returns how many sweeps it began
 */
export function beginOpen(
  { open, running }: Round,
  isOpen: (flow: ProbedFlow) => boolean,
  begin: (flow: ProbedFlow) => boolean,
): number {
  let begun = 0;
  for (const flow of open) {
    if (running.size >= OPEN_AT_ONCE) break;
    open.delete(flow);
    if (!flow.active || flow.state !== "up" || !isOpen(flow) || !begin(flow)) continue;
    running.add(flow);
    begun += 1;
  }
  return begun;
}

/** Where a flow's survey stands in the order in which surveys are served, lowest first: one that others wait for before all. */
export function rankOf(round: Round | undefined, flow: ProbedFlow): number {
  return round?.unsettled.has(flow) === true ? FIRST : (round?.rank ?? 0);
}

/** A flow's turn comes before that of all others that wait. */
export function goesNext(round: Round, flow: ProbedFlow): void {
  round.waiting.unshift(flow);
  round.noneUpAt = undefined;
}

/** Whether every flow that works has been swept; those that fail wait until they work again. */
export function isOver({ running, waiting, doubtful }: Round): boolean {
  const isUp = ({ active, state }: ProbedFlow): boolean => active && state === "up";
  return running.size === 0 && !waiting.some(isUp) && ![...doubtful].some(isUp);
}

/** More than a target has flows. */
const AFTER = 1e6;

/**
 * Ranks the rounds: an answer tells most where fewer hops were met than other targets have, then where fewer paths are
 * known, and of these where the fewest flows are known or asked.
 * @returns those that have something left to begin, in this order
 */
export function inOrder(rounds: Iterable<Round>): Round[] {
  const ordered: Round[] = [];
  let branches = 0;
  let paths = 0;
  for (const round of rounds) {
    branches = Math.max(branches, round.sharedHops.branches);
    paths = Math.max(paths, round.paths.size);
    ordered.push(round);
  }
  for (const round of ordered) {
    const { sharedHops, learnt, running } = round;
    const complete = sharedHops.branches < branches ? 0 : round.paths.size < paths ? 1 : 2;
    round.rank = learnt + running.size + complete * AFTER;
  }
  return ordered
    .filter(({ waiting, open }) => waiting.length + open.size > 0)
    .sort((a, b) => a.rank - b.rank);
}
