import { allFailed, type Counts, flowsOf } from "./counts.ts";
import { killsAll } from "./effect.ts";
import type { Scene } from "./scene.ts";
import type { Found } from "./solve.ts";

/**
 * Nats by which counts alone must speak for a second dead place where answers of the first are lost as well: there are some twenty places that a few of
 * the flows may have in common by chance, and one chance in twenty is left. Set by hand (2026-11).
 */
const LEAST_EVIDENCE = 6;
/** Nobody is surer of one that they speak for less. Set by hand (2026-11). */
const MOST = 0.6;
/** Flows less likely to cross a place do not show that it is dead. */
const LEAST_WEIGHT = 0.2;

/**
 * Less sure of dead places that few flows show beside another; where answers are known to get lost there as well, only the place that most flows show is told. The answers of routers
 * get lost with those of the destination, so that sweeps of other flows end anywhere, and some place is always where several of them ended. What does not depend on sweeps is how many
 * flows cross a place, and that all of them are dead, where of those that cross none of these places only a part is.
 * @param found what was found, the way back among it where it is known to be dead
 * @param kept the same without the way back, where that is one fault with another place
 */
export function asCountsShow(
  { counts }: Pick<Scene, "counts">,
  found: readonly Found[],
  kept: readonly Found[],
): Found[] {
  const back = found.find(
    (each) => each.hypothesis.effect.kind === "dead" && !kept.includes(each),
  )?.hypothesis;
  const there = kept.filter(
    ({ hypothesis: { location, effect } }) =>
      killsAll(effect) && location.kind !== "behind" && location.shared === undefined,
  );
  if (there.length < (back === undefined ? 2 : 1)) return [...kept];
  const flowsAt = new Map(there.map((each) => [each, deadFlowsAt(each, counts)]));
  const sizeOf = (each: Found): number => sumOf(flowsAt.get(each) ?? new Map());
  const crossed = new Set([...flowsAt.values()].flatMap((flows) => [...flows.keys()]));
  const others = counts.filter((_, flow) => !crossed.has(flow));
  const dead = flowsOf(others.filter(allFailed));
  const part = (dead + 0.5) / (flowsOf(others) + 1);
  const taken = new Set<number>();
  const told: Found[] = [];
  there.sort((one, other) => sizeOf(other) - sizeOf(one));
  for (const [at, each] of there.entries()) {
    const own = [...(flowsAt.get(each) ?? [])].filter(([flow]) => !taken.has(flow));
    for (const [flow] of own) taken.add(flow);
    const isShown = sumOf(own) * Math.log(1 / part) >= LEAST_EVIDENCE;
    if (isShown || (at === 0 && back === undefined)) told.push(each);
    else if (at === 0 || back === undefined) {
      const rivals = back === undefined ? each.rivals : [...each.rivals, back];
      told.push({ ...each, chance: Math.min(MOST, each.chance), rivals });
    }
  }
  return [...kept.filter((each) => !there.includes(each)), ...told];
}

/** Flows that are dead and may cross the place: how many, each with its chance, by the first of a row. */
function deadFlowsAt({ hypothesis }: Found, counts: readonly Counts[]): Map<number, number> {
  const flows = new Map<number, number>();
  for (const { flow, weight } of hypothesis.location.members) {
    const row = counts[flow];
    if (weight > LEAST_WEIGHT && row !== undefined && allFailed(row))
      flows.set(flow, weight * row.alike);
  }
  return flows;
}

function sumOf(flows: Iterable<readonly [flow: number, count: number]>): number {
  return [...flows].reduce((sum, [, count]) => sum + count, 0);
}
