import { type Counts, flowsOf } from "./counts.ts";
import { killsAll } from "./effect.ts";
import { CROSSES } from "./member.ts";
import type { Scene } from "./scene.ts";
import type { Found } from "./solve.ts";

/**
 * Nats by which counts alone must speak for a second dead place where answers of the first are lost as well: there are some twenty places that a few of
 * the flows may have in common by chance, and one chance in twenty is left. Set by hand (2026-11).
 */
const LEAST_EVIDENCE = 6;
/** Nobody is surer of the first one if they speak for it less. Set by hand (2026-11). */
const MOST = 0.6;

/**
 * Leaves out dead places that few flows show beside one that takes answers too, and is less sure of that one if few show it. The answers of routers get lost there with those of the
 * destination, so that sweeps of other flows end anywhere, and some place is always where several of them ended. What does not depend on sweeps is how many flows cross
 * a place, and that all of them are dead, where of those that cross none of these places only a part is.
 * @param found what was found, the way back of the first one among it
 * @param kept the same without that way back
 */
export function asCountsShow(
  { counts }: Pick<Scene, "counts">,
  found: readonly Found[],
  kept: readonly Found[],
): Found[] {
  const [back] = found.filter(
    (each) => each.hypothesis.effect.kind === "dead" && !kept.includes(each),
  );
  if (back === undefined) return [...kept];
  const there = kept.filter(
    ({ hypothesis: { location, effect } }) =>
      killsAll(effect) && location.kind !== "behind" && location.shared === undefined,
  );
  const flowsAt = new Map(there.map((each) => [each, deadFlowsAt(each, counts)]));
  const sizeOf = (each: Found): number => sumOf(flowsAt.get(each) ?? [], counts);
  const crossed = new Set([...flowsAt.values()].flat());
  const others = counts.filter((_, flow) => !crossed.has(flow));
  const dead = flowsOf(others.filter(isDead));
  const part = (dead + 0.5) / (flowsOf(others) + 1);
  const taken = new Set<number>();
  const told: Found[] = [];
  const { location, effect } = back.hypothesis;
  there.sort((one, other) => sizeOf(other) - sizeOf(one));
  for (const [at, each] of there.entries()) {
    const own = (flowsAt.get(each) ?? []).filter((flow) => !taken.has(flow));
    for (const flow of own) taken.add(flow);
    const isShown = sumOf(own, counts) * Math.log(1 / part) >= LEAST_EVIDENCE;
    if (isShown) told.push(each);
    else if (at === 0) {
      const rivals = [...each.rivals, { location, effect }];
      told.push({ ...each, chance: Math.min(MOST, each.chance), rivals });
    }
  }
  return [...kept.filter((each) => !there.includes(each)), ...told];
}

/** Flows that are dead and known to cross the place. */
function deadFlowsAt({ hypothesis }: Found, counts: readonly Counts[]): number[] {
  return hypothesis.location.members.flatMap(({ flow, weight }) => {
    const row = counts[flow];
    return weight > CROSSES && row !== undefined && isDead(row) ? flow : [];
  });
}

function isDead({ failures, probes }: Counts): boolean {
  return failures > 0 && failures === probes;
}

function sumOf(flows: readonly number[], counts: readonly Counts[]): number {
  return flowsOf(flows.flatMap((flow) => counts[flow] ?? []));
}
