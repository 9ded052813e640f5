import type { Cause } from "./cause.ts";
import type { Counts } from "./counts.ts";
import type { Explanation } from "./explanation.ts";
import type { Network } from "./network.ts";
import type { Search } from "./search.ts";
import type { Site } from "./sites.ts";
import { linksOf } from "./suspect.ts";

/** Nats by which an even chance is missed, and nats that multiply the odds by e: fitted on generated networks. */
const EVEN = 0;
const SLOPE = 2;
const MOST = 0.995;
/** Common part of two places' flows from which on they count as crossed by the same. */
const ALIKE = 0.8;

/** Puts a number on how sure the causes of an explanation are. */
export class Doubt {
  readonly #explanation: Explanation;
  readonly #search: Search;
  readonly #namesOf: (site: Site) => readonly string[];

  constructor(
    explanation: Explanation,
    search: Search,
    network: Network,
    counts: readonly Counts[],
  ) {
    this.#explanation = explanation;
    this.#search = search;
    const names = new Map<Site, readonly string[]>();
    this.#namesOf = (site) => {
      const known =
        names.get(site) ??
        (site.kind === "behind"
          ? []
          : linksOf(network, site, counts).map(({ from, to }) => `${from} ${to}`));
      names.set(site, known);
      return known;
    };
  }

  /**
   * Chance, 0 to 1, that a cause is real: how much dearer the best explanation is that names neither its links nor any
   * place that nearly the same flows cross. The explanation is left as it was.
   */
  *confidenceOf(cause: Cause): Generator<undefined, number> {
    const named = this.#namesOf(cause.site);
    const weights = new Map(cause.site.members.map(({ flow, weight }) => [flow, weight]));
    const banned = (site: Site): boolean =>
      overlap(site, weights) > ALIKE || this.#namesOf(site).some((name) => named.includes(name));
    const saved = this.#explanation.save();
    const best = this.#explanation.price;
    this.#explanation.remove(cause);
    yield* this.#search.improve(this.#explanation, 0, banned);
    const dearer = this.#explanation.price - best;
    this.#explanation.restore(saved);
    return Math.min(MOST, 1 / (1 + Math.exp(-(dearer - EVEN) / SLOPE)));
  }
}

/** Flows that two sites have in common, 0 to 1, by weight. */
function overlap(site: Site, weights: ReadonlyMap<number, number>): number {
  let both = 0;
  let either = 0;
  for (const weight of weights.values()) {
    either += weight;
  }
  for (const { flow, weight } of site.members) {
    const other = weights.get(flow) ?? 0;
    both += Math.min(weight, other);
    either += Math.max(0, weight - other);
  }
  return both / either;
}
