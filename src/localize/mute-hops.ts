import { hasFailures } from "./counts.ts";
import { CROSSES } from "./member.ts";
import type { Scene } from "./scene.ts";

// A broken way back takes the answers of about every seventh router with it, as far as they come back by as many ways as there are
// commonly. The costs follow from that thought; a few values were compared on the first and third generator of `npm run bench:localize`
// (2026-11).

/** Nats for supposing that a fault on the way back silences routers as well. */
const SUPPOSED = 2;
/** Nats for each router that it silences. */
const EACH = 2;
/** The same for one that was never seen silent between two that answer: packets that die before it on the way there show the same. */
const EACH_AT_THE_END = 4;
/** Chance that a hop which does answer keeps silent to the sweep of a healthy flow, which asks it three times. */
const SILENT_ALL_THE_SAME = 0.1;
/**
 * Silences of a hop to sweeps of healthy flows that count: what keeps silent to one for another reason, such as a rate limit, may
 * do so to the next.
 */
const MOST_CONTROLS = 2;
/**
 * Nats for the last router before the destination, with all of its addresses: its answers set out where those of the destination do, and
 * where errors are balanced like the flow that they are about, they go the same way, though it answers flows that work.
 */
const LAST = 3;
/**
 * Nats for each router in a row before it that all flows cross: where the last one's answers go the way of the destination's, so do its. Likewise for one
 * that only such routers lead to: its answers mostly come back by them.
 */
const IN_A_ROW = 1;
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
 * of some routers come back over it and get lost as well, whichever flow asks. One that answers sweeps of healthy flows is none of
 * them; that one keeps silent to these as well is what a broken way back explains, and a fault on the way there does not. Null where
 * there are none.
 * @param isSupposed whether a hop may be one of them; each unless given
 */
export function muteHops(
  { routes, counts, network, kinship, input }: Scene,
  isSupposed: (hop: number) => boolean = () => true,
): MuteHops | null {
  const hops = new Set<number>();
  const between = new Set<number>();
  const dead = routes.filter((_, flow) => (counts[flow]?.deadCost ?? DEAD) < DEAD);
  for (const { unheard, beyondLast } of dead) {
    for (const hop of unheard) hops.add(hop);
    for (const hop of unheard.slice(0, unheard.length + 1 - (beyondLast?.trailing ?? 1)))
      between.add(hop);
  }
  const answered = new Set(dead.flatMap(({ heard }) => heard));
  for (const hop of hops) if (answered.has(hop) || !isSupposed(hop)) hops.delete(hop);
  const controlsOf = (id: number) => input.controls?.[network.hops[id]?.address ?? ""];
  const silencesOf = (ids: readonly number[]): number => {
    const counts = ids.map(controlsOf);
    const isHeard = counts.some((count) => count !== undefined && count.heard > 0);
    const silent = counts.reduce((sum, count) => sum + (count?.silent ?? 0), 0);
    return isHeard ? 0 : Math.min(MOST_CONTROLS, silent);
  };
  // What the destination is reached from is one router, whichever of its addresses answers, as is what that is reached from.
  const last = new Set<number>();
  let cost = SUPPOSED;
  let isRow = true;
  for (const [before, ids] of kinship.lastInARow().entries()) {
    isRow &&= ids.some((hop) => hops.has(hop));
    if (!ids.some((hop) => hops.has(hop)) || (!isRow && ids.length < 2)) continue;
    for (const hop of ids) {
      last.add(hop);
      if (!answered.has(hop) && isSupposed(hop)) hops.add(hop);
    }
    cost += before === 0 ? LAST : isRow ? IN_A_ROW : EACH_AT_THE_END;
    cost += silencesOf(ids) * Math.log(SILENT_ALL_THE_SAME);
  }
  for (const hop of hops) {
    if ((controlsOf(hop)?.heard ?? 0) > 0 && !last.has(hop)) hops.delete(hop);
  }
  for (const hop of hops) {
    if (last.has(hop)) continue;
    const near = kinship.answeringBefore([hop]);
    const follows = near.length > 0 && near.every((one) => hops.has(one));
    cost += follows ? IN_A_ROW : between.has(hop) ? EACH : EACH_AT_THE_END;
    cost += silencesOf([hop]) * Math.log(SILENT_ALL_THE_SAME);
  }
  return hops.size === 0 ? null : { hops, cost: Math.max(0, cost) };
}

/**
 * Routers whose answers a broken way back takes with it: all that keep silent, and only those of them that flows which work cross. What no such
 * flow crosses may keep silent for another fault before it, beside a broken way back.
 */
export function supposedMute(scene: Scene): MuteHops[] {
  const all = muteHops(scene);
  if (all === null) return [];
  const working = new Set(
    scene.routes.flatMap(({ crossings }, flow) =>
      hasFailures(scene.counts, flow)
        ? []
        : crossings.flatMap(({ to, weight }) => (weight > CROSSES ? to : [])),
    ),
  );
  if ([...all.hops].every((hop) => working.has(hop))) return [all];
  const some = muteHops(scene, (hop) => working.has(hop));
  return some === null ? [all] : [all, some];
}
