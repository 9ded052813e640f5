import type { LocalizeCase } from "./case.ts";
import type { Counts } from "./counts.ts";
import type { Route } from "./crossing.ts";
import { deadSweepCost } from "./likelihood.ts";
import { type Network, SOURCE } from "./network.ts";
import type { Site } from "./sites.ts";
import { linksOf, type Suspect } from "./suspect.ts";

/** Nats by which the sweeps must speak for a place on the way before it is named although every flow fails. */
const LEAST_EVIDENCE = 12;

/**
 * Looks at a target of which every flow fails. The counts clear nothing then; only the ends of the sweeps can tell
 * the source (no hop answers) from a link that all flows share (all end before it) and from the target.
 */
export function allFail(
  input: LocalizeCase,
  network: Network,
  routes: readonly Route[],
  counts: readonly Counts[],
  sites: readonly Site[],
): { source: boolean; suspects: Suspect[] } {
  const swept = routes.filter(({ end }) => end !== null);
  if (swept.length > 0 && swept.every(({ end }) => end === SOURCE)) {
    return { source: true, suspects: [] };
  }
  const behind = routes.reduce((sum, { shortOfEnd }) => sum + deadSweepCost(shortOfEnd), 0);
  let best: { site: Site; gain: number } | null = null;
  for (const site of sites) {
    if (site.kind !== "behind" && site.kind !== "beyond" && site.members.length === routes.length) {
      let price = 0;
      for (const { short, weight } of site.members) {
        price += deadSweepCost(short) - Math.log(weight);
      }
      if (behind - price > (best?.gain ?? LEAST_EVIDENCE)) {
        best = { site, gain: behind - price };
      }
    }
  }
  const [link] = best ? linksOf(network, best.site, counts) : [];
  if (!link || link.to === input.target) {
    return { source: false, suspects: [] };
  }
  const where = `${link.from ?? "source"} to ${link.to ?? "the silent or unknown hop behind it"}`;
  return {
    source: false,
    suspects: [
      {
        ...link,
        segment: "forward",
        loss_ratio: 1,
        confidence: 0.9,
        reason: `all ${routes.length} flows cross the link ${where}, and ${swept.length} sweeps end before it rather than at the last router.`,
      },
    ],
  };
}
