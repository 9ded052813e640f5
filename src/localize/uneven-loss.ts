import { type Counts, flowsOf } from "./counts.ts";
import type { Hypothesis } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";
import { areMost, crossingOf } from "./own-answers.ts";

/** Shares of the flows that a router or cable between may take, of which the best is compared: those of two to three parallel ways. */
const SHARES: readonly number[] = [0.4, 0.55, 0.7];
/** What loses more of its packets than this is as good as dead. */
const MOST_LOSS = 0.9;

/**
 * Whether it is loss that all flows feel alike, or nearly all: the endpoint, or what they all cross. A lossy router or cable that many of the flows
 * cross looks the same while few probes of each have been counted.
 */
export function isEvenLoss(
  { location, effect }: Hypothesis,
  counts: readonly Pick<Counts, "alike">[],
): boolean {
  if (effect.kind !== "loss" || effect.extent !== "all") return false;
  return location.kind === "behind" || areMost(crossingOf(location, counts), flowsOf(counts));
}

/**
 * What all evidence costs, in nats, if a share of the flows, and not all alike, lost that much: with as many packets lost altogether.
 * The set is left as it was. Infinite where a share would have to lose more than it can.
 */
export function costUnevenly(set: HypothesisSet, even: Hypothesis): number {
  const saved = set.save();
  set.remove(even);
  const bare = set.save();
  let least = Number.POSITIVE_INFINITY;
  for (const share of SHARES) {
    const loss = even.loss / share;
    if (loss > MOST_LOSS) continue;
    set.add({ ...even, effect: { kind: "loss", extent: "share" }, share, loss });
    least = Math.min(least, set.cost);
    set.restore(bare);
  }
  set.restore(saved);
  return least;
}
