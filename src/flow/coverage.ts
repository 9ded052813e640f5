/**
 * How sure can we be that every equal-cost path is known? The statistics of the Multipath Detection Algorithm
 * (Augustin, Friedman, Teixeira, "Measuring Multipath Routing in the Internet"): every flow picks one of a router's
 * next hops at random, each equally likely, so flows that show nothing new make an unseen next hop unlikely.
 */

/** What is known of one router that several flows pass. */
export interface BranchingPoint {
  /** Different next hops seen behind it, at least 1. */
  readonly nextHops: number;
  /** Flows that were seen to pass it. */
  readonly flows: number;
}

/**
 * Chance, 0 to 1, that no path of a target is left unseen: the product over its branching points (and the last shared
 * one, whose `nextHops` is 1) of the chance that none hides another next hop. A router with k known next hops hides
 * one more from n flows with a chance of at most (k+1)·(k/(k+1))^n. Without any node nothing is known: 0.
 */
export function pathCoverage(nodes: readonly BranchingPoint[]): number {
  if (nodes.length === 0) {
    return 0;
  }
  return nodes.reduce((product, { nextHops: k, flows: n }) => {
    const unseen = Math.min(1, (k + 1) * (k / (k + 1)) ** n);
    return product * (1 - unseen);
  }, 1);
}

/**
 * Flows needed to see all of `width` equally likely next hops with a chance of at least `confidence` (below 1): the
 * n_k of MDA. Exact: {@link missProbability} adds up how many next hops were seen, flow after flow. One next hop needs one flow.
 */
export function flowsNeeded(width: number, confidence: number): number {
  if (width <= 1) {
    return 1;
  }
  const allowed = 1 - confidence;
  let low = width - 1; // too few: one flow shows one next hop
  let high = width;
  while (missProbability(width, high) > allowed) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (missProbability(width, middle) > allowed) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high;
}

/**
 * Chance that at least one of `width` next hops is missed by `flows` flows. The alternating sum of inclusion and
 * exclusion loses all its digits for few flows and a large width, so this follows the
 * distribution of the number of next hops seen so far, flow after flow.
 */
function missProbability(width: number, flows: number): number {
  let seen = new Float64Array(width + 1);
  seen[0] = 1;
  for (let flow = 0; flow < flows; flow++) {
    const next = new Float64Array(width + 1);
    for (let k = 0; k <= width; k++) {
      const chance = seen[k] ?? 0;
      next[k] = (next[k] ?? 0) + (chance * k) / width;
      if (k < width) {
        next[k + 1] = (next[k + 1] ?? 0) + (chance * (width - k)) / width;
      }
    }
    seen = next;
  }
  return 1 - (seen[width] ?? 0);
}
