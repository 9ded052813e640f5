import { flowsOf } from "./counts.ts";
import { DEAD_ALL, type Effect } from "./effect.ts";
import type { FaultLocation } from "./fault-location.ts";
import { effectsOf } from "./hypothesis.ts";
import { BEHIND, sweepRatio } from "./likelihood.ts";
import { SOURCE } from "./network.ts";
import type { Scene } from "./scene.ts";
import { describePlace, distinctPlaces, type Suspect } from "./suspect.ts";

/** Nats by which the sweeps must speak for a place on the way, its own cost paid, before it is named although every flow fails. */
const LEAST_EVIDENCE = 3;
/** Places that the sweeps speak for less by no more than so many nats are alternatives. */
const AS_LIKELY = 2;
/** Nobody is surer of a place that takes everything: what comes back from behind it may get lost instead, all by one way. Set by hand (2026-11). */
const MOST = 0.8;

/** What takes answers alone. */
const BACK: Effect = { extent: "share", kind: "dead" };

/**
 * Looks at a target of which every flow fails. The counts clear nothing then; only the ends of the sweeps can tell
 * the source (no hop answers) from a link that all flows share (all end before it) and from the target.
 */
export function judgeTotalOutage(
  scene: Scene,
  locations: readonly FaultLocation[],
  gap: number,
): { source: boolean; suspects: Suspect[] } {
  const { input, routes, counts } = scene;
  const ends = routes.map(({ end }) => end).filter((end) => end !== null);
  if (ends.length > 0 && ends.every((end) => end === SOURCE)) {
    return { source: true, suspects: [] };
  }
  let behind = 0;
  const flows = (flow: number): number => counts[flow]?.alike ?? 1;
  routes.forEach(({ beyondLast }, flow) => {
    const ratio = sweepRatio([{ chance: 1, loss: 1, depth: BEHIND, beyond: beyondLast }], gap);
    behind += flows(flow) * Math.log(ratio);
  });
  const likely: { location: FaultLocation; gain: number }[] = [];
  for (const location of locations) {
    const { kind, members } = location;
    if (kind !== "behind" && kind !== "beyond" && members.length === routes.length) {
      const [[, cost] = []] = effectsOf(location);
      let sum = -behind - (cost ?? 0);
      for (const { flow, weight, beyond, depth } of members) {
        const ratio = sweepRatio([{ chance: 1, loss: 1, depth, beyond }], gap);
        sum += flows(flow) * Math.log(weight * ratio);
      }
      if (sum > LEAST_EVIDENCE) likely.push({ location, gain: sum });
    }
  }
  const [best, ...others] = likely.sort((one, other) => other.gain - one.gain);
  const place = best && describePlace(scene, best.location, DEAD_ALL);
  if (!place || place.to === input.target) {
    return { source: false, suspects: [] };
  }
  const alike = others.flatMap(({ location, gain }) =>
    best.gain - gain <= AS_LIKELY ? location : [],
  );
  const swept = flowsOf(counts.filter((_, flow) => routes[flow]?.end !== null));
  const where =
    place.place === "router"
      ? `the router ${place.name}`
      : `the link ${place.from ?? "source"} to ${place.to ?? "the silent or unknown hop behind it"}`;
  return {
    source: false,
    suspects: [
      {
        ...place,
        loss_ratio: 1,
        confidence: MOST,
        reason: `all ${flowsOf(counts)} flows cross ${where}, and ${swept} sweeps end before it rather than at the last router.`,
        alternatives: distinctPlaces(place, [
          ...[...best.location.twins, ...alike].map((each) => describePlace(scene, each, DEAD_ALL)),
          ...locations.flatMap((each) =>
            each.kind === "behind" ? describePlace(scene, each, BACK) : [],
          ),
        ]),
      },
    ],
  };
}
