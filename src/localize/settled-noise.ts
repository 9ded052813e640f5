import type { Hypothesis } from "./hypothesis.ts";
import type { HypothesisSet } from "./hypothesis-set.ts";

/**
 * Shares of probes that may get lost without a fault, the rarer beforehand the larger they are: what is usual on one network
 * is rare on another by an order of magnitude, and little but the flows themselves says where this one stands.
 */
const LEVELS: readonly number[] = [0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.012];

/** Nats, but for a constant, of a level of noise: twice as much is half as likely beforehand. */
const rarity = (level: number): number => Math.log(level);

/**
 * Decides between scattered losses and faults that take a little. An estimate of the noise that leaves out the flows of a supposed
 * fault is too low where there is none, and makes the fault look certain; so each level of noise is tried with those
 * of the hypotheses that still pay for themselves, and the level is kept under which all evidence costs least.
 */
export function settleNoise(
  { hypotheses, cost }: HypothesisSet,
  noise: number,
  made: (noise: number) => HypothesisSet,
): { noise: number; hypotheses: readonly Hypothesis[] } {
  let best = { noise, hypotheses, cost: cost + rarity(noise) };
  if (!hypotheses.some(({ effect }) => effect.kind === "loss")) return best;
  for (const level of LEVELS) {
    const set = made(level);
    for (const hypothesis of hypotheses) set.add(hypothesis);
    withoutDearOnes(set);
    const all = set.cost + rarity(level);
    if (all < best.cost) best = { noise: level, hypotheses: set.hypotheses, cost: all };
  }
  return best;
}

/** Takes out, the dearest first, what costs more than it explains. */
function withoutDearOnes(set: HypothesisSet): void {
  for (;;) {
    let dearest: Hypothesis | null = null;
    let least = set.cost;
    for (const hypothesis of set.hypotheses) {
      const saved = set.save();
      set.remove(hypothesis);
      if (set.cost < least) {
        dearest = hypothesis;
        least = set.cost;
      }
      set.restore(saved);
    }
    if (dearest === null) return;
    set.remove(dearest);
  }
}
