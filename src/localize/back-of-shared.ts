import { mayBeBack } from "./both-ways.ts";
import { killsAll } from "./effect.ts";
import { certainDirection } from "./one-way-direction.ts";
import type { Scene } from "./scene.ts";
import type { SharedKnowledge } from "./shared-fault.ts";
import type { Found } from "./solve.ts";
import { hitBy } from "./suspect.ts";

/** From this confidence on what other targets have shown is taken for what has broken. */
const SURE = 0.9;
/** The first flows that one fault kills, at one target and at another, begin to fail within this time: half a round by default. */
const SAME_TIME_MS = 5000;
/** Nobody is surer of a place that a target's own flows have not shown. Set by hand (2026-11). */
const MOST = 0.8;

/**
 * What kills some flows behind their last router is told as the place that other targets have shown to be dead, if both began at once: a dead router
 * takes the answers that come back by it, of flows that went there by others, and flows whose way is not known may have
 * gone there by it. Two faults that begin within seconds of each other are far less likely. The way back is an alternative.
 */
export function asOthersShow(
  scene: Scene,
  found: readonly Found[],
  { faults }: SharedKnowledge,
): Found[] {
  const dead = faults.filter(({ effect, confidence }) => killsAll(effect) && confidence >= SURE);
  if (dead.length === 0) return [...found];
  return found.map((each) => {
    const { hypothesis, chance, rivals } = each;
    const { location, effect } = hypothesis;
    const isShare = effect.kind === "dead" && effect.extent === "share";
    if (!isShare || location.shared !== undefined || !mayBeBack(scene, location, effect))
      return each;
    const flows = hitBy(scene, location, true).flatMap(({ flow }) => scene.input.flows[flow] ?? []);
    if (certainDirection(flows.map(({ one_way }) => one_way)) !== undefined) return each;
    const since = Math.min(...flows.flatMap(({ failing_since }) => failing_since ?? []));
    const isAtOnce = (at: number | undefined): boolean =>
      at !== undefined && Math.abs(at - since) <= SAME_TIME_MS;
    const [fault, ...others] = dead.filter((one) => isAtOnce(one.since));
    if (fault === undefined || others.length > 0) return each;
    const shown = { ...location, shared: fault };
    return {
      ...each,
      chance: Math.min(MOST, chance),
      hypothesis: { ...hypothesis, location: shown, effect: fault.effect, share: 1, loss: 1 },
      rivals: [{ location, effect }, ...rivals],
    };
  });
}
