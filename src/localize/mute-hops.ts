import type { Counts } from "./counts.ts";
import type { Route } from "./crossing.ts";

// A broken way back takes the answers of about every seventh router with it, as far as they come back by as many ways as there are
// commonly. The costs follow from that thought; a few values were compared on the first and third generator of `npm run bench:localize`
// (2026-11).

/** Nats for supposing that a fault on the way back silences routers as well. */
const SUPPOSED = 2;
/** Nats for each router that it silences. */
const EACH = 2;
/** The same for one that was never seen silent between two that answer: packets that die before it on the way there show the same. */
const EACH_AT_THE_END = 4;
/** A flow with a higher cost of being dead is not. */
const DEAD = 5;

/** Routers whose answers get lost on the way back. */
export interface MuteHops {
  readonly hops: ReadonlySet<number>;
  /** Nats for supposing so. */
  readonly cost: number;
}

/**
 * Hops that answered the sweep of no dead flow although they are on the way of some: where the way back is broken, the answers
 * of some routers come back over it and get lost as well, whichever flow asks. Null where there are none.
 */
export function muteHops(routes: readonly Route[], counts: readonly Counts[]): MuteHops | null {
  const hops = new Set<number>();
  const between = new Set<number>();
  const dead = routes.filter((_, flow) => (counts[flow]?.deadCost ?? DEAD) < DEAD);
  for (const { unheard, beyondLast } of dead) {
    for (const hop of unheard) hops.add(hop);
    for (const hop of unheard.slice(0, unheard.length + 1 - (beyondLast?.trailing ?? 1)))
      between.add(hop);
  }
  for (const { heard } of dead) for (const hop of heard) hops.delete(hop);
  if (hops.size === 0) return null;
  let cost = SUPPOSED;
  for (const hop of hops) cost += between.has(hop) ? EACH : EACH_AT_THE_END;
  return { hops, cost };
}
