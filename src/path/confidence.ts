import type { Cause } from "./cause.ts";
import type { Counts } from "./counts.ts";
import type { Explanation } from "./explanation.ts";
import type { Network } from "./network.ts";
import type { Search } from "./search.ts";
import type { Site } from "./sites.ts";
import { linksOf, type VisibleLink } from "./suspect.ts";

/** Nats by which an even chance is missed, and nats that multiply the odds by e: fitted on generated networks. */
const EVEN = 0;
const SLOPE = 2;
const MOST = 0.995;

/**
 * Chance, 0 to 1, that a cause is real: how much dearer the best explanation is that names neither its links nor any
 * that the same flows cross. The explanation is left as it was.
 */
export function confidenceOf(
  explanation: Explanation,
  cause: Cause,
  search: Search,
  network: Network,
  counts: readonly Counts[],
): number {
  const named = cause.site.kind === "behind" ? [] : linksOf(network, cause.site, counts);
  const banned = (site: Site): boolean =>
    site.flowsKey === cause.site.flowsKey ||
    (named.length > 0 &&
      site.kind !== "behind" &&
      linksOf(network, site, counts).some((link) => named.some((other) => same(link, other))));
  const saved = explanation.save();
  const best = explanation.price;
  explanation.remove(cause);
  search.improve(explanation, 0, banned);
  const dearer = explanation.price - best;
  explanation.restore(saved);
  return Math.min(MOST, 1 / (1 + Math.exp(-(dearer - EVEN) / SLOPE)));
}

function same(a: VisibleLink, b: VisibleLink): boolean {
  return a.from === b.from && a.to === b.to;
}
