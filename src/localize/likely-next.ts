import { type Network, SOURCE, TARGET } from "./network.ts";

// Weights of next places relative to a hop that as many flows have been seen to take as others of its kind: 1. A hop that was seen, but
// that no flow takes at present, has half of that. Set by hand on simulated exporters of which routers die shortly after a start (2026-11).
/** Flows that a silent place counts for behind a hop where no flow has shown it. */
const UNSEEN_FLOWS = 0.3;
/** A next hop that this target's flows have not shown: those of others, who have, mostly work, and are explained by themselves where they do not. */
const BORROWED = 0.2;
/** A next hop that nobody has seen, behind a hop from which no flow has been seen to go on. */
const UNSEEN_NEXT = 0.3;
/** A next hop that nobody has seen, where another hop behind the same one has more of them. */
const EXPECTED_NEXT = 0.5;
/** So many flows seen to go on from a hop show all its next hops: of eight one is missed with a chance of 0.04. */
export const ENOUGH_OWN = 24;

/**
 * Next places of a hop, with their chances for a flow. That few healthy flows take a link is no reason to think it unlikely for one that
 * fails, so all known next hops start alike; that many failing ones were traced over it is none to think it likely for one that works.
 * Where the hop is not known to lead to the silent places of its depth it may all the same, and where nothing is known behind it the
 * destination may follow, if it stands at that depth, or else something that was never seen.
 */
export function likelyNext(
  network: Network,
  from: number,
  depth: number,
  works: boolean,
): ReadonlyMap<number, number> {
  const weights = new Map<number, number>();
  const known = works ? network.nextUnbiased(from) : network.next(from);
  const answering = [...known].filter(([to]) => network.answers(to));
  const flows = answering.reduce((sum, [, n]) => sum + n, 0);
  const mean = Math.max(1, flows / Math.max(1, answering.length));
  for (const [to, n] of known) {
    const isBorrowed = !network.isPlaced && network.isBorrowed(from, to);
    const weight = isBorrowed ? BORROWED : (1 + n / mean) / 2;
    weights.set(to, network.answers(to) ? weight : (n + UNSEEN_FLOWS) / mean);
  }
  if (network.answers(from)) {
    for (const { ttls, after } of network.silentAt(depth)) {
      const id = network.silent(from, ttls, after, depth);
      if (after !== from && !weights.has(id)) {
        network.connect(id, after, 0);
        weights.set(id, UNSEEN_FLOWS / mean);
      }
    }
    const unseen = unseenNext(network, from, flows, answering.length);
    if (known.size === 0 && network.endsAt(depth)) {
      weights.set(TARGET, 1);
    } else if (from !== SOURCE && (weights.size === 0 || unseen > 0)) {
      const unknown = network.unknownBehind(from);
      network.connect(unknown, TARGET, 0);
      weights.set(unknown, weights.size === 0 ? 1 : unseen);
    }
  }
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return new Map([...weights].map(([to, weight]) => [to, weight / total]));
}

/**
 * How likely, relative to a next hop that is known, a next hop is that nobody has seen: the more flows have gone on from a hop for each
 * of its next hops, the less. Hops that only other targets' flows have shown are among the next hops, their flows are not among those
 * that have gone on. Where other targets' flows have placed a fault there is no need of any but those that hops beside this one have.
 */
function unseenNext(network: Network, from: number, flows: number, seen: number): number {
  if (seen === 0 || flows >= ENOUGH_OWN || network.next(from).has(TARGET)) return 0;
  if (network.isPlaced) return EXPECTED_NEXT * network.unseenNext(from);
  return UNSEEN_NEXT / (1 + flows / seen);
}
