import type { Scene } from "./scene.ts";
import type { Found } from "./solve.ts";
import { describePlace } from "./suspect.ts";
import type { SuspectPlace } from "./suspect-place.ts";

/**
 * Keeps to a place that was told before where it explains loss about as well as the one that explains it best now: of places that the same flows
 * cross only the sweeps of these flows say which it is, and while a part of the packets is lost they say another thing each minute.
 * @param told places that have been told for a while
 */
export function asTold(
  scene: Scene,
  found: readonly Found[],
  told: readonly SuspectPlace[],
): Found[] {
  if (told.length === 0) return [...found];
  const keys = new Set(told.map(keyOf));
  const keyAt = (each: Pick<Found, "hypothesis" | "wide">): string =>
    keyOf(describePlace(scene, each.hypothesis.location, each.hypothesis.effect, each.wide));
  const now = new Set(found.map(keyAt));
  return found.map((each) => {
    const { hypothesis, wide, rivals } = each;
    const { location, effect } = hypothesis;
    if (effect.kind !== "loss" || keys.has(keyAt(each))) return each;
    const others = [...location.twins.map((twin) => ({ location: twin, effect })), ...rivals];
    const kept = others.find((other) => {
      if (other.effect.kind !== "loss" || other.effect.extent !== effect.extent) return false;
      if (other.location.flowsKey !== location.flowsKey) return false;
      const key = keyAt({ hypothesis: { ...hypothesis, location: other.location }, wide });
      return keys.has(key) && !now.has(key);
    });
    if (kept === undefined) return each;
    const instead = { location: { ...location, twins: [] }, effect };
    return {
      ...each,
      hypothesis: { ...hypothesis, location: kept.location },
      rivals: [instead, ...others.filter((other) => other !== kept)],
    };
  });
}

function keyOf({ from, to, place, name, segment }: SuspectPlace): string {
  return [from, to, place, name, segment].join(" ");
}
