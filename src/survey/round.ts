import type { ProbedFlow, ProbedTarget } from "../probe/probed-flow.ts";
import type { CommonHops } from "./common-hops.ts";
import { PerPacketBalancing } from "./per-packet.ts";
import { SharedHopInference } from "./shared-hop-inference.ts";
import type { SteadyPlaces } from "./steady-places.ts";

/** What one round of surveys of a target has found so far. */
export interface Round {
  readonly waiting: ProbedFlow[];
  readonly running: Set<ProbedFlow>;
  readonly tries: Map<ProbedFlow, number>;
  /** Swept already, but others met a hop where these met none: once more, when nobody else waits. */
  readonly open: Set<ProbedFlow>;
  readonly sharedHops: SharedHopInference;
  /** Flows whose path was learnt. */
  learnt: number;
  /** An answer tells most where this is lowest. */
  rank: number;
  /** A flow's destination was reached, so that its distance is known. */
  reached: boolean;
  /** Another round was asked for meanwhile. */
  again: boolean;
  /** A flow failed: what the others share need not be what it will meet when it works again. */
  partial: boolean;
  readonly perPacket: PerPacketBalancing;
  /** By TTL: flows whose hop there only other targets have told, until one of this target's own is met. */
  readonly unseen: Map<number, Set<ProbedFlow>>;
  /** Flows that were told a hop which turned out to be another target's. */
  readonly mistold: Set<ProbedFlow>;
}

/** What the rounds of all targets have in common. */
export interface Common {
  readonly hops: CommonHops;
  readonly steady: SteadyPlaces;
}

/** A round in which these flows wait for their turn. */
export function newRound(
  { hops, steady }: Common,
  target: ProbedTarget,
  waiting: ProbedFlow[],
): Round {
  return {
    waiting,
    running: new Set(),
    tries: new Map(),
    open: new Set(),
    sharedHops: new SharedHopInference(hops, target),
    learnt: 0,
    rank: 0,
    reached: false,
    again: false,
    partial: false,
    perPacket: new PerPacketBalancing(steady),
    unseen: new Map(),
    mistold: new Set(),
  };
}

/** Whether every flow that works has been swept; those that fail wait until they work again. */
export function isOver({ running, waiting }: Round): boolean {
  return running.size === 0 && !waiting.some(({ active, state }) => active && state === "up");
}

/** A flow met a hop. Where others had told that the target's flows meet another, those that were told so are swept again. */
export function met(
  round: Round,
  flow: ProbedFlow,
  ttl: number,
  before: string | null,
  hop: string | null,
): void {
  const told = round.unseen.get(ttl);
  const expected = told === undefined ? undefined : round.sharedHops.shared(ttl, before);
  round.sharedHops.met(flow, ttl, before, hop);
  if (told === undefined || !round.sharedHops.isMet(ttl) || before === null) return;
  round.unseen.delete(ttl);
  if (expected === undefined || expected === hop) return;
  for (const other of told) {
    round.mistold.add(other);
    if (!round.waiting.includes(other) && !round.running.has(other)) round.waiting.push(other);
  }
}

/**
 * Remembers what only other targets have told of a flow's hops, and has the flow swept again where that is known to be
 * wrong by now.
 * @param before what stands before the hop at an index
 */
export function noteUnseen(
  round: Round,
  flow: ProbedFlow,
  hops: readonly (string | null)[],
  before: (index: number) => string | null,
): void {
  hops.forEach((hop, index) => {
    const ttl = index + 1;
    const { sharedHops } = round;
    if (sharedHops.wasAsked(flow, ttl)) return;
    if (!sharedHops.isMet(ttl)) {
      round.unseen.set(ttl, (round.unseen.get(ttl) ?? new Set()).add(flow));
    } else if (sharedHops.shared(ttl, before(index)) !== hop && !round.waiting.includes(flow)) {
      round.mistold.add(flow);
      round.waiting.push(flow);
    }
  });
}
